// Arguments from JavaScript and results to it: one In for each type that a function of the C ABI takes, one
// Out for each that it gives.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "handle.hpp"
#include "setup.hpp"
#include "tessera/tessera.h"
#include "values.hpp"

namespace tessera::node {

/// Borrowed bytes: a pointer and a length of the C ABI as one argument.
struct Bytes {
  const void* data;
  size_t len;
};
/// The same, absent for undefined or null.
struct OptionalBytes : Bytes {};
/// The same, absent for undefined; a copy of the library's is wiped.
struct SecretBytes : Bytes {};

/// Result of a meter.
struct Meter {
  int64_t used;
  int64_t limit;
};

/// Bytes that JavaScript gets as a buffer of its own, so that it can wipe them.
struct SecretBuf {
  tsr_buf buf;
};

/// Bytes that JavaScript gets as a Uint8Array.
struct BytesBuf {
  tsr_buf buf;
};

/// What a statement changed.
struct Changes {
  int64_t count;
  int64_t row_id;
};

struct Nothing {};

/// The largest whole number that a number holds exactly, and everything between it and its negative.
inline constexpr int64_t kMaxExact = (int64_t{1} << 53) - 1;
inline bool is_exact(int64_t integer) { return integer >= -kMaxExact && integer <= kMaxExact; }

// --- Values ---

/// Throws the TesseraError that `status` and `error` describe, unless all is well; releases `error`.
void check(Napi::Env env, tsr_status status, tsr_error* error);

/// A whole number from `low` to `high`, given as a number or a bigint.
int64_t integer_in(Napi::Value value, int64_t low, int64_t high);

/// Milliseconds since 1970, undefined for 0.
Napi::Value time_out(Napi::Env env, int64_t epoch_ms);

Napi::Value text_out(Napi::Env env, const char* text);

/// A copy as Uint8Array.
Napi::Value bytes_out(Napi::Env env, const uint8_t* data, size_t size);

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

/// Text that is wiped afterwards; undefined is absent.
class SecretText {
 public:
  explicit SecretText(Napi::Value value);
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText();
  const char* data() const { return text_.get(); }
  size_t size() const { return size_; }

 private:
  size_t size_ = 0;
  std::unique_ptr<char[]> text_;
};

template <>
class In<SecretBytes> {
 public:
  explicit In(Napi::Value value);
  SecretBytes get() const { return {view_}; }

 private:
  SecretText text_;
  Bytes view_{};
};

template <>
class In<OptionalBytes> {
 public:
  explicit In(Napi::Value value) {
    if (value.IsUndefined() || value.IsNull()) return;
    given_.emplace(value);
  }
  OptionalBytes get() const {
    if (!given_.has_value()) return {};
    const Bytes bytes = given_->get();
    return {{bytes.data != nullptr ? bytes.data : "", bytes.len}};  // empty is not absent
  }

 private:
  std::optional<In<Bytes>> given_;
};

/// {passphrase, appKey, recoveryKey}; undefined is none.
template <>
class In<const tsr_store_secrets*> {
 public:
  explicit In(Napi::Value value);
  const tsr_store_secrets* get() const { return &secrets_; }

 private:
  In<SecretBytes> passphrase_;
  In<SecretBytes> app_key_;
  SecretText recovery_key_;
  tsr_store_secrets secrets_;
};

/// Parameters by position or by name.
template <>
class In<const Parameters&> {
 public:
  explicit In(Napi::Value value) : parameters_(value) {}
  const Parameters& get() const { return parameters_; }

 private:
  Parameters parameters_;
};

/// One value.
template <>
class In<const tsr_value*> {
 public:
  explicit In(Napi::Value value);
  const tsr_value* get() const { return values_.data(); }

 private:
  Values values_;
};

template <>
class In<bool> {
 public:
  explicit In(Napi::Value value) : flag_(value.ToBoolean()) {}
  bool get() const { return flag_; }

 private:
  bool flag_;
};

template <std::integral T>
class In<T> {
 public:
  explicit In(Napi::Value value)
      : value_(static_cast<T>(
            integer_in(value, static_cast<int64_t>(std::numeric_limits<T>::min()), kLargest))) {}
  T get() const { return value_; }

 private:
  static constexpr int64_t kLargest = std::in_range<int64_t>(std::numeric_limits<T>::max())
                                          ? static_cast<int64_t>(std::numeric_limits<T>::max())
                                          : std::numeric_limits<int64_t>::max();
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

template <>
class Out<BytesBuf> {
 public:
  ~Out() { tsr_buf_free(&bytes_.buf); }
  BytesBuf* slot() { return &bytes_; }
  Napi::Value take(Napi::Env env) { return bytes_out(env, bytes_.buf.data, bytes_.buf.len); }

 private:
  BytesBuf bytes_{};
};

template <>
class Out<bool> {
 public:
  bool* slot() { return &flag_; }
  Napi::Value take(Napi::Env env) const { return Napi::Boolean::New(env, flag_); }

 private:
  bool flag_ = false;
};

/// A handle; undefined when there is none.
template <class T>
class Out<T*> {
 public:
  ~Out() { HandleType<T>::free(handle_); }
  T** slot() { return &handle_; }
  Napi::Value take(Napi::Env env) {
    return handle_ == nullptr ? env.Undefined() : wrap(env, std::exchange(handle_, nullptr));
  }

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

/// {changes, rowId}
template <>
class Out<Changes> {
 public:
  Changes* slot() { return &changes_; }
  Napi::Value take(Napi::Env env);

 private:
  Changes changes_{};
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
