// tsr_verdict: one snapshot becomes one object.
#include "call.hpp"
#include "define.hpp"

namespace tessera::node {

namespace {

Napi::Value code_out(Napi::Env env, tsr_license_code code) {
  return text_out(env, tsr_license_code_name(code));
}

Napi::Array reasons_out(Napi::Env env, const tsr_verdict* verdict) {
  auto reasons = Napi::Array::New(env);
  for (size_t i = 0; i < tsr_verdict_reason_count(verdict); ++i) {
    auto reason = Napi::Object::New(env);
    reason.Set("code", code_out(env, tsr_verdict_reason_code(verdict, i)));
    reason.Set("text", text_out(env, tsr_verdict_reason_text(verdict, i)));
    reasons.Set(static_cast<uint32_t>(i), reason);
  }
  return reasons;
}

Napi::Array entitlement_names_out(Napi::Env env, const tsr_verdict* verdict) {
  auto names = Napi::Array::New(env);
  for (size_t i = 0; i < tsr_verdict_entitlement_count(verdict); ++i) {
    names.Set(static_cast<uint32_t>(i), text_out(env, tsr_verdict_entitlement_name(verdict, i)));
  }
  return names;
}

Napi::Value value_out(Napi::Env env, const tsr_verdict* verdict, tsr_str name) {
  switch (tsr_verdict_entitlement_type(verdict, name)) {
    case TSR_ENTITLEMENT_BOOL:
      return Napi::Boolean::New(env, tsr_verdict_entitlement_int(verdict, name) != 0);
    case TSR_ENTITLEMENT_INT:
      return Napi::BigInt::New(env, tsr_verdict_entitlement_int(verdict, name));
    case TSR_ENTITLEMENT_STR:
      return text_out(env, tsr_verdict_entitlement_str(verdict, name));
    default:
      return env.Undefined();
  }
}

/// (verdict, name) => {code, value, expiresAtMs}
Napi::Value entitlement(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const In<const tsr_verdict*> verdict(info[0]);
  const In<tsr_str> name(info[1]);
  auto object = Napi::Object::New(env);
  object.Set("code", code_out(env, tsr_verdict_entitlement_code(verdict.get(), name.get())));
  object.Set("value", value_out(env, verdict.get(), name.get()));
  object.Set("expiresAtMs", time_out(env, tsr_verdict_entitlement_expires_at_ms(verdict.get(), name.get())));
  return object;
}

}  // namespace

Napi::Value verdict_out(Napi::Env env, tsr_verdict* owned) {
  auto object = Napi::Object::New(env);
  object.Set("handle", wrap(env, owned));
  object.Set("usable", Napi::Boolean::New(env, tsr_verdict_usable(owned) != 0));
  object.Set("code", code_out(env, tsr_verdict_code(owned)));
  object.Set("state", text_out(env, tsr_verdict_state(owned)));
  object.Set("reasons", reasons_out(env, owned));
  object.Set("usableUntilMs", time_out(env, tsr_verdict_usable_until_ms(owned)));
  object.Set("expiresAtMs", time_out(env, tsr_verdict_expires_at_ms(owned)));
  object.Set("nextCheckMs", time_out(env, tsr_verdict_next_check_ms(owned)));
  object.Set("hardwareScore", Napi::Number::New(env, tsr_verdict_hardware_score(owned)));
  object.Set("licenseId", text_out(env, tsr_verdict_license_id(owned)));
  object.Set("subject", text_out(env, tsr_verdict_subject(owned)));
  object.Set("product", text_out(env, tsr_verdict_product(owned)));
  object.Set("sku", text_out(env, tsr_verdict_sku(owned)));
  object.Set("edition", text_out(env, tsr_verdict_edition(owned)));
  object.Set("kind", text_out(env, tsr_verdict_kind(owned)));
  object.Set("entitlements", entitlement_names_out(env, owned));
  return object;
}

void define_verdict(Napi::Env env, Napi::Object exports) {
  define<&entitlement>(env, exports, "verdictEntitlement");
  define<&call<&tsr_verdict_explain>>(env, exports, "verdictExplain");
  define<&call<&tsr_verdict_json>>(env, exports, "verdictJson");
}

}  // namespace tessera::node
