#include "license/authenticate.hpp"
#include "license/claims_json.hpp"
#include "license/jws.hpp"
#include "text/hex.hpp"

namespace tessera {
namespace {

bool has_audience(const Json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return found->get_ref<const std::string&>() == audience;
  if (!found->is_array()) return false;
  for (const Json& item : *found) {
    if (item == audience) return true;
  }
  return false;
}

Result<LicenseClaims> read_rs256_claims(const Jws& jws, const RsaIssuer& issuer, const std::string& product) {
  TSR_ASSIGN_OR_RETURN(const Json json, decode_claims(jws));
  LicenseClaims out;
  ClaimReader reader(json);
  out.issuer = reader.text("iss", true, 256);
  if (!reader.failed() && out.issuer != issuer.issuer) return license_error(LicenseCode::kWRONG_ISSUER);
  if (!issuer.audience.empty() && !has_audience(json, issuer.audience))
    return license_error(LicenseCode::kWRONG_PRODUCT);
  out.product = product;
  out.subject = reader.text("sub", true, 256);
  out.sku = reader.text("plan", true, 128);
  out.legacy_hwid = reader.text("hwid", true, 128);
  out.issued_at = reader.integer("iat", true, 0, kMaxTime);
  out.expires_at = reader.integer("exp", true, 1, kMaxTime);
  out.not_before = reader.integer("nbf", false, 0, kMaxTime, out.issued_at);
  if (out.expires_at <= out.not_before) reader.fail("exp");
  out.kind = "node";
  out.id = reader.text("jti", false, 128);
  // Such tokens need no id of their own; this one only has to tell two tokens apart.
  if (out.id.empty()) out.id = "rs256:" + hex_encode(ByteView(sha256(as_bytes(jws.signing_input))).first(16));
  out.grace_expiry = issuer.grace_s;
  out.sync_every = issuer.refresh_after_s;
  out.sync_max = out.expires_at - out.issued_at + issuer.grace_s + issuer.refresh_after_s;
  TSR_RETURN_IF_ERROR(reader.take());
  return out;
}

}  // namespace

Result<AuthenticLicense> authenticate_rs256(const Jws& jws, const LicenseConfig& config) {
  if (config.rsa_keys.empty()) return license_error(LicenseCode::kALG_NOT_ALLOWED);
  bool kid_known = false;
  for (const RsaIssuer& issuer : config.rsa_keys) {
    if (!issuer.key_id.empty() && jws.kid != issuer.key_id) continue;
    kid_known = true;
    if (!issuer.key.verify_rs256(as_bytes(jws.signing_input), jws.signature)) continue;
    if (!jws.typ.empty() && jws.typ != "JWT") return license_error(LicenseCode::kTOKEN_TYPE);
    TSR_ASSIGN_OR_RETURN(LicenseClaims claims, read_rs256_claims(jws, issuer, config.product));
    return AuthenticLicense{std::move(claims), LicenseOrigin::kRs256};
  }
  return license_error(kid_known ? LicenseCode::kSIGNATURE_INVALID : LicenseCode::kKEY_UNKNOWN);
}

}  // namespace tessera
