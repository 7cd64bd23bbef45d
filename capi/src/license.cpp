#include "tessera/license.h"

#include "call.hpp"
#include "convert.hpp"
#include "core_handle.hpp"
#include "guard.hpp"
#include "license/inspect.hpp"
#include "license/license_code.hpp"
#include "op.hpp"
#include "options.hpp"
#include "subscription.hpp"
#include "verdict_handle.hpp"

using tessera::AppCore;
using tessera::LicenseCode;
using tessera::LicenseService;
using tessera::MeterReading;
using tessera::Result;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::attach_log;
using tessera::capi::bytes_in;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::core_of;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::guard_value;
using tessera::capi::guard_void;
using tessera::capi::init_options;
using tessera::capi::is_live;
using tessera::capi::optional_text_in;
using tessera::capi::options_in;
using tessera::capi::require_out;
using tessera::capi::result_out;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::take;
using tessera::capi::text_in;
using tessera::capi::UserData;

#define TSR_LICENSE_CODE(name, value, text, next) \
  static_assert(TSR_LICENSE_##name == (value), "license.h and license_codes.def disagree on " #name);
#include "license/license_codes.def"
#undef TSR_LICENSE_CODE

namespace {

constexpr const char* kNoun = "licence";
constexpr size_t kFirstRequestOptsSize = offsetof(tsr_request_opts, note) + sizeof(tsr_request_opts::note);

using LicensePtr = std::unique_ptr<tsr_license>;
using VerdictPtr = std::unique_ptr<tsr_verdict>;

Result<VerdictPtr> as_handle(Result<LicenseService::VerdictPtr> verdict) {
  if (!verdict.ok()) return std::move(verdict).error();
  return std::make_unique<tsr_verdict>(std::move(verdict).value());
}

// What each function does, for itself and its `_async` twin.

Result<Call<LicensePtr>> opening(tsr_str config_json) {
  TSR_ASSIGN_OR_RETURN(const auto config, text_in(config_json, "config_json"));
  return Call<LicensePtr>{nullptr, [config = std::string(config)]() -> Result<LicensePtr> {
                            TSR_ASSIGN_OR_RETURN(auto core, AppCore::open(config));
                            return std::make_unique<tsr_license>(std::move(core));
                          }};
}

Result<Call<VerdictPtr>> refreshing(tsr_license* license) {
  TSR_ASSIGN_OR_RETURN(const auto core, core_of(license, kNoun));
  return Call<VerdictPtr>{core, [core] { return as_handle(core->license().refresh()); }};
}

/// Judges `data` by one function of the service. `Text` is a view where the caller waits, a copy where the
/// call outlasts its arguments.
template <class Text>
Result<Call<VerdictPtr>> judging(
    tsr_license* license, Result<LicenseService::VerdictPtr> (LicenseService::*function)(std::string_view),
    const void* data, size_t len) {
  TSR_ASSIGN_OR_RETURN(const auto core, core_of(license, kNoun));
  TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
  return Call<VerdictPtr>{
      core, [core, function, bytes = Text(bytes)] { return as_handle((core->license().*function)(bytes)); }};
}

Result<tsr_request_opts> request_opts_in(const tsr_request_opts* opts) {
  TSR_ASSIGN_OR_RETURN(auto own, options_in(opts, kFirstRequestOptsSize, "opts", "tsr_request_opts_init"));
  if (own.flags != 0) return argument_error("opts.flags has an unknown bit");
  return own;
}

Result<tessera::ActivationRequestOptions> activation_options(const tsr_request_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const tsr_request_opts own, request_opts_in(opts));
  TSR_ASSIGN_OR_RETURN(const auto license_key, optional_text_in(own.license_key, "opts.license_key"));
  TSR_ASSIGN_OR_RETURN(const auto note, optional_text_in(own.note, "opts.note"));
  return tessera::ActivationRequestOptions{std::string(license_key), std::string(note)};
}

Result<Call<std::string>> requesting(tsr_license* license, const tsr_request_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const auto core, core_of(license, kNoun));
  TSR_ASSIGN_OR_RETURN(const auto options, activation_options(opts));
  return Call<std::string>{core, [core, options] { return core->license().request(options); }};
}

Result<Call<std::string>> deactivating(tsr_license* license) {
  TSR_ASSIGN_OR_RETURN(const auto core, core_of(license, kNoun));
  return Call<std::string>{core, [core] { return core->license().deactivate(); }};
}

Result<Call<MeterReading>> metering(tsr_license* license, tsr_str name, int64_t amount) {
  TSR_ASSIGN_OR_RETURN(const auto core, core_of(license, kNoun));
  TSR_ASSIGN_OR_RETURN(const auto meter, text_in(name, "name"));
  if (amount < 0) return argument_error("amount is negative");
  return Call<MeterReading>{
      core, [core, meter = std::string(meter), amount] { return core->license().meter_add(meter, amount); }};
}

Result<Call<void>> closing(tsr_license* license, uint32_t timeout_ms) {
  TSR_ASSIGN_OR_RETURN(const auto core, core_of(license, kNoun));
  return Call<void>{core, [core, timeout_ms] { return core->license().close(timeout_ms); }};
}

}  // namespace

const char* tsr_license_code_name(tsr_license_code code) noexcept {
  // These three give literals, which end with a NUL.
  return guard_value(__func__, "UNKNOWN",
                     [&] { return tessera::license_code_name(LicenseCode{code}).data(); });
}

const char* tsr_license_code_text(tsr_license_code code) noexcept {
  return guard_value(__func__, "", [&] { return tessera::license_code_text(LicenseCode{code}).data(); });
}

const char* tsr_license_code_next(tsr_license_code code) noexcept {
  return guard_value(__func__, "", [&] { return tessera::license_code_next(LicenseCode{code}).data(); });
}

