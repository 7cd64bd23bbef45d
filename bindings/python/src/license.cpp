// tessera.License and tessera.App: the natives that the Python classes derive from.
#include <pybind11/stl.h>

#include "fast_self.hpp"
#include "handles.hpp"

namespace tessera::python {
namespace {

tsr_license* get(const License& self) { return self.handle.get(); }
tsr_app* get(const App& self) { return self.handle.get(); }

/// check(): a memory read, so the lock is kept, and the verdict that is still the current one comes as the
/// same object.
PyObject* check(PyObject* self, PyObject*) {
  auto* const license = fast_self<License>(self);
  if (license == nullptr) return nullptr;
  try {
    const auto* const known = license->verdict ? fast_self<Verdict>(license->verdict.ptr()) : nullptr;
    if (known == nullptr || tsr_license_is_current(get(*license), known->handle.get()) == 0) {
      tsr_verdict* made = nullptr;
      Failure failure;
      const tsr_status status = tsr_license_check(get(*license), &made, failure.out());
      if (status != TSR_OK) failure.raise(status);
      license->verdict = new_verdict(made);
    }
    run_postponed();
    return license->verdict.inc_ref().ptr();
  } catch (py::error_already_set& error) {
    error.restore();
    return nullptr;
  }
}

PyMethodDef check_method{"check", &check, METH_NOARGS,
                         "check($self, /)\n--\n\n"
                         "The current Verdict: a memory read that never writes and never waits.\n"
                         "Raises StateError (closed), ForkedError."};

tsr_request_opts request_opts(const std::optional<Text>& license_key, const std::optional<Text>& note) {
  tsr_request_opts opts;
  tsr_request_opts_init(&opts, sizeof opts);
  opts.license_key = borrow_if_any(license_key);
  opts.note = borrow_if_any(note);
  return opts;
}

void define_app(py::module_& module) {
  py::class_<App>(module, "App", "What tessera.App derives from.")
      .def(py::init([](const Text& config) {
             return App{obtain<AppPtr>(
                 [&](tsr_app** out, tsr_error** err) { return tsr_app_open(config.str(), out, err); })};
           }),
           py::arg("source"))
      .def(py::init([](const Op& op) {
             return App{obtain<AppPtr, Lock::kKept>(
                 [&](tsr_app** out, tsr_error** err) { return tsr_op_app(op.handle.get(), out, err); })};
           }),
           py::arg("source"))
      .def(
          "on_log",
          [](const App& self, int32_t level, py::function sink) {
            return attach_sink<tsr_app>(&tsr_app_on_log, get(self), level, std::move(sink));
          },
          py::arg("level"), py::arg("sink"),
          "Sends a LogRecord for each record of every area of at least `level` to `sink`, until the "
          "Subscription is\n"
          "cancelled or collected. An exception in the sink goes to sys.unraisablehook. Raises ForkedError.")
      .def(
          "_close",
          [](const App& self, double timeout) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            run([&](tsr_error** err) { return tsr_app_close(get(self), timeout_ms, err); });
          },
          py::arg("timeout"))
      .def(
          "_start_close",
          [](const App& self, double timeout, py::function done) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_app_close_async(get(self), timeout_ms, rest...);
            });
          },
          py::arg("timeout"), py::arg("done"));
  module.def(
      "start_open_app",
      [](const Text& config, py::function done) {
        return start_op(std::move(done), &take_in_constructor,
                        [&](auto... rest) { return tsr_app_open_async(config.str(), rest...); });
      },
      py::arg("config"), py::arg("done"));
}

