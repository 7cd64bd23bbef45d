// Revocation lists: licences that ended early, by id or by epoch.
#pragma once

#include <string>
#include <vector>

#include "license/claims.hpp"

namespace tessera {

struct RevocationList : DocumentClaims {
  int64_t seq = 0;
  int64_t next_update = 0;                      // 0: never stale
  int64_t min_epoch = 0;                        // licences of an earlier epoch are revoked
  std::vector<std::string> revoked, suspended;  // sorted

  bool revokes(const LicenseClaims& license) const;
  bool suspends(const LicenseClaims& license) const;
};

Result<RevocationList> read_crl_claims(const Json& claims);
Json write_claims(const RevocationList& list);

}  // namespace tessera
