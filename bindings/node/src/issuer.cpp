// tsr_key, tsr_issuer and licence keys.
#include "call.hpp"
#include "define.hpp"

namespace tessera::node {

namespace {

constexpr auto kImport = [](Bytes text, tsr_key** out, tsr_error** error) noexcept -> tsr_status {
  return tsr_key_import(text.data, text.len, out, error);
};

constexpr auto kExport = [](const tsr_key* key, SecretBuf* out, tsr_error** error) noexcept -> tsr_status {
  return tsr_key_export(key, &out->buf, error);
};

/// (key) => {publicKey, id, type}
Napi::Value facts(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const tsr_key* const key = In<const tsr_key*>(info[0]).get();
  auto object = Napi::Object::New(env);
  object.Set("publicKey", text_out(env, tsr_key_public(key)));
  object.Set("id", text_out(env, tsr_key_id(key)));
  object.Set("type", Napi::Number::New(env, tsr_key_type(key)));
  return object;
}

}  // namespace

void define_issuer(Napi::Env env, Napi::Object exports) {
  define<&start<&tsr_key_generate_async, &tsr_op_key>>(env, exports, "keyGenerate");
  define<&call<kImport>>(env, exports, "keyImport");
  define<&call<kExport>>(env, exports, "keyExport");
  define<&facts>(env, exports, "keyFacts");
  define<&release<tsr_key>>(env, exports, "keyFree");
  define<&call<&tsr_issuer_open>>(env, exports, "issuerOpen");
  define<&call<&tsr_issuer_read_request>>(env, exports, "issuerReadRequest");
  define<&call<&tsr_issuer_read_deactivation>>(env, exports, "issuerReadDeactivation");
  define<&call<&tsr_issuer_issue>>(env, exports, "issuerIssue");
  define<&call<&tsr_issuer_trial>>(env, exports, "issuerTrial");
  define<&call<&tsr_issuer_lease>>(env, exports, "issuerLease");
  define<&call<&tsr_issuer_keyset>>(env, exports, "issuerKeyset");
  define<&call<&tsr_issuer_crl>>(env, exports, "issuerCrl");
  define<&call<&tsr_issuer_time>>(env, exports, "issuerTime");
  define<&call<&tsr_issuer_rs256>>(env, exports, "issuerRs256");
  define<&release<tsr_issuer>>(env, exports, "issuerFree");
  define<&call<&tsr_license_key_generate>>(env, exports, "licenseKeyGenerate");
  define<&call<&tsr_license_key_check>>(env, exports, "licenseKeyCheck");
}

}  // namespace tessera::node
