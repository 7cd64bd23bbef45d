// tsr_app and tsr_license.
#include "call.hpp"
#include "define.hpp"
#include "sink.hpp"

namespace tessera::node {

namespace {

constexpr auto kImport = [](tsr_license* license, Bytes bundle, tsr_done_fn done, void* user,
                            void (*user_free)(void*), tsr_op** out,
                            tsr_error** error) noexcept -> tsr_status {
  return tsr_license_import_async(license, bundle.data, bundle.len, done, user, user_free, out, error);
};

constexpr auto kVerify = [](tsr_license* license, Bytes bundle, tsr_done_fn done, void* user,
                            void (*user_free)(void*), tsr_op** out,
                            tsr_error** error) noexcept -> tsr_status {
  return tsr_license_verify_async(license, bundle.data, bundle.len, done, user, user_free, out, error);
};

constexpr auto kStartTrial = [](tsr_license* license, Bytes token, tsr_done_fn done, void* user,
                                void (*user_free)(void*), tsr_op** out,
                                tsr_error** error) noexcept -> tsr_status {
  return tsr_license_start_trial_async(license, token.data, token.len, done, user, user_free, out, error);
};

constexpr auto kRequest = [](tsr_license* license, tsr_str license_key, tsr_str note, tsr_done_fn done,
                             void* user, void (*user_free)(void*), tsr_op** out,
                             tsr_error** error) noexcept -> tsr_status {
  tsr_request_opts opts;
  tsr_request_opts_init(&opts, sizeof opts);
  opts.license_key = license_key;
  opts.note = note;
  return tsr_license_request_async(license, &opts, done, user, user_free, out, error);
};

constexpr auto kTakeMeter = [](tsr_op* op, Meter* out, tsr_error** error) noexcept -> tsr_status {
  return tsr_op_meter(op, &out->used, &out->limit, error);
};

/// Behind check() of one License: as long as the verdict stands, a call costs no more than a memory read.
class Checker {
 public:
  explicit Checker(Napi::Value license)
      : license_(unwrap<tsr_license>(license)), keeper_(Napi::Persistent(license.As<Napi::Object>())) {}

  napi_value check(napi_env env) {
    if (verdict_ == nullptr || tsr_license_is_current(license_.get(), verdict_) == 0) renew(env);
    return record_.Value();
  }

 private:
  void renew(napi_env env) {
    Out<tsr_verdict*> out;
    tsr_error* error = nullptr;
    const tsr_status status = tsr_license_check(license_.get(), out.slot(), &error);
    node::check(env, status, error);
    verdict_ = *out.slot();
    record_ = Napi::Persistent(out.take(env).As<Napi::Object>());
  }

  Box<tsr_license>& license_;
  Napi::ObjectReference keeper_;  // of license_
  tsr_verdict* verdict_ = nullptr;
  Napi::ObjectReference record_;  // keeps verdict_
};

/// By hand, because a call through Napi::CallbackInfo takes as long again.
napi_value check_again(napi_env env, napi_callback_info info) {
  void* checker = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &checker);
  try {
    return static_cast<Checker*>(checker)->check(env);
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
    return nullptr;
  }
}

/// (license) => () => the same object as long as the verdict is the same
Napi::Value checker(const Napi::CallbackInfo& info) {
  auto checker = std::make_unique<Checker>(info[0]);
  napi_value value = nullptr;
  if (napi_create_function(info.Env(), "check", NAPI_AUTO_LENGTH, check_again, checker.get(), &value) !=
      napi_ok) {
    throw Napi::Error::New(info.Env());
  }
  const Napi::Function function(info.Env(), value);
  function.AddFinalizer([](Napi::BasicEnv, Checker* owned) { delete owned; }, checker.get());
  static_cast<void>(checker.release());
  return function;
}

}  // namespace

void define_license(Napi::Env env, Napi::Object exports) {
  define<&start<&tsr_app_open_async, &tsr_op_app>>(env, exports, "appOpen");
  define<&call<&tsr_app_license>>(env, exports, "appLicense");
  define<&on_log<&tsr_app_on_log, tsr_app>>(env, exports, "appOnLog");
  define<&start<&tsr_app_close_async, kTakeNothing>>(env, exports, "appClose");
  define<&start<&tsr_license_open_async, &tsr_op_license>>(env, exports, "licenseOpen");
  define<&checker>(env, exports, "licenseChecker");
  define<&start<&tsr_license_refresh_async, &tsr_op_verdict>>(env, exports, "licenseRefresh");
  define<&start<kImport, &tsr_op_verdict>>(env, exports, "licenseImport");
  define<&start<kVerify, &tsr_op_verdict>>(env, exports, "licenseVerify");
  define<&start<kRequest, &tsr_op_buf>>(env, exports, "licenseRequest");
  define<&start<kStartTrial, &tsr_op_verdict>>(env, exports, "licenseStartTrial");
  define<&start<&tsr_license_deactivate_async, &tsr_op_buf>>(env, exports, "licenseDeactivate");
  define<&start<&tsr_license_meter_add_async, kTakeMeter>>(env, exports, "licenseMeterAdd");
  define<&on_log<&tsr_license_on_log, tsr_license>>(env, exports, "licenseOnLog");
  define<&start<&tsr_license_close_async, kTakeNothing>>(env, exports, "licenseClose");
}

}  // namespace tessera::node
