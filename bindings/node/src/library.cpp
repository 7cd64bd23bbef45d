// Functions without a handle, and what JavaScript needs to keep house.
#include "call.hpp"
#include "define.hpp"

namespace tessera::node {

namespace {

Napi::Value version(const Napi::CallbackInfo& info) { return text_out(info.Env(), tsr_version()); }

Napi::Value build_info(const Napi::CallbackInfo& info) { return text_out(info.Env(), tsr_build_info()); }

Napi::Value features(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(tsr_features()));
}

Napi::Value live_objects(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(tsr_live_objects()));
}

Napi::Value license_code_text(const Napi::CallbackInfo& info) {
  return text_out(info.Env(), tsr_license_code_text(In<int32_t>(info[0]).get()));
}

Napi::Value license_code_next(const Napi::CallbackInfo& info) {
  return text_out(info.Env(), tsr_license_code_next(In<int32_t>(info[0]).get()));
}

Napi::Value set_error_factory(const Napi::CallbackInfo& info) {
  Addon::of(info.Env()).set_error_factory(info[0].As<Napi::Function>());
  tsr_error* error = nullptr;
  const tsr_status status = tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, &error);
  check(info.Env(), status, error);
  return info.Env().Undefined();
}

Napi::Value cancel(const Napi::CallbackInfo& info) {
  Addon::of(info.Env()).cancel_operation(static_cast<uint64_t>(In<int64_t>(info[0]).get()));
  return info.Env().Undefined();
}

/// Ends a registration of any kind.
Napi::Value end_sink(const Napi::CallbackInfo& info) {
  Addon::of(info.Env()).remove_sink(static_cast<uint64_t>(In<int64_t>(info[0]).get()));
  return info.Env().Undefined();
}

constexpr auto kInspect = [](Bytes document, tsr_buf* out, tsr_error** error) noexcept -> tsr_status {
  return tsr_document_inspect(document.data, document.len, out, error);
};

}  // namespace

void define_library(Napi::Env env, Napi::Object exports) {
  define<&version>(env, exports, "version");
  define<&build_info>(env, exports, "buildInfo");
  define<&features>(env, exports, "features");
  define<&live_objects>(env, exports, "liveObjects");
  define<&license_code_text>(env, exports, "licenseCodeText");
  define<&license_code_next>(env, exports, "licenseCodeNext");
  define<&call<kInspect>>(env, exports, "documentInspect");
  define<&set_error_factory>(env, exports, "setErrorFactory");
  define<&cancel>(env, exports, "cancel");
  define<&end_sink>(env, exports, "endSink");
}

}  // namespace tessera::node
