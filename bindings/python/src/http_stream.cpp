// tessera.HttpStream: a response whose body is read at its reader's pace.
#include <limits>

#include "handles.hpp"
#include "http_request.hpp"
#include "http_response.hpp"
#include "interruptible.hpp"

namespace tessera::python {
namespace {

constexpr size_t kPieceBytes = 65'536;

struct HttpStream {
  HttpStreamPtr handle;
};

tsr_http_stream* get(const HttpStream& self) { return self.handle.get(); }

void close(const HttpStream& self) {
  run([&](tsr_error** err) { return tsr_http_stream_close(get(self), err); });
}

py::object take_stream(tsr_op* op) {
  return py::cast(HttpStream{obtain<HttpStreamPtr, Lock::kKept>(
      [&](tsr_http_stream** out, tsr_error** err) { return tsr_op_http_stream(op, out, err); })});
}

py::object open(const HttpClient& self, const py::object& method, const py::object& url,
                const py::object& options) {
  const HttpRequest request(method.ptr(), url.ptr(), options.ptr());
  tsr_http* const http = self.handle.get();
  if (is_main_thread()) {
    return take_stream(start_and_wait([&](auto... rest) {
                         return tsr_http_stream_open_async(http, request.get(), rest...);
                       }).get());
  }
  return py::cast(HttpStream{obtain<HttpStreamPtr>([&](tsr_http_stream** out, tsr_error** err) {
    return tsr_http_stream_open(http, request.get(), out, err);
  })});
}

/// What it would have read is lost when a signal ends the wait: who goes on must hear of it.
py::object read_interruptibly(const HttpStream& self, size_t size) {
  const auto op = obtain<OpPtr, Lock::kKept>([&](tsr_op** out, tsr_error** err) {
    return tsr_http_stream_read_async(get(self), size, nullptr, nullptr, nullptr, out, err);
  });
  try {
    wait_interruptibly(op.get());
  } catch (py::error_already_set&) {
    call_sdk<Lock::kReleased>([&] { return tsr_http_stream_close(get(self), nullptr); });
    throw;
  }
  return take_buffer(op.get());
}

py::object read(const HttpStream& self, size_t size) {
  if (is_main_thread()) return read_interruptibly(self, size);
  return obtain_bytes([&](tsr_buf* out, tsr_error** err) {
    return tsr_http_stream_read(get(self), size, std::numeric_limits<uint32_t>::max(), out, err);
  });
}

py::object next(const HttpStream& self) {
  py::object piece = read(self, kPieceBytes);
  if (PyBytes_GET_SIZE(piece.ptr()) == 0) throw py::stop_iteration();
  return piece;
}

}  // namespace

void define_http_stream(py::module_& module, py::class_<HttpClient>& client) {
  py::class_<HttpStream>(
      module, "HttpStream", py::is_final(),
      "A response whose body is read at its reader's pace: iterate, or read(). At most 256 "
      "KiB wait for the\n"
      "reader. For one thread; use it in a `with`.")
      .def_property_readonly(
          "head",
          [](const HttpStream& self) {
            tsr_http_response* made = nullptr;
            run<Lock::kKept>([&](tsr_error** err) { return tsr_http_stream_head(get(self), &made, err); });
            return new_response(made);
          },
          "All of the response but its body.")
      .def("read", &read, py::arg("size") = kPieceBytes,
           "The next part of the body, decoded: a byte at least and `size` at most; b\"\" at its end.\n"
           "Raises as HttpClient.request(), CancelledError (closed), StateError (another read waits).")
      .def(
          "_start_read",
          [](const HttpStream& self, size_t size, Ending done) {
            return start_op(done, &take_buffer, [&](auto... rest) {
              return tsr_http_stream_read_async(get(self), size, rest...);
            });
          },
          py::arg("size"), py::arg("done"))
      .def("close", &close,
           "Cancels what still runs: a read that waits, and later ones, raise CancelledError. Again is fine.")
      .def("__iter__", [](py::object self) { return self; })
      .def("__next__", &next)
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [](const HttpStream& self, const py::args&) { close(self); });
  client.def("_stream", &open, py::arg("method"), py::arg("url"), py::arg("options"))
      .def(
          "_start_stream",
          [](const HttpClient& self, const py::object& method, const py::object& url,
             const py::object& options, Ending done) {
            const HttpRequest request(method.ptr(), url.ptr(), options.ptr());
            return start_op(done, &take_stream, [&](auto... rest) {
              return tsr_http_stream_open_async(self.handle.get(), request.get(), rest...);
            });
          },
          py::arg("method"), py::arg("url"), py::arg("options"), py::arg("done"));
}

}  // namespace tessera::python
