// tessera.HttpEvents: server-sent events.
#include <limits>

#include "handles.hpp"
#include "http_request.hpp"
#include "http_response.hpp"
#include "interruptible.hpp"

namespace tessera::python {
namespace {

struct HttpEvents {
  HttpEventsPtr handle;
};

struct ReleaseEvent {  // which waits for nothing
  void operator()(tsr_http_event* event) const noexcept { tsr_http_event_free(event); }
};
using EventPtr = std::unique_ptr<tsr_http_event, ReleaseEvent>;

tsr_http_events* get(const HttpEvents& self) { return self.handle.get(); }

/// None at the end of the stream.
py::object new_event(tsr_http_event* owned) {
  const EventPtr event(owned);
  if (event == nullptr) return py::none();
  const tsr_str id = tsr_http_event_id(event.get());
  return from_python("tessera._http_values", "http_event")(
      id.data == nullptr ? py::object(py::none()) : lenient_text(id),
      lenient_text(tsr_http_event_type(event.get())), lenient_text(tsr_http_event_data(event.get())),
      tsr_http_event_retry_ms(event.get()));
}

py::object take_event(tsr_op* op) {
  tsr_http_event* made = nullptr;
  run<Lock::kKept>([&](tsr_error** err) { return tsr_op_http_event(op, &made, err); });
  return new_event(made);
}

py::object wait_for_event(const HttpEvents& self) {
  if (is_main_thread()) {
    return take_event(
        start_and_wait([&](auto... rest) { return tsr_http_events_next_async(get(self), rest...); }).get());
  }
  tsr_http_event* made = nullptr;
  run([&](tsr_error** err) {
    return tsr_http_events_next(get(self), std::numeric_limits<uint32_t>::max(), &made, err);
  });
  return new_event(made);
}

py::object next(const HttpEvents& self) {
  py::object event = wait_for_event(self);
  if (event.is_none()) throw py::stop_iteration();
  return event;
}

void close(const HttpEvents& self) {
  run([&](tsr_error** err) { return tsr_http_events_close(get(self), err); });
}

}  // namespace

void define_http_events(py::module_& module, py::class_<HttpClient>& client) {
  py::class_<HttpEvents>(
      module, "HttpEvents", py::is_final(),
      "A stream of server-sent events: iterate. It comes back when its connection breaks and goes on after "
      "the last\n"
      "event; events that nobody takes stay with the server. For one thread; use it in a `with`.\n"
      "Iterating raises as HttpClient.request(), ProtocolError (no event stream), LimitError (an event is "
      "too "
      "large), the\n"
      "error of a status that another try would not change, CancelledError (closed meanwhile), StateError "
      "(closed).")
      .def("__iter__", [](py::object self) { return self; })
      .def("__next__", &next)
      .def(
          "_start_next",
          [](const HttpEvents& self, Ending done) {
            return start_op(done, &take_event,
                            [&](auto... rest) { return tsr_http_events_next_async(get(self), rest...); });
          },
          py::arg("done"))
      .def("close", &close,
           "Ends the stream, from any thread; drops events that nobody took. Again is fine. Raises "
           "ForkedError.")
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [](const HttpEvents& self, const py::args&) { close(self); });
  client.def(
      "_events",
      [](const HttpClient& self, const py::object& method, const py::object& url, const py::object& options,
         const Text& config) {
        const HttpRequest request(method.ptr(), url.ptr(), options.ptr());
        return HttpEvents{obtain<HttpEventsPtr>([&](tsr_http_events** out, tsr_error** err) {
          return tsr_http_events_open(self.handle.get(), request.get(), config.str(), out, err);
        })};
      },
      py::arg("method"), py::arg("url"), py::arg("options"), py::arg("config"));
}

}  // namespace tessera::python
