// From text to claims that can be believed: header, key, signature, type, issuer, product and schema, in that
// order.
#pragma once

#include <string>
#include <string_view>

#include "license/claims.hpp"
#include "license/config.hpp"
#include "license/crl.hpp"
#include "license/keyset.hpp"

namespace tessera {

enum class LicenseOrigin { kTessera, kTrial, kRs256 };

struct AuthenticLicense {
  LicenseClaims claims;
  LicenseOrigin origin = LicenseOrigin::kTessera;
};

/// Whom the application believes. Views of objects that outlive the call.
struct Trust {
  const LicenseConfig* config;
  const KeySet* keys;  // null before a key set is known
};

Result<AuthenticLicense> authenticate_license(const Jws& jws, const Trust& trust);
Result<RevocationList> authenticate_crl(const Jws& jws, const Trust& trust);
Result<LeaseClaims> authenticate_lease(const Jws& jws, const Trust& trust);
Result<TimeClaims> authenticate_time(const Jws& jws, const Trust& trust);

/// Documents that an installation signed with the key they carry.
Result<RequestClaims> authenticate_request(std::string_view token, std::string_view product);
Result<DeactivationClaims> authenticate_deactivation(std::string_view token, std::string_view product);

/// RS256 tokens of the TikTrend shape (TT-29), only under a key that the configuration names.
Result<AuthenticLicense> authenticate_rs256(const Jws& jws, const LicenseConfig& config);

}  // namespace tessera
