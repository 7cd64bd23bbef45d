// What an application configures for licensing. Read from JSON; docs/reference/license-config.md is its
// schema.
#pragma once

#include <string>
#include <vector>

#include "crypto/ed25519.hpp"
#include "crypto/interop.hpp"

namespace tessera {

/// A key of another system whose RS256 tokens this application accepts (TT-29).
struct RsaIssuer {
  std::string issuer;
  std::string key_id;    // empty: any `kid`, or none
  std::string audience;  // empty: the token needs no `aud`
  RsaPublicKey key;
  int64_t refresh_after_s;
  int64_t grace_s;
};

enum class KeyLocation { kAuto, kOsKeystore, kFile };

struct LicenseConfig {
  std::string product;
  std::string data_dir;
  std::string
      memory_dir;  // second place for the clock mark and used trials; default: the user's state folder
  std::string user;
  std::string issuer;  // empty: the one that the trusted key set names
  std::vector<Ed25519Public> trusted_keys;
  int trusted_threshold = 1;
  std::string key_set;  // compiled-in key set, or empty
  std::vector<RsaIssuer> rsa_keys;
  std::string app_version;
  int64_t build_date_s = 0;
  bool deny_clock_rollback = false;
  bool deny_stale_crl = false;
  int64_t expires_soon_s = 0;
  KeyLocation key_location = KeyLocation::kAuto;
};

}  // namespace tessera
