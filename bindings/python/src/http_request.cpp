#include "http_request.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "handles.hpp"
#include "value.hpp"

namespace tessera::python {
namespace {

constexpr std::string_view kContentType = "Content-Type";
constexpr std::array<const char*, 4> kCaches = {"default", "no_store", "refresh", "only_if_cached"};

template <class... Details>
[[noreturn]] void refuse(PyObject* type, const char* format, Details... details) {
  PyErr_Format(type, format, details...);
  throw py::error_already_set();
}

bool is_content_type(tsr_str name) {
  return name.len == kContentType.size() && strncasecmp(name.data, kContentType.data(), name.len) == 0;
}

template <class T>
T integer_of(PyObject* source, const char* name) {
  const long long value = PyLong_AsLongLong(source);
  if (value == -1 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  if (value < 1 || value > std::numeric_limits<T>::max()) {
    refuse(PyExc_ValueError, "%s must be 1 or more, and not huge", name);
  }
  return static_cast<T>(value);
}

}  // namespace

/// Of what the caller made for the request, which is kept alive.
template <class T>
auto* HttpRequest::handle_of(PyObject* source, const char* refusal) {
  if (!py::isinstance<T>(source)) refuse(PyExc_TypeError, "%s", refusal);
  kept_.push_back(py::reinterpret_borrow<py::object>(source));
  return py::cast<const T&>(py::handle(source)).handle.get();
}

struct HttpRequest::Option {
  const char* name;
  void (HttpRequest::*read)(PyObject*);
};

const HttpRequest::Option HttpRequest::kOptions[] = {
    {"query", &HttpRequest::read_query},
    {"headers", &HttpRequest::read_headers},
    {"json", &HttpRequest::read_json},
    {"data", &HttpRequest::read_data},
    {"timeout", &HttpRequest::read_timeout},
    {"attempt_timeout", &HttpRequest::read_attempt_timeout},
    {"max_attempts", &HttpRequest::read_max_attempts},
    {"cache", &HttpRequest::read_cache},
    {"max_age", &HttpRequest::read_max_age},
    {"idempotency_key", &HttpRequest::read_idempotency_key},
    {"partition", &HttpRequest::read_partition},
    {"background", &HttpRequest::read_background},
    {"skip_auth", &HttpRequest::read_skip_auth},
    {"skip_breaker", &HttpRequest::read_skip_breaker},
    {"trace", &HttpRequest::read_trace},
    {"follow_redirects", &HttpRequest::read_follow_redirects},
    {"max_body_bytes", &HttpRequest::read_max_body_bytes},
    {"upload", &HttpRequest::read_upload},
    {"form", &HttpRequest::read_form},
};

HttpRequest::HttpRequest(PyObject* method, PyObject* url, PyObject* options) {
  tsr_http_request_init(&request_, sizeof request_);
  request_.method = text_of(method, "method");
  request_.url = text_of(url, "url");
  if (options != nullptr && options != Py_None) {
    if (!PyDict_Check(options)) refuse(PyExc_TypeError, "options must be a dict");
    Py_ssize_t position = 0;
    PyObject* name = nullptr;
    PyObject* value = nullptr;
    while (PyDict_Next(options, &position, &name, &value) != 0) read_option(name, value);
  }
  add_content_type();
  request_.query = query_.data();
  request_.query_count = query_.size();
  request_.headers = headers_.data();
  request_.header_count = headers_.size();
  if (body_) {
    request_.body = body_->data();
    request_.body_len = body_->size();
  }
}

void HttpRequest::read_option(PyObject* name, PyObject* value) {
  for (const Option& option : kOptions) {
    if (PyUnicode_CompareWithASCIIString(name, option.name) != 0) continue;
    if (value != Py_None) (this->*option.read)(value);
    return;
  }
  refuse(PyExc_TypeError, "unexpected keyword argument '%U'", name);
}

template <class Take>
void HttpRequest::each_pair(PyObject* source, const char* what, Take&& take) {
  if (PyDict_CheckExact(source)) {
    Py_ssize_t position = 0;
    PyObject* name = nullptr;
    PyObject* value = nullptr;
    while (PyDict_Next(source, &position, &name, &value) != 0) {
      kept_.push_back(py::reinterpret_borrow<py::object>(name));
      kept_.push_back(py::reinterpret_borrow<py::object>(value));
      take(text_of(name, what), value);
    }
    return;
  }
  const bool is_mapping = PyObject_HasAttrString(source, "items") != 0;
  const py::object items =
      is_mapping ? py::handle(source).attr("items")() : py::reinterpret_borrow<py::object>(source);
  const py::list pairs(items);
  kept_.push_back(pairs);
  for (const py::handle pair : pairs) {
    const py::tuple both(py::reinterpret_borrow<py::object>(pair));
    if (both.size() != 2) refuse(PyExc_ValueError, "%s must hold pairs of a name and a value", what);
    kept_.push_back(both);
    take(text_of(PyTuple_GET_ITEM(both.ptr(), 0), what), PyTuple_GET_ITEM(both.ptr(), 1));
  }
}

tsr_str HttpRequest::keep_str(py::object text, const char* what) {
  kept_.push_back(std::move(text));
  return text_of(kept_.back().ptr(), what);
}

void HttpRequest::add_query(tsr_str name, PyObject* value) {
  if (value == Py_None) return;
  if (PyUnicode_Check(value)) {
    query_.push_back({name, text_of(value, "query")});
  } else if (PyBool_Check(value)) {
    query_.push_back({name, borrow(value == Py_True ? "true" : "false")});
  } else if (PyLong_Check(value) || PyFloat_Check(value)) {
    query_.push_back({name, keep_str(py::str(py::handle(value)), "query")});
  } else if (PyList_Check(value) || PyTuple_Check(value)) {
    const py::tuple entries(py::reinterpret_borrow<py::object>(value));
    kept_.push_back(entries);
    for (const py::handle entry : entries) {
      if (PyList_Check(entry.ptr()) || PyTuple_Check(entry.ptr())) {
        refuse(PyExc_TypeError, "a value in query must not hold a list in a list");
      }
      add_query(name, entry.ptr());
    }
  } else {
    refuse(PyExc_TypeError,
           "a value in query must be a str, int, float, bool, None or a list of those, not %s",
           Py_TYPE(value)->tp_name);
  }
}

void HttpRequest::read_query(PyObject* source) {
  each_pair(source, "query", [this](tsr_str name, PyObject* value) { add_query(name, value); });
}

void HttpRequest::read_headers(PyObject* source) {
  each_pair(source, "headers",
            [this](tsr_str name, PyObject* value) { headers_.push_back({name, text_of(value, "headers")}); });
}

void HttpRequest::take_body() {
  if (std::exchange(has_body_, true)) refuse(PyExc_TypeError, "give only one of json or data, form, upload");
}

void HttpRequest::set_body(Text body, std::string_view content_type) {
  take_body();
  body_.emplace(std::move(body));
  content_type_ = content_type;
}

void HttpRequest::read_json(PyObject* source) {
  Text body;
  body.read(from_python("tessera._http_values", "json_body")(py::handle(source)));
  set_body(std::move(body), "application/json");
}

void HttpRequest::read_data(PyObject* source) {
  Text body;
  if (body.read(source)) {
    set_body(std::move(body), {});
    return;
  }
  body.read(from_python("tessera._http_values", "form_body")(py::handle(source)));
  set_body(std::move(body), "application/x-www-form-urlencoded");
}

/// Unless the caller said otherwise.
void HttpRequest::add_content_type() {
  if (content_type_.empty()) return;
  const auto says = [](const tsr_pair& header) { return is_content_type(header.name); };
  if (std::any_of(headers_.begin(), headers_.end(), says)) return;
  headers_.push_back({borrow(kContentType), borrow(content_type_)});
}

void HttpRequest::read_timeout(PyObject* source) { request_.total_ms = timeout_ms_of(source); }

void HttpRequest::read_attempt_timeout(PyObject* source) { request_.attempt_ms = timeout_ms_of(source); }

void HttpRequest::read_max_attempts(PyObject* source) {
  request_.max_attempts = integer_of<int32_t>(source, "max_attempts");
}

void HttpRequest::read_cache(PyObject* source) {
  for (size_t i = 0; i < kCaches.size(); ++i) {
    if (!PyUnicode_Check(source) || PyUnicode_CompareWithASCIIString(source, kCaches[i]) != 0) continue;
    request_.cache = static_cast<int32_t>(i);
    return;
  }
  refuse(PyExc_ValueError,
         "cache must be \"default\", \"no_store\", \"refresh\" or \"only_if_cached\", not %R", source);
}

void HttpRequest::read_max_age(PyObject* source) {
  const double seconds = PyFloat_AsDouble(source);
  if (seconds == -1.0 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  constexpr double kMost = std::numeric_limits<int32_t>::max();
  if (!(seconds >= 1) || seconds > kMost) {
    refuse(PyExc_ValueError, "max_age must be 1 second or more; cache=\"refresh\" takes none from the cache");
  }
  request_.max_age_s = static_cast<int64_t>(std::floor(seconds));
}

void HttpRequest::read_idempotency_key(PyObject* source) {
  request_.idempotency_key = text_of(source, "idempotency_key");
}

void HttpRequest::read_partition(PyObject* source) {
  request_.cache_partition = text_of(source, "partition");
}

void HttpRequest::set_flag(uint32_t flag, PyObject* source) {
  const int is_set = PyObject_IsTrue(source);
  if (is_set < 0) throw py::error_already_set();
  if (is_set > 0) request_.flags |= flag;
}

void HttpRequest::read_background(PyObject* source) { set_flag(TSR_HTTP_BACKGROUND, source); }

void HttpRequest::read_skip_auth(PyObject* source) { set_flag(TSR_HTTP_SKIP_AUTH, source); }

void HttpRequest::read_skip_breaker(PyObject* source) { set_flag(TSR_HTTP_SKIP_BREAKER, source); }

void HttpRequest::read_trace(PyObject* source) { set_flag(TSR_HTTP_TRACE, source); }

void HttpRequest::read_follow_redirects(PyObject* source) {
  if (source == Py_True) return;
  const bool is_none = source == Py_False || (PyLong_Check(source) && PyObject_IsTrue(source) == 0);
  request_.max_redirects = is_none ? -1 : integer_of<int32_t>(source, "follow_redirects");
}

void HttpRequest::read_max_body_bytes(PyObject* source) {
  request_.max_body_bytes = integer_of<int64_t>(source, "max_body_bytes");
}

void HttpRequest::read_upload(PyObject* source) {
  take_body();
  request_.upload = handle_of<HttpUpload>(source, "upload must be an HttpUpload");
}

void HttpRequest::read_form(PyObject* source) {
  take_body();
  request_.form = handle_of<HttpForm>(source, "form must be an HttpForm");
}

}  // namespace tessera::python
