// tessera.License over the network.
#include <pybind11/stl.h>

#include "handles.hpp"
#include "secrets.hpp"

namespace tessera::python {
namespace {

using Sync = tsr_status (*)(tsr_license*, tsr_verdict**, tsr_error**) noexcept;
using Start = tsr_status (*)(tsr_license*, tsr_done_fn, void*, void (*)(void*), tsr_op**,
                             tsr_error**) noexcept;

tsr_license* get(const License& self) { return self.handle.get(); }

tsr_activate_opts activate_opts(const MaybeText& license_key, const MaybeText& note, const MaybeText& token) {
  tsr_activate_opts opts;
  tsr_activate_opts_init(&opts, sizeof opts);
  opts.license_key = borrow_if_any(license_key);
  opts.note = borrow_if_any(note);
  if (token) {
    opts.account_token = token->data();
    opts.account_token_len = token->size();
  }
  return opts;
}

/// A call without arguments, and its twin in the background.
template <Sync kCall, Start kStart>
void define_call(py::class_<License>& license, const char* name, const char* start_name, const char* doc) {
  license
      .def(
          name,
          [](const License& self) {
            return obtain_verdict(
                [&](tsr_verdict** out, tsr_error** err) { return kCall(get(self), out, err); });
          },
          doc)
      .def(
          start_name,
          [](const License& self, Ending done) {
            return start_op(done, &take_verdict, [&](auto... rest) { return kStart(get(self), rest...); });
          },
          py::arg("done"));
}

}  // namespace

void define_license_online(py::class_<License>& license) {
  license
      .def(
          "activate",
          [](const License& self, const MaybeText& license_key, const MaybeText& note,
             const MaybeText& account_token) {
            const tsr_activate_opts opts = activate_opts(license_key, note, account_token);
            return obtain_verdict([&](tsr_verdict** out, tsr_error** err) {
              return tsr_license_activate(get(self), &opts, out, err);
            });
          },
          py::arg("license_key") = py::none(), py::kw_only(), py::arg("note") = py::none(),
          py::arg("account_token") = py::none(),
          "Licenses this machine over the network, stores the licence and gives the new Verdict. The service "
          "is "
          "`gateway`\n"
          "of the configuration; `account_token` is sent instead of a key, `note` is for the vendor.\n"
          "Raises ArgError, LicenseError (LICENSE_KEY_INVALID, SEAT_LIMIT, AUTH_REQUIRED, ...), StateError "
          "(closed, or no\n"
          "service), ForkedError, BusyError, IoError, NetworkError, TimeoutError, UntrustedError, "
          "UnavailableError,\n"
          "UnsupportedError.")
      .def(
          "_start_activate",
          [](const License& self, const MaybeText& license_key, const MaybeText& note,
             const MaybeText& account_token, Ending done) {
            const tsr_activate_opts opts = activate_opts(license_key, note, account_token);
            return start_op(done, &take_verdict, [&](auto... rest) {
              return tsr_license_activate_async(get(self), &opts, rest...);
            });
          },
          py::arg("license_key"), py::arg("note"), py::arg("account_token"), py::arg("done"));
  define_call<&tsr_license_sync, &tsr_license_sync_async>(
      license, "sync", "_start_sync",
      "Confirms the installed licence over the network, takes in what changed and gives the new Verdict; one "
      "under\n"
      "way is joined. No failure takes the licence away before its grace ends.\n"
      "Raises LicenseError (why it was refused), StateError (closed, or no service), ForkedError, BusyError, "
      "IoError, \n"
      "NetworkError, TimeoutError, UntrustedError, UnavailableError, UnsupportedError.");
  define_call<&tsr_license_renew, &tsr_license_renew_async>(
      license, "renew", "_start_renew",
      "Asks the service for the installed licence anew, for the hardware as it is, and gives the new "
      "Verdict; one\n"
      "under way is joined.\n"
      "Raises LicenseError (why it was refused), StateError (closed, or no service), ForkedError, BusyError, "
      "IoError, \n"
      "NetworkError, TimeoutError, UntrustedError, UnavailableError, UnsupportedError.");
  define_call<&tsr_license_heartbeat, &tsr_license_heartbeat_async>(
      license, "heartbeat", "_start_heartbeat",
      "Takes or prolongs the lease of a floating licence and gives the new Verdict; one under way is "
      "joined.\n"
      "Raises LicenseError (why it was refused), StateError (closed, or no service), ForkedError, BusyError, "
      "IoError, \n"
      "NetworkError, TimeoutError, UntrustedError, UnavailableError, UnsupportedError.");
  define_call<&tsr_license_deactivate_online, &tsr_license_deactivate_online_async>(
      license, "deactivate_online", "_start_deactivate_online",
      "deactivate(), and tells the service, which frees the seat; gives the new Verdict. What was given back "
      "stays\n"
      "so when the service can't be had; calling it again tells it again.\n"
      "Raises LicenseError (why it was refused), StateError (closed, or no service), ForkedError, BusyError, "
      "IoError, \n"
      "NetworkError, TimeoutError, UntrustedError, UnavailableError, UnsupportedError.");
  define_call<&tsr_license_confirm_clock, &tsr_license_confirm_clock_async>(
      license, "confirm_clock", "_start_confirm_clock",
      "Asks for the signed time of the service, which may take back what a clock that ran ahead made this "
      "machine\n"
      "believe; gives the new Verdict.\n"
      "Raises LicenseError (why it was refused), StateError (closed, or no service), ForkedError, BusyError, "
      "IoError, \n"
      "NetworkError, TimeoutError, UntrustedError, UnavailableError, UnsupportedError.");
  define_call<&tsr_license_fetch_lists, &tsr_license_fetch_lists_async>(
      license, "fetch_lists", "_start_fetch_lists",
      "Takes in the newest key set and revocation list, tells the service nothing of this machine, and gives "
      "the new\n"
      "Verdict.\n"
      "Raises LicenseError (why it was refused), StateError (closed, or no service), ForkedError, BusyError, "
      "IoError, \n"
      "NetworkError, TimeoutError, UntrustedError, UnavailableError, UnsupportedError.");
}

}  // namespace tessera::python
