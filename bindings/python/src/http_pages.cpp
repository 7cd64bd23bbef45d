// tessera.HttpPages: a list that an API spreads over several responses.
#include "handles.hpp"
#include "http_request.hpp"
#include "http_response.hpp"
#include "interruptible.hpp"

namespace tessera::python {
namespace {

struct HttpPages {
  HttpPagesPtr handle;
};

tsr_http_pages* get(const HttpPages& self) { return self.handle.get(); }

/// None when there are no more.
py::object page_or_none(tsr_http_response* owned) {
  return owned == nullptr ? py::object(py::none()) : new_response(owned);
}

py::object take_page(tsr_op* op) {
  tsr_http_response* made = nullptr;
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_http_response(op, &made, err); });
  return page_or_none(made);
}

py::object ask_for_page(const HttpPages& self) {
  if (is_main_thread()) {
    return take_page(
        start_and_wait([&](auto... rest) { return tsr_http_pages_next_async(get(self), rest...); }).get());
  }
  tsr_http_response* made = nullptr;
  run([&](tsr_error** err) { return tsr_http_pages_next(get(self), &made, err); });
  return page_or_none(made);
}

py::object next(const HttpPages& self) {
  py::object page = ask_for_page(self);
  if (page.is_none()) throw py::stop_iteration();
  return page;
}

void close(const HttpPages& self) {
  run([&](tsr_error** err) { return tsr_http_pages_close(get(self), err); });
}

}  // namespace

void define_http_pages(py::module_& module, py::class_<HttpClient>& client) {
  py::class_<HttpPages>(
      module, "HttpPages", py::is_final(),
      "The pages of a list, each an HttpResponse with 2xx: iterate. A page is asked for when it is wanted; "
      "after one that\n"
      "failed, iterating again asks for it again. For one thread.\n"
      "Iterating raises as HttpClient.request(), the error of a status that is not 2xx, ProtocolError (a "
      "page "
      "does not say\n"
      "what it should), LimitError (too many), CancelledError (closed meanwhile), StateError (closed).")
      .def("__iter__", [](py::object self) { return self; })
      .def("__next__", &next)
      .def(
          "_start_next",
          [](const HttpPages& self, Ending done) {
            return start_op(done, &take_page,
                            [&](auto... rest) { return tsr_http_pages_next_async(get(self), rest...); });
          },
          py::arg("done"))
      .def("close", &close, "Ends a call that runs, from any thread. Again is fine. Raises ForkedError.")
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [](const HttpPages& self, const py::args&) { close(self); });
  client.def(
      "_paginate",
      [](const HttpClient& self, const py::object& method, const py::object& url, const py::object& options,
         const Text& config) {
        const HttpRequest request(method.ptr(), url.ptr(), options.ptr());
        return HttpPages{obtain<HttpPagesPtr>([&](tsr_http_pages** out, tsr_error** err) {
          return tsr_http_pages_open(self.handle.get(), request.get(), config.str(), out, err);
        })};
      },
      py::arg("method"), py::arg("url"), py::arg("options"), py::arg("config"));
}

}  // namespace tessera::python
