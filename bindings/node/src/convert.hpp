// Arguments from JavaScript and results to it: one In for each type that a function of the C ABI takes, one
// Out for each that it gives.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "handle.hpp"
#include "setup.hpp"
#include "tessera/tessera.h"

namespace tessera::node {

/// Borrowed bytes: a pointer and a length of the C ABI as one argument.
struct Bytes {
  const void* data;
  size_t len;
};

/// Result of a meter.
struct Meter {
  int64_t used;
  int64_t limit;
};

/// Bytes that JavaScript gets as a buffer of its own, so that it can wipe them.
struct SecretBuf {
  tsr_buf buf;
};

struct Nothing {};

// --- Values ---

/// Throws the TesseraError that `status` and `error` describe, unless all is well; releases `error`.
void check(Napi::Env env, tsr_status status, tsr_error* error);

/// A whole number from `low` to `high`, given as a number or a bigint.
int64_t integer_in(Napi::Value value, int64_t low, int64_t high);

/// Milliseconds since 1970, undefined for 0.
Napi::Value time_out(Napi::Env env, int64_t epoch_ms);

Napi::Value text_out(Napi::Env env, const char* text);

Napi::Value verdict_out(Napi::Env env, tsr_verdict* owned);

// --- Arguments ---

template <class T>
class In;

/// Text; undefined is absent.
template <>
class In<tsr_str> {
 public:
  explicit In(Napi::Value value);
  tsr_str get() const { return is_absent_ ? tsr_str{nullptr, 0} : tsr_str{text_.data(), text_.size()}; }

 private:
  bool is_absent_;
  std::string text_;
};

/// A string or a Uint8Array, which is borrowed.
template <>
class In<Bytes> {
 public:
  explicit In(Napi::Value value);
  Bytes get() const { return is_text_ ? Bytes{text_.data(), text_.size()} : view_; }

 private:
  bool is_text_;
  std::string text_;
  Bytes view_{};
};

template <std::integral T>
class In<T> {
 public:
  explicit In(Napi::Value value)
      : value_(
            static_cast<T>(integer_in(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()))) {
  }
  T get() const { return value_; }

 private:
  T value_;
};

template <class T>
class In<T*> {
 public:
  explicit In(Napi::Value value) : handle_(unwrap<std::remove_const_t<T>>(value).get()) {}
  T* get() const { return handle_; }

 private:
  T* handle_;
};

// --- Results ---

template <class T>
class Out;

template <>
class Out<tsr_buf> {
 public:
  ~Out() { tsr_buf_free(&buf_); }
  tsr_buf* slot() { return &buf_; }
  Napi::Value take(Napi::Env env) {
    return Napi::String::New(env, reinterpret_cast<const char*>(buf_.data), buf_.len);
  }

 private:
  tsr_buf buf_{};
};

template <>
class Out<SecretBuf> {
 public:
  ~Out() { tsr_buf_free(&secret_.buf); }
  SecretBuf* slot() { return &secret_; }
  Napi::Value take(Napi::Env env) {
    return Napi::Buffer<uint8_t>::Copy(env, secret_.buf.data, secret_.buf.len);
  }

 private:
  SecretBuf secret_{};
};

template <class T>
class Out<T*> {
 public:
  ~Out() { HandleType<T>::free(handle_); }
  T** slot() { return &handle_; }
  Napi::Value take(Napi::Env env) { return wrap(env, std::exchange(handle_, nullptr)); }

 private:
  T* handle_ = nullptr;
};

template <>
inline Napi::Value Out<tsr_verdict*>::take(Napi::Env env) {
  return verdict_out(env, std::exchange(handle_, nullptr));
}

template <>
class Out<Meter> {
 public:
  Meter* slot() { return &meter_; }
  Napi::Value take(Napi::Env env);

 private:
  Meter meter_{};
};

template <>
class Out<Nothing> {
 public:
  Nothing* slot() { return &nothing_; }
  Napi::Value take(Napi::Env env) { return env.Undefined(); }

 private:
  Nothing nothing_;
};

}  // namespace tessera::node
