// The response of an API client as Python sees it.
#pragma once

#include "handles.hpp"

namespace tessera::python {

/// Freed in place: its release waits for nothing.
struct HttpResponse {
  explicit HttpResponse(tsr_http_response* owned) : handle(owned) {}
  struct Release {
    void operator()(tsr_http_response* response) const noexcept { tsr_http_response_free(response); }
  };
  std::unique_ptr<tsr_http_response, Release> handle;
  // Made when somebody asks.
  py::object headers;
  py::object content;
};

/// As text; what is no UTF-8 is replaced.
py::object lenient_text(tsr_str text);
/// A tessera.HttpHeaders.
py::object new_headers(const tsr_pair* fields, size_t count);

py::object new_response(tsr_http_response* owned);
py::object take_http_response(tsr_op* op);

void define_http_response(py::module_& module);

}  // namespace tessera::python
