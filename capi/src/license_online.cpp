#include "tessera/license_online.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "call.hpp"
#include "convert.hpp"
#include "core_handle.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "options.hpp"
#include "verdict_handle.hpp"

using tessera::OnlineLicense;
using tessera::Result;
using tessera::SecretBytes;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::bytes_in;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::core_of;
using tessera::capi::guard;
using tessera::capi::optional_text_in;
using tessera::capi::options_in;
using tessera::capi::run_now;
using tessera::capi::start;

namespace {

constexpr size_t kFirstActivateOptsSize = sizeof(tsr_activate_opts);
constexpr size_t kLongestToken = size_t{16} << 10;

using VerdictPtr = std::unique_ptr<tsr_verdict>;
using Body = std::function<Result<OnlineLicense::VerdictPtr>(OnlineLicense&)>;

/// Beside all other calls of the licence, which must not wait for a network.
Result<Call<VerdictPtr>> asking(tsr_license* license, Body body) {
  TSR_ASSIGN_OR_RETURN(const auto core, core_of(license, "licence"));
  TSR_ASSIGN_OR_RETURN(OnlineLicense* const online, core->online_license());
  return Call<VerdictPtr>{{core, nullptr, nullptr},
                          [core, online, body = std::move(body)]() -> Result<VerdictPtr> {
                            TSR_ASSIGN_OR_RETURN(auto verdict, body(*online));
                            return std::make_unique<tsr_verdict>(std::move(verdict));
                          }};
}

Result<Call<VerdictPtr>> asking(tsr_license* license,
                                Result<OnlineLicense::VerdictPtr> (OnlineLicense::*function)()) {
  return asking(license, [function](OnlineLicense& online) { return (online.*function)(); });
}

bool is_visible(char c) { return c > ' ' && c <= '~'; }

Result<std::shared_ptr<const SecretBytes>> token_in(const tsr_activate_opts& opts) {
  if (opts.account_token == nullptr && opts.account_token_len == 0)
    return std::make_shared<const SecretBytes>();
  TSR_ASSIGN_OR_RETURN(const auto token,
                       bytes_in(opts.account_token, opts.account_token_len, "opts.account_token"));
  if (token.empty() || token.size() > kLongestToken || !std::ranges::all_of(token, is_visible))
    return argument_error("opts.account_token must be 1 byte to 16 KiB of visible ASCII");
  return std::make_shared<const SecretBytes>(tessera::as_bytes(token));
}

Result<Call<VerdictPtr>> activating(tsr_license* license, const tsr_activate_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const auto own,
                       options_in(opts, kFirstActivateOptsSize, "opts", "tsr_activate_opts_init"));
  if (own.flags != 0) return argument_error("opts.flags has an unknown bit");
  TSR_ASSIGN_OR_RETURN(const auto license_key, optional_text_in(own.license_key, "opts.license_key"));
  TSR_ASSIGN_OR_RETURN(const auto note, optional_text_in(own.note, "opts.note"));
  TSR_ASSIGN_OR_RETURN(const auto token, token_in(own));
  return asking(license,
                [key = std::string(license_key), note = std::string(note), token](OnlineLicense& online) {
                  return online.activate({.license_key = key, .note = note, .account_token = token->view()});
                });
}

}  // namespace

tsr_status tsr_license_activate(tsr_license* license, const tsr_activate_opts* opts, tsr_verdict** out,
                                tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(activating(license, opts), out); });
}

tsr_status tsr_license_activate_async(tsr_license* license, const tsr_activate_opts* opts, tsr_done_fn done,
                                      void* user, void (*user_free)(void*), tsr_op** out,
                                      tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return activating(license, opts); });
}

tsr_status tsr_license_sync(tsr_license* license, tsr_verdict** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(asking(license, &OnlineLicense::sync), out); });
}

tsr_status tsr_license_sync_async(tsr_license* license, tsr_done_fn done, void* user,
                                  void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return asking(license, &OnlineLicense::sync); });
}

tsr_status tsr_license_renew(tsr_license* license, tsr_verdict** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(asking(license, &OnlineLicense::renew), out); });
}

tsr_status tsr_license_renew_async(tsr_license* license, tsr_done_fn done, void* user,
                                   void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return asking(license, &OnlineLicense::renew); });
}

tsr_status tsr_license_heartbeat(tsr_license* license, tsr_verdict** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(asking(license, &OnlineLicense::heartbeat), out); });
}

tsr_status tsr_license_heartbeat_async(tsr_license* license, tsr_done_fn done, void* user,
                                       void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return asking(license, &OnlineLicense::heartbeat); });
}

tsr_status tsr_license_deactivate_online(tsr_license* license, tsr_verdict** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(asking(license, &OnlineLicense::deactivate), out); });
}

tsr_status tsr_license_deactivate_online_async(tsr_license* license, tsr_done_fn done, void* user,
                                               void (*user_free)(void*), tsr_op** out,
                                               tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return asking(license, &OnlineLicense::deactivate); });
}

tsr_status tsr_license_confirm_clock(tsr_license* license, tsr_verdict** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(asking(license, &OnlineLicense::confirm_clock), out); });
}

tsr_status tsr_license_confirm_clock_async(tsr_license* license, tsr_done_fn done, void* user,
                                           void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return asking(license, &OnlineLicense::confirm_clock); });
}

tsr_status tsr_license_fetch_lists(tsr_license* license, tsr_verdict** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(asking(license, &OnlineLicense::fetch_lists), out); });
}

tsr_status tsr_license_fetch_lists_async(tsr_license* license, tsr_done_fn done, void* user,
                                         void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return asking(license, &OnlineLicense::fetch_lists); });
}
