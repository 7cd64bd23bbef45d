#include "tessera/app.h"

#include "call.hpp"
#include "convert.hpp"
#include "core_handle.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "subscription.hpp"

using tessera::AppCore;
using tessera::Result;
using tessera::Status;
using tessera::capi::attach_log;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::core_of;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::require_out;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::take;
using tessera::capi::text_in;
using tessera::capi::UserData;

namespace {

constexpr const char* kNoun = "application";
using AppPtr = std::unique_ptr<tsr_app>;

Result<Call<AppPtr>> opening(tsr_str config_json) {
  TSR_ASSIGN_OR_RETURN(const auto config, text_in(config_json, "config_json"));
  return Call<AppPtr>{nullptr, [config = std::string(config)]() -> Result<AppPtr> {
                        TSR_ASSIGN_OR_RETURN(auto core, AppCore::open(config));
                        return std::make_unique<tsr_app>(std::move(core));
                      }};
}

Result<Call<void>> closing(tsr_app* app, uint32_t timeout_ms) {
  TSR_ASSIGN_OR_RETURN(const auto core, core_of(app, kNoun));
  return Call<void>{core, [core, timeout_ms] { return core->close(timeout_ms); }};
}

}  // namespace

tsr_status tsr_app_open(tsr_str config_json, tsr_app** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(opening(config_json), out);
  });
}

tsr_status tsr_app_open_async(tsr_str config_json, tsr_done_fn done, void* user, void (*user_free)(void*),
                              tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return opening(config_json); });
}

tsr_status tsr_op_app(tsr_op* op, tsr_app** out, tsr_error** err) noexcept {
  return take<AppPtr>(__func__, op, err, out);
}

tsr_status tsr_app_license(tsr_app* app, tsr_license** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(auto core, core_of(app, kNoun));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_RETURN_IF_ERROR(core->license().check());  // STATE after tsr_app_close()
    *out = new tsr_license(std::move(core));
    return {};
  });
}

tsr_status tsr_app_on_log(tsr_app* app, int32_t level, tsr_log_fn fn, void* user, void (*user_free)(void*),
                          tsr_sub** out, tsr_error** err) noexcept {
  clear(out);
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const auto core, core_of(app, kNoun));
    return attach_log(core, core->logger(), level, fn, std::move(owned), out);
  });
}

tsr_status tsr_app_close(tsr_app* app, uint32_t timeout_ms, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(closing(app, timeout_ms)); });
}

tsr_status tsr_app_close_async(tsr_app* app, uint32_t timeout_ms, tsr_done_fn done, void* user,
                               void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return closing(app, timeout_ms); });
}

void tsr_app_free(tsr_app* app) noexcept { guard_free(__func__, app); }
