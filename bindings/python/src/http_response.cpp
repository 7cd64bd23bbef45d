// tessera.HttpResponse
#include "http_response.hpp"

#include <cctype>
#include <string>

namespace tessera::python {
namespace {

constexpr double kMicrosecondsPerSecond = 1e6;

const tsr_http_response* get(const HttpResponse& self) { return self.handle.get(); }

std::string_view view(tsr_str text) {
  return text.data == nullptr ? std::string_view("") : std::string_view(text.data, text.len);
}

std::string_view body_of(const HttpResponse& self) {
  size_t size = 0;
  const uint8_t* const data = tsr_http_response_body(get(self), &size);
  return data == nullptr ? std::string_view("") : std::string_view(reinterpret_cast<const char*>(data), size);
}

py::object owned(PyObject* made) {
  if (made == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(made);
}

py::object decode(std::string_view bytes, const char* errors) {
  return owned(PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), errors));
}

/// UTF-8, else what RFC 9110 calls obs-text.
py::object header_text(tsr_str value) {
  PyObject* const text = PyUnicode_DecodeUTF8(value.data, static_cast<Py_ssize_t>(value.len), nullptr);
  if (text != nullptr) return py::reinterpret_steal<py::object>(text);
  PyErr_Clear();
  return owned(PyUnicode_DecodeLatin1(value.data, static_cast<Py_ssize_t>(value.len), nullptr));
}

py::object headers(HttpResponse& self) {
  if (self.headers) return self.headers;
  size_t count = 0;
  const tsr_pair* const fields = tsr_http_response_headers(get(self), &count);
  self.headers = new_headers(fields, count);
  return self.headers;
}

py::object content(HttpResponse& self) {
  if (!self.content) {
    const std::string_view body = body_of(self);
    self.content = py::bytes(body.data(), body.size());
  }
  return self.content;
}

/// The charset of a content type; "" when it says none.
std::string charset_of(std::string_view type) {
  constexpr std::string_view kName = "charset=";
  std::string lower(type);
  for (char& letter : lower) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  const size_t found = lower.find(kName);
  if (found == std::string::npos) return "";
  std::string charset = lower.substr(found + kName.size());
  charset.resize(std::min(charset.find(';'), charset.size()));
  std::erase_if(charset, [](char letter) { return letter == '"' || letter == ' '; });
  return charset;
}

py::object text(const HttpResponse& self) {
  const std::string_view body = body_of(self);
  const std::string charset = charset_of(view(tsr_http_response_header(get(self), borrow("content-type"))));
  if (!charset.empty() && charset != "utf-8") {
    PyObject* const decoded =
        PyUnicode_Decode(body.data(), static_cast<Py_ssize_t>(body.size()), charset.c_str(), "replace");
    if (decoded != nullptr) return py::reinterpret_steal<py::object>(decoded);
    if (PyErr_ExceptionMatches(PyExc_LookupError) == 0) throw py::error_already_set();
    PyErr_Clear();  // nobody knows such a charset
  }
  return decode(body, "replace");
}

py::object json(const HttpResponse& self) {
  return from_python("json", "loads")(decode(body_of(self), nullptr));
}

const char* http_version(const HttpResponse& self) {
  switch (tsr_http_response_version(get(self))) {
    case 10:
      return "HTTP/1.0";
    case 20:
      return "HTTP/2";
    default:
      return "HTTP/1.1";
  }
}

py::object timings(const HttpResponse& self) {
  const auto at = [&self](int32_t what) -> py::object {
    const int64_t time_us = tsr_http_response_time_us(get(self), what);
    if (time_us == 0) return py::none();
    return py::float_(static_cast<double>(time_us) / kMicrosecondsPerSecond);
  };
  return from_python("tessera._http_values", "HttpTimings")(at(TSR_HTTP_RESOLVED), at(TSR_HTTP_CONNECTED),
                                                            at(TSR_HTTP_SECURED), at(TSR_HTTP_SENT),
                                                            at(TSR_HTTP_FIRST_BYTE), at(TSR_HTTP_ENDED));
}

py::list trace(const HttpResponse& self) {
  const py::object event = from_python("tessera._http_values", "HttpTrace");
  size_t count = 0;
  const tsr_http_trace* const events = tsr_http_response_trace(get(self), &count);
  py::list all(count);
  for (size_t i = 0; i < count; ++i) {
    all[i] = event(static_cast<double>(events[i].at_us) / kMicrosecondsPerSecond,
                   lenient_text(events[i].stage), lenient_text(events[i].text));
  }
  return all;
}

py::object problem(const HttpResponse& self) {
  tsr_http_problem found;
  if (tsr_http_response_problem(get(self), &found) == 0) return py::none();
  const auto member = [](tsr_str value) -> py::object {
    if (value.data == nullptr) return py::none();
    return lenient_text(value);
  };
  const std::string_view extensions = view(found.extensions_json);
  return from_python("tessera._http_values", "HttpProblem")(
      member(found.type), member(found.title), member(found.detail), member(found.instance),
      found.status == 0 ? py::object(py::none()) : py::int_(found.status),
      from_python("json", "loads")(decode(extensions.empty() ? "{}" : extensions, nullptr)));
}

bool is_ok(const HttpResponse& self) {
  constexpr int32_t kFirstError = 400;
  return tsr_http_response_status(get(self)) < kFirstError;
}

py::object raise_for_status(py::object self) {
  if (is_ok(self.cast<const HttpResponse&>())) return self;
  const py::object error = from_python("tessera._http_values", "status_error")(self);
  PyErr_SetObject(py::type::handle_of(error).ptr(), error.ptr());
  throw py::error_already_set();
}

}  // namespace

