// Owning wrappers of the C handles, for tests that go through the shared library.
#pragma once

#include <tessera/tessera.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tessera::test {

inline tsr_str str(std::string_view text) { return {text.data(), text.size()}; }

/// Frees its handle; `out()` is the pointer that a function fills.
template <class T, void (*kFree)(T*) noexcept>
class Owned {
 public:
  Owned() = default;
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() { kFree(handle_); }
  T** out() {
    kFree(std::exchange(handle_, nullptr));
    return &handle_;
  }
  T* get() const { return handle_; }
  T* release() { return std::exchange(handle_, nullptr); }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  T* handle_ = nullptr;
};

using App = Owned<tsr_app, tsr_app_free>;
using Failure = Owned<tsr_error, tsr_error_free>;
using Hardware = Owned<tsr_hwid, tsr_hwid_free>;
using Issuer = Owned<tsr_issuer, tsr_issuer_free>;
using Key = Owned<tsr_key, tsr_key_free>;
using License = Owned<tsr_license, tsr_license_free>;
using Operation = Owned<tsr_op, tsr_op_free>;
using Rows = Owned<tsr_rows, tsr_rows_free>;
using Rowset = Owned<tsr_rowset, tsr_rowset_free>;
using SealedLog = Owned<tsr_sealed_log, tsr_sealed_log_free>;
using SealedReader = Owned<tsr_sealed_reader, tsr_sealed_reader_free>;
using SealedWriter = Owned<tsr_sealed_writer, tsr_sealed_writer_free>;
using Store = Owned<tsr_store, tsr_store_free>;
using Subscription = Owned<tsr_sub, tsr_sub_free>;
using Tx = Owned<tsr_tx, tsr_tx_free>;
using Verdict = Owned<tsr_verdict, tsr_verdict_free>;

class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { tsr_buf_free(&buffer_); }
  tsr_buf* out() {
    tsr_buf_free(&buffer_);
    return &buffer_;
  }
  std::string text() const { return {reinterpret_cast<const char*>(buffer_.data), buffer_.len}; }
  const tsr_buf& get() const { return buffer_; }

 private:
  tsr_buf buffer_{};
};

/// The licence code in the detail of a TSR_E_LICENSE, -1 when there is none.
inline int32_t license_code(const Failure& failure) {
  return nlohmann::json::parse(tsr_error_detail(failure.get())).value("license_code", -1);
}

/// The reason in the detail of a store's error, "" when there is none.
inline std::string reason(const Failure& failure) {
  return nlohmann::json::parse(tsr_error_detail(failure.get())).value("reason", "");
}

/// For steps that a test builds on.
inline void require_ok(tsr_status status, const Failure& failure) {
  if (status != TSR_OK) throw std::runtime_error(tsr_error_text(failure.get()));
}

/// The text that `call(out, err)` makes.
template <class Call>
std::string made_text(Call call) {
  Buffer out;
  Failure failure;
  require_ok(call(out.out(), failure.out()), failure);
  return out.text();
}

inline Verdict check(const License& license) {
  Verdict verdict;
  Failure failure;
  require_ok(tsr_license_check(license.get(), verdict.out(), failure.out()), failure);
  return verdict;
}

inline Verdict refresh(const License& license) {
  Verdict verdict;
  Failure failure;
  require_ok(tsr_license_refresh(license.get(), verdict.out(), failure.out()), failure);
  return verdict;
}

inline std::string request(const License& license) {
  return made_text(
      [&](tsr_buf* out, tsr_error** err) { return tsr_license_request(license.get(), nullptr, out, err); });
}

inline Verdict import(const License& license, std::string_view document) {
  Verdict verdict;
  Failure failure;
  require_ok(
      tsr_license_import(license.get(), document.data(), document.size(), verdict.out(), failure.out()),
      failure);
  return verdict;
}

}  // namespace tessera::test
