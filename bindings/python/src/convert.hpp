// Between the C types of Tessera and Python's: text, bytes, time, errors, results.
#pragma once

#include <pybind11/pybind11.h>
#include <tessera/tessera.h>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "gil.hpp"

namespace tessera::python {

namespace py = pybind11;

using LicensePtr = std::unique_ptr<tsr_license, Free<&tsr_license_free>>;
using AppPtr = std::unique_ptr<tsr_app, Free<&tsr_app_free>>;
using HwidPtr = std::unique_ptr<tsr_hwid, Free<&tsr_hwid_free>>;
using KeyPtr = std::unique_ptr<tsr_key, Free<&tsr_key_free>>;
using IssuerPtr = std::unique_ptr<tsr_issuer, Free<&tsr_issuer_free>>;
using SubPtr = std::unique_ptr<tsr_sub, Free<&tsr_sub_free>>;
using StorePtr = std::unique_ptr<tsr_store, Free<&tsr_store_free>>;
using TxPtr = std::unique_ptr<tsr_tx, Free<&tsr_tx_free>>;
using RowsetPtr = std::unique_ptr<tsr_rowset, Free<&tsr_rowset_free>>;
struct FreeOp {  // which never waits
  void operator()(tsr_op* op) const noexcept { tsr_op_free(op); }
};
using OpPtr = std::unique_ptr<tsr_op, FreeOp>;

/// A str, as UTF-8, or the bytes of anything with the buffer protocol; borrowed from the caller's object.
class Text {
 public:
  Text() = default;
  Text(Text&& other) noexcept
      : view_(other.view_), text_(std::move(other.text_)), buffer_(std::exchange(other.buffer_, {})) {}
  Text& operator=(Text&& other) noexcept {
    std::swap(view_, other.view_);
    std::swap(text_, other.text_);
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~Text() {
    if (buffer_.obj != nullptr) PyBuffer_Release(&buffer_);
  }

  /// False when `source` is neither; throws Python's error when it can't be read.
  bool read(py::handle source);

  const char* data() const { return view_.data(); }
  size_t size() const { return view_.size(); }
  tsr_str str() const { return {view_.data(), view_.size()}; }

 private:
  std::string_view view_{""};
  py::object text_;
  Py_buffer buffer_{};
};

inline tsr_str borrow(std::string_view text) { return {text.data(), text.size()}; }
inline tsr_str borrow_if_any(const std::optional<Text>& text) {
  return text ? text->str() : tsr_str{nullptr, 0};
}

/// The error of a failed call, on its way to tessera.Error.
class Failure {
 public:
  Failure() = default;
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
  ~Failure() { tsr_error_free(error_); }
  tsr_error** out() { return &error_; }
  [[noreturn]] void raise(tsr_status status) const;

 private:
  tsr_error* error_ = nullptr;
};

/// tessera.Error for what the binding itself finds.
[[noreturn]] void raise_error(tsr_status status, const char* domain, const char* text);

/// Bytes that the SDK handed out.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { tsr_buf_free(&buf_); }
  tsr_buf* out() { return &buf_; }
  py::str str() const { return {chars(), buf_.len}; }
  py::bytes bytes() const { return {chars(), buf_.len}; }
  /// What the JSON text says, as Python objects.
  py::object json() const;

 private:
  const char* chars() const { return buf_.data == nullptr ? "" : reinterpret_cast<const char*>(buf_.data); }
  tsr_buf buf_{};
};

/// Runs `call(tsr_error**)`; throws tessera.Error.
template <Lock kLock = Lock::kReleased, class Call>
void run(Call&& call) {
  Failure failure;
  const tsr_status status = call_sdk<kLock>([&] { return call(failure.out()); });
  if (status != TSR_OK) failure.raise(status);
}

/// The same for what may not be there: false for TSR_E_NOT_FOUND.
template <class Call>
bool found(Call&& call) {
  Failure failure;
  const tsr_status status = call_sdk<Lock::kReleased>([&] { return call(failure.out()); });
  if (status != TSR_OK && status != TSR_E_NOT_FOUND) failure.raise(status);
  return status == TSR_OK;
}

/// Runs `call(T**, tsr_error**)` and gives the handle.
template <class Ptr, Lock kLock = Lock::kReleased, class Call>
Ptr obtain(Call&& call) {
  typename Ptr::pointer made = nullptr;
  run<kLock>([&](tsr_error** err) { return call(&made, err); });
  return Ptr(made);
}

/// Runs `call(tsr_buf*, tsr_error**)`.
template <Lock kLock = Lock::kReleased, class Call>
py::str obtain_str(Call&& call) {
  Buffer buffer;
  run<kLock>([&](tsr_error** err) { return call(buffer.out(), err); });
  return buffer.str();
}
template <class Call>
py::bytes obtain_bytes(Call&& call) {
  Buffer buffer;
  run([&](tsr_error** err) { return call(buffer.out(), err); });
  return buffer.bytes();
}
template <class Call>
py::object obtain_json(Call&& call) {
  Buffer buffer;
  run([&](tsr_error** err) { return call(buffer.out(), err); });
  return buffer.json();
}

/// A member of the package's Python half.
py::object from_python(const char* module, const char* name);

inline py::object license_code(tsr_license_code code) {
  return from_python("tessera._codes", "LicenseCode")(code);
}

/// An aware datetime, None for 0.
inline py::object moment(int64_t epoch_ms) { return from_python("tessera._values", "moment")(epoch_ms); }

inline py::object meter_reading(int64_t used, int64_t limit) {
  return from_python("tessera._values", "MeterReading")(used, limit);
}

/// Seconds, as Python gives time-outs, for the C ABI.
uint32_t to_timeout_ms(double seconds);

}  // namespace tessera::python

template <>
struct pybind11::detail::type_caster<tessera::python::Text> {
  PYBIND11_TYPE_CASTER(tessera::python::Text, const_name("str | collections.abc.Buffer"));
  bool load(handle source, bool) { return value.read(source); }
};