/// The calls that have a twin in the background.
void define_twins(py::class_<License>& license) {
  license
      .def(
          "refresh",
          [](const License& self) {
            return obtain_verdict(
                [&](tsr_verdict** out, tsr_error** err) { return tsr_license_refresh(get(self), out, err); });
          },
          "Probes the hardware again, rereads the state, moves the clock mark on and gives the new Verdict; "
          "for\n"
          "start-up and about hourly. Reads and writes small files.\n"
          "Raises StateError, ForkedError, BusyError, IoError.")
      .def(
          "_start_refresh",
          [](const License& self, py::function done) {
            return start_op(std::move(done), &take_verdict,
                            [&](auto... rest) { return tsr_license_refresh_async(get(self), rest...); });
          },
          py::arg("done"))
      .def(
          "import_bundle",
          [](const License& self, const Text& bundle) {
            return obtain_verdict([&](tsr_verdict** out, tsr_error** err) {
              return tsr_license_import(get(self), bundle.data(), bundle.size(), out, err);
            });
          },
          py::arg("bundle"),
          "Verifies the content of a `.lic` file, or of one token, stores all of it or nothing and gives the "
          "new\n"
          "Verdict. Raises LicenseError (why it was refused), StateError, ForkedError, BusyError, IoError,\n"
          "PermissionError, DiskFullError.")
      .def(
          "_start_import_bundle",
          [](const License& self, const Text& bundle, py::function done) {
            return start_op(std::move(done), &take_verdict, [&](auto... rest) {
              return tsr_license_import_async(get(self), bundle.data(), bundle.size(), rest...);
            });
          },
          py::arg("bundle"), py::arg("done"))
      .def(
          "verify_bundle",
          [](const License& self, const Text& bundle) {
            return obtain_verdict([&](tsr_verdict** out, tsr_error** err) {
              return tsr_license_verify(get(self), bundle.data(), bundle.size(), out, err);
            });
          },
          py::arg("bundle"),
          "Judges the content of a `.lic` file on this machine and stores nothing. A bad document is no "
          "error: the\n"
          "Verdict says what is wrong with it. Raises StateError, ForkedError.")
      .def(
          "_start_verify_bundle",
          [](const License& self, const Text& bundle, py::function done) {
            return start_op(std::move(done), &take_verdict, [&](auto... rest) {
              return tsr_license_verify_async(get(self), bundle.data(), bundle.size(), rest...);
            });
          },
          py::arg("bundle"), py::arg("done"))
      .def(
          "start_trial",
          [](const License& self, const Text& token) {
            return obtain_verdict([&](tsr_verdict** out, tsr_error** err) {
              return tsr_license_start_trial(get(self), token.data(), token.size(), out, err);
            });
          },
          py::arg("token"),
          "Starts the trial that the issuer's token grants, binds it to this machine and gives the new "
          "Verdict.\n"
          "Raises LicenseError (TRIAL_USED, ...), StateError, ForkedError, BusyError, IoError.")
      .def(
          "_start_start_trial",
          [](const License& self, const Text& token, py::function done) {
            return start_op(std::move(done), &take_verdict, [&](auto... rest) {
              return tsr_license_start_trial_async(get(self), token.data(), token.size(), rest...);
            });
          },
          py::arg("token"), py::arg("done"))
      .def(
          "request",
          [](const License& self, const std::optional<Text>& license_key, const std::optional<Text>& note) {
            const tsr_request_opts opts = request_opts(license_key, note);
            return obtain_str([&](tsr_buf* out, tsr_error** err) {
              return tsr_license_request(get(self), &opts, out, err);
            });
          },
          py::kw_only(), py::arg("license_key") = py::none(), py::arg("note") = py::none(),
          "An activation request for the issuer, one compact JWS; also the way to renew or rebind. "
          "`license_key` is the\n"
          "customer's, `note` free text for the issuer of at most 256 bytes.\n"
          "Raises LicenseError (LICENSE_KEY_INVALID, HW_NO_COMPONENTS), StateError, ForkedError, BusyError, "
          "IoError.")
      .def(
          "_start_request",
          [](const License& self, const std::optional<Text>& license_key, const std::optional<Text>& note,
             py::function done) {
            const tsr_request_opts opts = request_opts(license_key, note);
            return start_op(std::move(done), &take_str, [&](auto... rest) {
              return tsr_license_request_async(get(self), &opts, rest...);
            });
          },
          py::arg("license_key"), py::arg("note"), py::arg("done"))
      .def(
          "deactivate",
          [](const License& self) {
            return obtain_str(
                [&](tsr_buf* out, tsr_error** err) { return tsr_license_deactivate(get(self), out, err); });
          },
          "Gives the licence back for good and returns a signed proof for the issuer, one compact JWS; "
          "again, the\n"
          "proof again. Raises LicenseError (NO_LICENSE), StateError, ForkedError, BusyError, IoError.")
      .def(
          "_start_deactivate",
          [](const License& self, py::function done) {
            return start_op(std::move(done), &take_str,
                            [&](auto... rest) { return tsr_license_deactivate_async(get(self), rest...); });
          },
          py::arg("done"))
      .def(
          "meter_add",
          [](const License& self, std::string_view name, int64_t amount) {
            int64_t used = 0;
            int64_t limit = 0;
            run([&](tsr_error** err) {
              return tsr_license_meter_add(get(self), borrow(name), amount, &used, &limit, err);
            });
            return meter_reading(used, limit);
          },
          py::arg("name"), py::arg("amount"),
          "Uses `amount` of a metered entitlement, all or nothing, durable before it returns, and gives the\n"
          "MeterReading of this period; 0 only reads. Raises ArgError, LicenseError (METER_LIMIT, "
          "METER_UNKNOWN, or why\n"
          "the licence is not usable), StateError, ForkedError, BusyError, IoError.")
      .def(
          "_start_meter_add",
          [](const License& self, std::string_view name, int64_t amount, py::function done) {
            return start_op(std::move(done), &take_meter, [&](auto... rest) {
              return tsr_license_meter_add_async(get(self), borrow(name), amount, rest...);
            });
          },
          py::arg("name"), py::arg("amount"), py::arg("done"))
      .def(
          "_close",
          [](const License& self, double timeout) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            run([&](tsr_error** err) { return tsr_license_close(get(self), timeout_ms, err); });
          },
          py::arg("timeout"))
      .def(
          "_start_close",
          [](const License& self, double timeout, py::function done) {
            const uint32_t timeout_ms = to_timeout_ms(timeout);
            return start_op(std::move(done), &take_nothing, [&](auto... rest) {
              return tsr_license_close_async(get(self), timeout_ms, rest...);
            });
          },
          py::arg("timeout"), py::arg("done"));
}

}  // namespace