py::object lenient_text(tsr_str text) { return decode(view(text), "replace"); }

py::object new_headers(const tsr_pair* fields, size_t count) {
  py::list pairs(count);
  for (size_t i = 0; i < count; ++i) {
    pairs[i] = py::make_tuple(header_text(fields[i].name), header_text(fields[i].value));
  }
  return from_python("tessera._http_values", "HttpHeaders")(pairs);
}

py::object new_response(tsr_http_response* owned) { return py::cast(HttpResponse(owned)); }

py::object take_http_response(tsr_op* op) {
  tsr_http_response* made = nullptr;
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_http_response(op, &made, err); });
  return new_response(made);
}

void define_http_response(py::module_& module) {
  py::class_<HttpResponse>(
      module, "HttpResponse", py::buffer_protocol(), py::is_final(),
      "What a request got, whatever its status: a memoryview() of it is the body without a copy. Immutable.")
      .def_buffer([](HttpResponse& self) {
        const std::string_view body = body_of(self);
        return py::buffer_info(reinterpret_cast<const uint8_t*>(body.data()),
                               static_cast<py::ssize_t>(body.size()), true);
      })
      .def_property_readonly(
          "status", [](const HttpResponse& self) { return tsr_http_response_status(get(self)); },
          "Status code, such as 200.")
      .def_property_readonly("ok", &is_ok, "Whether the status is below 400.")
      .def_property_readonly("headers", &headers, "The header fields; names compare without case.")
      .def_property_readonly("content", &content, "The body, decoded.")
      .def_property_readonly(
          "text", &text,
          "The body as text, in the charset that Content-Type names, else UTF-8; what does "
          "not decode is\nreplaced.")
      .def("json", &json, "What the body's JSON says. Raises ValueError.")
      .def_property_readonly(
          "url", [](const HttpResponse& self) { return lenient_text(tsr_http_response_url(get(self))); },
          "Where it came from, after redirects.")
      .def_property_readonly("http_version", &http_version, "\"HTTP/1.1\" or \"HTTP/2\".")
      .def_property_readonly(
          "from_cache", [](const HttpResponse& self) { return tsr_http_response_from_cache(get(self)) != 0; },
          "Whether the cache answered.")
      .def_property_readonly(
          "attempts", [](const HttpResponse& self) { return tsr_http_response_attempts(get(self)); },
          "How often the request was sent; 0 from the cache.")
      .def_property_readonly("timings", &timings, "When what had happened in the last attempt.")
      .def_property_readonly("trace", &trace, "What each policy did, of a request with trace=True.")
      .def_property_readonly("problem", &problem,
                             "The error that the server describes (RFC 9457), None when it describes none.")
      .def("raise_for_status", &raise_for_status,
           "Raises HttpStatusError when the status is 400 or more; else gives the response itself.")
      .def("__repr__", [](const HttpResponse& self) {
        return "<tessera.HttpResponse " + std::to_string(tsr_http_response_status(get(self))) + ">";
      });
}

}  // namespace tessera::python
