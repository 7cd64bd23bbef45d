// What an application sees of tessera.HttpClient at work, and may add to it.
#include "handles.hpp"
#include "http_response.hpp"
#include "in_python.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

/// Valid during the call that gets it.
struct HttpAttempt {
  tsr_http_attempt* handle;
};

tsr_http* get(const HttpClient& self) { return self.handle.get(); }

tsr_http_attempt* get(const HttpAttempt& self) {
  if (self.handle == nullptr) {
    raise_error(TSR_E_STATE, "http", "the attempt is over; use it inside the function that got it");
  }
  return self.handle;
}

/// The functions of one registration; either may be None.
py::object function_of(void* user, Py_ssize_t which) {
  return py::reinterpret_borrow<py::object>(PyTuple_GET_ITEM(kept_function(user).ptr(), which));
}
constexpr Py_ssize_t kBefore = 0;
constexpr Py_ssize_t kAfter = 1;

/// `tsr_http_before_fn`
tsr_status call_before(void* user, tsr_http_attempt* attempt) {
  const bool is_done = try_in_python([&] { return function_of(user, kBefore); },
                                     [&](const py::object& before) {
                                       struct Lent {
                                         py::object object;
                                         ~Lent() { object.cast<HttpAttempt&>().handle = nullptr; }
                                       };
                                       const Lent lent{py::cast(HttpAttempt{attempt})};
                                       before(lent.object);
                                     });
  return is_done ? TSR_OK : TSR_E_CALLBACK;
}

/// `tsr_http_after_fn`
void call_after(void* user, const tsr_http_head* head) {
  try_in_python([&] { return function_of(user, kAfter); },
                [&](const py::object& after) {
                  after(from_python("tessera._http_values", "HttpHead")(
                      lenient_text(head->method), lenient_text(head->url),
                      new_headers(head->headers, head->header_count), head->attempt, head->status));
                });
}

/// `tsr_http_event_fn`
void tell_event(void* user, const tsr_http_event_info* event) {
  try_in_python([&] { return kept_function(user); },
                [&](const py::object& function) {
                  function(from_python("tessera._http_values", "client_event")(
                      event->kind, lenient_text(event->subject), lenient_text(event->state), event->until_ms,
                      event->mark));
                });
}

py::object body(const HttpAttempt& self) {
  const uint8_t* data = nullptr;
  size_t size = 0;
  if (tsr_http_attempt_body(get(self), &data, &size) == 0) return py::none();
  return py::bytes(data == nullptr ? "" : reinterpret_cast<const char*>(data), size);
}

void define_attempt(py::module_& module) {
  py::class_<HttpAttempt>(module, "HttpAttempt", py::is_final(),
                          "One attempt of a request that is about to be sent. Valid inside the function that "
                          "gets it; StateError\n"
                          "afterwards.")
      .def_property_readonly(
          "method", [](const HttpAttempt& self) { return lenient_text(tsr_http_attempt_method(get(self))); },
          "Such as \"GET\".")
      .def_property_readonly(
          "url", [](const HttpAttempt& self) { return lenient_text(tsr_http_attempt_url(get(self))); },
          "Absolute.")
      .def_property_readonly(
          "number", [](const HttpAttempt& self) { return tsr_http_attempt_number(get(self)); },
          "1 for the first attempt of a request, redirects included.")
      .def_property_readonly(
          "headers",
          [](const HttpAttempt& self) {
            size_t count = 0;
            const tsr_pair* const fields = tsr_http_attempt_headers(get(self), &count);
            return new_headers(fields, count);
          },
          "The header fields as they are now, but those that the library writes last (Host, Content-Length, "
          "Accept,\n"
          "Accept-Encoding).")
      .def_property_readonly("body", &body,
                             "The bytes that are sent; None when they are not known yet, as those of a file.")
      .def(
          "set_header",
          [](const HttpAttempt& self, const Text& name, const Text& value) {
            run<Lock::kKept>([&](tsr_error** err) {
              return tsr_http_attempt_set_header(get(self), name.str(), value.str(), err);
            });
          },
          py::arg("name"), py::arg("value"),
          "Sets a header field of this attempt, instead of all of that name. Raises ArgError.")
      .def(
          "remove_header",
          [](const HttpAttempt& self, const Text& name) {
            run<Lock::kKept>(
                [&](tsr_error** err) { return tsr_http_attempt_remove_header(get(self), name.str(), err); });
          },
          py::arg("name"),
          "Removes the header fields of that name from this attempt; none is fine. Raises ArgError.");
}

Subscription on_attempt(const HttpClient& self, py::object before, py::object after, bool is_signer) {
  const tsr_http_before_fn call_first = before.is_none() ? nullptr : &call_before;
  const tsr_http_after_fn call_last = after.is_none() ? nullptr : &call_after;
  void* const user = keep_function(py::make_tuple(std::move(before), std::move(after)));
  return {obtain<SubPtr>([&](tsr_sub** out, tsr_error** err) {
    return tsr_http_on_attempt(get(self), call_first, call_last, is_signer ? uint32_t{TSR_HTTP_SIGNER} : 0,
                               user, &drop_function, out, err);
  })};
}

}  // namespace

void define_http_hooks(py::module_& module, py::class_<HttpClient>& client) {
  define_attempt(module);
  client.def("_on_attempt", &on_attempt, py::arg("before"), py::arg("after"), py::arg("signer"))
      .def(
          "_on_event",
          [](const HttpClient& self, py::function function) {
            void* const user = keep_function(std::move(function));
            return Subscription{obtain<SubPtr>([&](tsr_sub** out, tsr_error** err) {
              return tsr_http_on_event(get(self), &tell_event, user, &drop_function, out, err);
            })};
          },
          py::arg("function"))
      .def(
          "state",
          [](const HttpClient& self) {
            return obtain_json(
                [&](tsr_buf* out, tsr_error** err) { return tsr_http_state(get(self), out, err); });
          },
          "How the client stands: \"connectivity\", \"hosts\" with their breakers, \"proxies\", "
          "\"in_flight\" and \"queued\".\n"
          "Raises StateError (closed), ForkedError.")
      .def(
          "reset_breaker",
          [](const HttpClient& self, const MaybeText& host) {
            run([&](tsr_error** err) { return tsr_http_reset_breaker(get(self), borrow_if_any(host), err); });
          },
          py::arg("host") = py::none(),
          "Closes breakers and forgets what they counted, for who knows that `host` is back: a name, an "
          "origin "
          "such as\n"
          "\"https://api.example.com:8443\", or every one. Raises ArgError, StateError (closed), "
          "ForkedError.")
      .def(
          "network_changed",
          [](const HttpClient& self) {
            run([&](tsr_error** err) { return tsr_http_network_changed(get(self), err); });
          },
          "For when the system says that the machine has another network: requests may try at once.\n"
          "Raises StateError (closed), ForkedError.");
}

}  // namespace tessera::python
