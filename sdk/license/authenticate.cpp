#include "license/authenticate.hpp"

namespace tessera {
namespace {

Status check_party(const DocumentClaims& claims, const Trust& trust) {
  const std::string& issuer = trust.config->issuer.empty() ? trust.keys->issuer : trust.config->issuer;
  if (claims.issuer != issuer) return license_error(LicenseCode::kWRONG_ISSUER);
  if (claims.product != trust.config->product) return license_error(LicenseCode::kWRONG_PRODUCT);
  return {};
}

Result<Json> authenticate_claims(const Jws& jws, DocumentType type, const Trust& trust) {
  if (!jws.is_ed25519()) return license_error(LicenseCode::kALG_NOT_ALLOWED);
  if (trust.keys == nullptr) return license_error(LicenseCode::kKEY_UNKNOWN, "no key set is installed");
  TSR_RETURN_IF_ERROR(trust.keys->verify(jws));
  if (!jws.has_type(type)) return license_error(LicenseCode::kTOKEN_TYPE);
  return decode_claims(jws);
}

/// The steps that all documents under a signing key share.
template <class Claims>
Result<Claims> authenticate(const Jws& jws, DocumentType type, const Trust& trust,
                            Result<Claims> (*read)(const Json&)) {
  TSR_ASSIGN_OR_RETURN(const Json json, authenticate_claims(jws, type, trust));
  TSR_ASSIGN_OR_RETURN(Claims claims, read(json));
  TSR_RETURN_IF_ERROR(check_party(claims, trust));
  TSR_RETURN_IF_ERROR(trust.keys->check_signing_time(jws, claims.issued_at));
  return claims;
}

/// A document signed by the key inside it proves that its maker holds that key.
template <class Claims>
Result<Claims> authenticate_self_signed(std::string_view token, DocumentType type, std::string_view product,
                                        Result<Claims> (*read)(const Json&)) {
  TSR_ASSIGN_OR_RETURN(const Jws jws, parse_jws(token));
  if (!jws.is_ed25519()) return license_error(LicenseCode::kALG_NOT_ALLOWED);
  if (!jws.has_type(type)) return license_error(LicenseCode::kTOKEN_TYPE);
  TSR_ASSIGN_OR_RETURN(const Json json, decode_claims(jws));
  TSR_ASSIGN_OR_RETURN(Claims claims, read(json));
  if (jws.kid != ed25519_thumbprint(claims.install_key)) return license_error(LicenseCode::kKEY_UNKNOWN);
  TSR_RETURN_IF_ERROR(verify_jws(jws, claims.install_key));
  if (claims.product != product) return license_error(LicenseCode::kWRONG_PRODUCT);
  return claims;
}

}  // namespace

Result<AuthenticLicense> authenticate_license(const Jws& jws, const Trust& trust) {
  if (jws.is_rs256()) return authenticate_rs256(jws, *trust.config);
  const bool is_trial = jws.has_type(DocumentType::kTrial);
  TSR_ASSIGN_OR_RETURN(LicenseClaims claims,
                       is_trial ? authenticate(jws, DocumentType::kTrial, trust, read_trial_claims)
                                : authenticate(jws, DocumentType::kLicense, trust, read_license_claims));
  return AuthenticLicense{std::move(claims), is_trial ? LicenseOrigin::kTrial : LicenseOrigin::kTessera};
}

Result<RevocationList> authenticate_crl(const Jws& jws, const Trust& trust) {
  return authenticate(jws, DocumentType::kCrl, trust, read_crl_claims);
}

Result<LeaseClaims> authenticate_lease(const Jws& jws, const Trust& trust) {
  return authenticate(jws, DocumentType::kLease, trust, read_lease_claims);
}

Result<TimeClaims> authenticate_time(const Jws& jws, const Trust& trust) {
  return authenticate(jws, DocumentType::kTime, trust, read_time_claims);
}

Result<RequestClaims> authenticate_request(std::string_view token, std::string_view product) {
  return authenticate_self_signed(token, DocumentType::kRequest, product, read_request_claims);
}

Result<DeactivationClaims> authenticate_deactivation(std::string_view token, std::string_view product) {
  return authenticate_self_signed(token, DocumentType::kDeactivation, product, read_deactivation_claims);
}

}  // namespace tessera