tsr_status tsr_license_open(tsr_str config_json, tsr_license** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(opening(config_json), out);
  });
}

tsr_status tsr_license_open_async(tsr_str config_json, tsr_done_fn done, void* user, void (*user_free)(void*),
                                  tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return opening(config_json); });
}

tsr_status tsr_license_check(tsr_license* license, tsr_verdict** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const auto core, core_of(license, kNoun));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(auto verdict, as_handle(core->license().check()));
    *out = verdict.release();
    return {};
  });
}

int32_t tsr_license_is_current(tsr_license* license, const tsr_verdict* verdict) noexcept {
  return guard_value(__func__, int32_t{0}, [&] {
    if (!is_live(verdict) || !is_live(license) || license->fork.in_child()) return 0;
    // Calls nobody back, so that it needs no copy of the core.
    if (const auto answer = license->core->license().is_current(verdict->verdict.get()))
      return *answer ? 1 : 0;
    const auto core = license->core;
    const auto now = core->license().check();
    return now && *now == verdict->verdict ? 1 : 0;
  });
}

tsr_status tsr_license_refresh(tsr_license* license, tsr_verdict** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(refreshing(license), out); });
}

tsr_status tsr_license_refresh_async(tsr_license* license, tsr_done_fn done, void* user,
                                     void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return refreshing(license); });
}

tsr_status tsr_license_import(tsr_license* license, const void* data, size_t len, tsr_verdict** out,
                              tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] {
    return run_now(judging<std::string_view>(license, &LicenseService::import_bundle, data, len), out);
  });
}

tsr_status tsr_license_import_async(tsr_license* license, const void* data, size_t len, tsr_done_fn done,
                                    void* user, void (*user_free)(void*), tsr_op** out,
                                    tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return judging<std::string>(license, &LicenseService::import_bundle, data, len); });
}

tsr_status tsr_license_verify(tsr_license* license, const void* data, size_t len, tsr_verdict** out,
                              tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(judging<std::string_view>(license, &LicenseService::verify_bundle, data, len), out);
  });
}

tsr_status tsr_license_verify_async(tsr_license* license, const void* data, size_t len, tsr_done_fn done,
                                    void* user, void (*user_free)(void*), tsr_op** out,
                                    tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return judging<std::string>(license, &LicenseService::verify_bundle, data, len); });
}

void tsr_request_opts_init(tsr_request_opts* opts, uint32_t struct_size) noexcept {
  guard_void(__func__, [&] { init_options(opts, struct_size, kFirstRequestOptsSize); });
}

tsr_status tsr_license_request(tsr_license* license, const tsr_request_opts* opts, tsr_buf* out,
                               tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(requesting(license, opts), out);
  });
}

tsr_status tsr_license_request_async(tsr_license* license, const tsr_request_opts* opts, tsr_done_fn done,
                                     void* user, void (*user_free)(void*), tsr_op** out,
                                     tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return requesting(license, opts); });
}

tsr_status tsr_license_start_trial(tsr_license* license, const void* data, size_t len, tsr_verdict** out,
                                   tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] {
    return run_now(judging<std::string_view>(license, &LicenseService::start_trial, data, len), out);
  });
}

tsr_status tsr_license_start_trial_async(tsr_license* license, const void* data, size_t len, tsr_done_fn done,
                                         void* user, void (*user_free)(void*), tsr_op** out,
                                         tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return judging<std::string>(license, &LicenseService::start_trial, data, len); });
}

tsr_status tsr_license_deactivate(tsr_license* license, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(deactivating(license), out);
  });
}

tsr_status tsr_license_deactivate_async(tsr_license* license, tsr_done_fn done, void* user,
                                        void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return deactivating(license); });
}

tsr_status tsr_license_meter_add(tsr_license* license, tsr_str name, int64_t amount, int64_t* used,
                                 int64_t* limit, tsr_error** err) noexcept {
  clear(used);
  clear(limit);
  return guard(__func__, err, [&] { return run_now(metering(license, name, amount), used, limit); });
}

tsr_status tsr_license_meter_add_async(tsr_license* license, tsr_str name, int64_t amount, tsr_done_fn done,
                                       void* user, void (*user_free)(void*), tsr_op** out,
                                       tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return metering(license, name, amount); });
}

tsr_status tsr_license_on_log(tsr_license* license, int32_t level, tsr_log_fn fn, void* user,
                              void (*user_free)(void*), tsr_sub** out, tsr_error** err) noexcept {
  clear(out);
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const auto core, core_of(license, kNoun));
    return attach_log(core, core->logger(), level, fn, std::move(owned), out);
  });
}

tsr_status tsr_license_close(tsr_license* license, uint32_t timeout_ms, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(closing(license, timeout_ms)); });
}

tsr_status tsr_license_close_async(tsr_license* license, uint32_t timeout_ms, tsr_done_fn done, void* user,
                                   void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return closing(license, timeout_ms); });
}

tsr_status tsr_op_license(tsr_op* op, tsr_license** out, tsr_error** err) noexcept {
  return take<LicensePtr>(__func__, op, err, out);
}

tsr_status tsr_op_verdict(tsr_op* op, tsr_verdict** out, tsr_error** err) noexcept {
  return take<VerdictPtr>(__func__, op, err, out);
}

tsr_status tsr_op_meter(tsr_op* op, int64_t* used, int64_t* limit, tsr_error** err) noexcept {
  return take<MeterReading>(__func__, op, err, used, limit);
}

void tsr_license_free(tsr_license* license) noexcept { guard_free(__func__, license); }

tsr_status tsr_document_inspect(const void* data, size_t len, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
    return result_out(tessera::inspect_documents(bytes), out);
  });
}