void define_license(py::module_& module) {
  define_app(module);
  py::class_<License> license(module, "License", "What tessera.License derives from.");
  license
      .def(py::init([](const Text& config) {
             return License{obtain<LicensePtr>([&](tsr_license** out, tsr_error** err) {
                              return tsr_license_open(config.str(), out, err);
                            }),
                            {}};
           }),
           py::arg("source"))
      .def(py::init([](const App& app) {
             return License{obtain<LicensePtr, Lock::kKept>([&](tsr_license** out, tsr_error** err) {
                              return tsr_app_license(get(app), out, err);
                            }),
                            {}};
           }),
           py::arg("source"))
      .def(py::init([](const Op& op) {
             return License{obtain<LicensePtr, Lock::kKept>([&](tsr_license** out, tsr_error** err) {
                              return tsr_op_license(op.handle.get(), out, err);
                            }),
                            {}};
           }),
           py::arg("source"))
      .def(
          "on_log",
          [](const License& self, int32_t level, py::function sink) {
            return attach_sink<tsr_license>(&tsr_license_on_log, get(self), level, std::move(sink));
          },
          py::arg("level"), py::arg("sink"),
          "Sends a LogRecord for each record of at least `level` to `sink`, until the Subscription is "
          "cancelled or\n"
          "collected. An exception in the sink goes to sys.unraisablehook. Raises ForkedError.");
  auto* const type = reinterpret_cast<PyTypeObject*>(license.ptr());
  license.attr("check") = py::reinterpret_steal<py::object>(PyDescr_NewMethod(type, &check_method));
  define_twins(license);
  module.def(
      "start_open_license",
      [](const Text& config, py::function done) {
        return start_op(std::move(done), &take_in_constructor,
                        [&](auto... rest) { return tsr_license_open_async(config.str(), rest...); });
      },
      py::arg("config"), py::arg("done"));
  module.def(
      "inspect",
      [](const Text& document) {
        return obtain_json([&](tsr_buf* out, tsr_error** err) {
          return tsr_document_inspect(document.data(), document.size(), out, err);
        });
      },
      py::arg("document"),
      "Header and claims of any Tessera document or RS256 token as a dict, WITHOUT verifying it; a `.lic` "
      "file gives\n"
      "a list. For people and tools; never decide anything by it. Raises LicenseError (TOKEN_MALFORMED,\n"
      "TOKEN_TOO_LARGE).");
}

}  // namespace tessera::python
