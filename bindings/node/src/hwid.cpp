// tsr_hwid.
#include "call.hpp"
#include "define.hpp"

namespace tessera::node {

namespace {

/// (hwid) => {strength, vm, container, legacyDigest, factors: [{kind, class, weight, state}]}
Napi::Value report(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const tsr_hwid* const hwid = In<const tsr_hwid*>(info[0]).get();
  auto factors = Napi::Array::New(env);
  for (size_t i = 0; i < tsr_hwid_factor_count(hwid); ++i) {
    auto factor = Napi::Object::New(env);
    factor.Set("kind", text_out(env, tsr_hwid_factor_kind(hwid, i)));
    factor.Set("class", Napi::Number::New(env, tsr_hwid_factor_class(hwid, i)));
    factor.Set("weight", Napi::Number::New(env, tsr_hwid_factor_weight(hwid, i)));
    factor.Set("state", Napi::Number::New(env, tsr_hwid_factor_state(hwid, i)));
    factors.Set(static_cast<uint32_t>(i), factor);
  }
  auto object = Napi::Object::New(env);
  object.Set("strength", Napi::Number::New(env, tsr_hwid_strength(hwid)));
  object.Set("vm", text_out(env, tsr_hwid_vm(hwid)));
  object.Set("container", text_out(env, tsr_hwid_container(hwid)));
  object.Set("legacyDigest", text_out(env, tsr_hwid_legacy_digest(hwid)));
  object.Set("factors", factors);
  return object;
}

}  // namespace

void define_hwid(Napi::Env env, Napi::Object exports) {
  define<&start<&tsr_hwid_probe_async, &tsr_op_hwid>>(env, exports, "hwidProbe");
  define<&report>(env, exports, "hwidReport");
  define<&call<&tsr_hwid_explain>>(env, exports, "hwidExplain");
  define<&call<&tsr_hwid_json>>(env, exports, "hwidJson");
  define<&release<tsr_hwid>>(env, exports, "hwidFree");
}

}  // namespace tessera::node
