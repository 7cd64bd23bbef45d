// tessera.HttpClient: the native that the Python class derives from.
#include <pybind11/stl.h>

#include <deque>
#include <string_view>

#include "fast_call.hpp"
#include "handles.hpp"
#include "http_request.hpp"
#include "http_response.hpp"
#include "interruptible.hpp"

namespace tessera::python {
namespace {

tsr_http* get(const HttpClient& self) { return self.handle.get(); }

/// What a client takes beside its configuration: a dict of names and secrets, or None, and a store.
class HttpOpenOptions {
 public:
  HttpOpenOptions(const std::optional<py::dict>& given, const Store* store) {
    tsr_http_opts_init(&opts_, sizeof opts_);
    if (store != nullptr) opts_.store = store->handle.get();
    if (!given) return;
    for (const auto& [name, secret] : *given) {
      if (!texts_.emplace_back().read(name)) throw py::type_error("the name of a secret must be a str");
      const tsr_str named = texts_.back().str();
      if (!texts_.emplace_back().read(secret)) throw py::type_error("a secret must be str or bytes");
      secrets_.push_back({named, texts_.back().data(), texts_.back().size()});
    }
    opts_.secrets = secrets_.data();
    opts_.secret_count = secrets_.size();
  }
  const tsr_http_opts* get() const { return &opts_; }

 private:
  std::deque<Text> texts_;
  std::vector<tsr_http_secret> secrets_;
  tsr_http_opts opts_;
};

PyObject* send(HttpClient& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<3> arguments({"method", "url", "options"}, 3, 0, given, count, keywords);
  const HttpRequest request(arguments[0], arguments[1], arguments[2]);
  if (is_main_thread()) {
    const auto op =
        start_and_wait([&](auto... rest) { return tsr_http_send_async(get(self), request.get(), rest...); });
    return take_http_response(op.get()).release().ptr();
  }
  tsr_http_response* made = nullptr;
  run([&](tsr_error** err) { return tsr_http_send(get(self), request.get(), &made, err); });
  return new_response(made).release().ptr();
}

PyObject* start_send(HttpClient& self, PyObject* const* given, Py_ssize_t count, PyObject* keywords) {
  const Arguments<4> arguments({"method", "url", "options", "done"}, 4, 0, given, count, keywords);
  const HttpRequest request(arguments[0], arguments[1], arguments[2]);
  const auto ending = py::cast<Ending>(py::handle(arguments[3]));
  return py::cast(
             start_op(ending, &take_http_response,
                      [&](auto... rest) { return tsr_http_send_async(get(self), request.get(), rest...); }))
      .release()
      .ptr();
}

PyMethodDef hot_methods[] = {
    fast_method_def<HttpClient, &send>("_send", "_send($self, method, url, options)\n--\n\n"),
    fast_method_def<HttpClient, &start_send>("_start_send",
                                             "_start_send($self, method, url, options, done)\n--\n\n"),
};

/// An application's licence and its client log to one place.
void forward_own_record(void* user, int32_t level, tsr_str area, tsr_str event, tsr_str message,
                        tsr_str fields) {
  if (is_http(area)) forward_record(user, level, area, event, message, fields);
}

}  // namespace

void define_http(py::module_& module) {
  define_http_response(module);
  module.attr("HTTP_METRICS_JSON") = int{TSR_HTTP_METRICS_JSON};
  module.attr("HTTP_METRICS_PROMETHEUS") = int{TSR_HTTP_METRICS_PROMETHEUS};
  py::class_<HttpClient> client(module, "HttpClient", "What tessera.HttpClient derives from.");
  for (PyMethodDef& method : hot_methods) add_method(client, &method);
  client
      .def(py::init([](const Text& config, const std::optional<py::dict>& secrets, const Store* store) {
             const HttpOpenOptions given(secrets, store);
             return HttpClient{obtain<HttpPtr>([&](tsr_http** out, tsr_error** err) {
               return tsr_http_open(config.str(), given.get(), out, err);
             })};
           }),
           py::arg("source"), py::arg("secrets"), py::arg("store"))
      .def(py::init([](const App& app, const std::optional<py::dict>& secrets) {
             const HttpOpenOptions given(secrets, nullptr);
             return HttpClient{obtain<HttpPtr>([&](tsr_http** out, tsr_error** err) {
               return tsr_app_http(app.handle.get(), given.get(), out, err);
             })};
           }),
           py::arg("source"), py::arg("secrets"))
      .def(
          "on_log",
          [](const HttpClient& self, int32_t level, py::function sink) {
            return attach_sink<tsr_http>(&tsr_http_on_log, get(self), level, std::move(sink));
          },
          py::arg("level"), py::arg("sink"),
          "Sends a LogRecord for each record of at least `level` to `sink`, until the Subscription is "
          "cancelled or\n"
          "collected. An exception in the sink goes to sys.unraisablehook. Raises ForkedError.")
      .def(
          "_log_to",
          [](const HttpClient& self, int32_t level, py::function sink) {
            return attach_sink<tsr_http>(&tsr_http_on_log, get(self), level, std::move(sink),
                                         &forward_own_record);
          },
          py::arg("level"), py::arg("sink"))
      .def(
          "_metrics",
          [](const HttpClient& self, int32_t format) {
            return obtain_str<Lock::kKept>(
                [&](tsr_buf* out, tsr_error** err) { return tsr_http_metrics(get(self), format, out, err); });
          },
          py::arg("format"))
      .def(
          "_close",
          [](const HttpClient& self, double timeout) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            run([&](tsr_error** err) { return tsr_http_close(get(self), timeout_ms, err); });
          },
          py::arg("timeout"))
      .def(
          "_start_close",
          [](const HttpClient& self, double timeout, Ending done) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            return start_op(done, &take_nothing, [&](auto... rest) {
              return tsr_http_close_async(get(self), timeout_ms, rest...);
            });
          },
          py::arg("timeout"), py::arg("done"));
  define_http_body(module);
  define_http_stream(module, client);
  define_http_download(client);
  define_http_events(module, client);
  define_http_pages(module, client);
  define_http_auth(client);
  define_http_hooks(module, client);
}

}  // namespace tessera::python
