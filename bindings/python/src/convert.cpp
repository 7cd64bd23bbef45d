#include "convert.hpp"

#include <algorithm>
#include <limits>

namespace tessera::python {

bool Text::read(py::handle source) {
  if (PyUnicode_Check(source.ptr())) {
    Py_ssize_t length = 0;
    const char* const utf8 = PyUnicode_AsUTF8AndSize(source.ptr(), &length);
    if (utf8 == nullptr) throw py::error_already_set();
    text_ = py::reinterpret_borrow<py::object>(source);
    view_ = {utf8, static_cast<size_t>(length)};
    return true;
  }
  if (!PyObject_CheckBuffer(source.ptr())) return false;
  if (PyObject_GetBuffer(source.ptr(), &buffer_, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  if (buffer_.len > 0) view_ = {static_cast<const char*>(buffer_.buf), static_cast<size_t>(buffer_.len)};
  return true;
}

namespace {

[[noreturn]] void raise_made(tsr_status status, const char* text, const char* domain, bool is_retryable,
                             const char* detail) {
  const py::object error =
      from_python("tessera._errors", "from_status")(status, text, domain, is_retryable, detail);
  PyErr_SetObject(py::type::handle_of(error).ptr(), error.ptr());
  throw py::error_already_set();
}

}  // namespace

void Failure::raise(tsr_status status) const {
  // An expected outcome comes without an object.
  const char* const text = error_ != nullptr ? tsr_error_text(error_) : tsr_status_name(status);
  raise_made(status, text, tsr_error_domain(error_), tsr_error_retryable(error_) != 0,
             tsr_error_detail(error_));
}

void raise_error(tsr_status status, const char* domain, const char* text) {
  raise_made(status, text, domain, false, "{}");
}

py::object Buffer::json() const { return py::module_::import("json").attr("loads")(str()); }

py::object from_python(const char* module, const char* name) {
  return py::module_::import(module).attr(name);
}

uint32_t to_timeout_ms(double seconds) {
  constexpr double kLongest = std::numeric_limits<uint32_t>::max();
  if (!(seconds >= 0)) throw py::value_error("timeout is negative or not a number; give seconds");
  return static_cast<uint32_t>(std::min(seconds * 1000, kLongest));
}

}  // namespace tessera::python
