// Key sets: which Ed25519 keys may sign licences. Signed by root keys, which never sign licences themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "license/claims.hpp"
#include "license/jws.hpp"

namespace tessera {

enum class KeyUse { kSign, kVerifyOnly, kRevoked };

struct TrustedKey {
  std::string id;
  Ed25519Public key{};
  KeyUse use = KeyUse::kSign;
  int64_t not_before = 0;
  int64_t expires_at = 0;  // 0: no end
};

/// Keys that may sign key sets, and how many of them must.
struct Roots {
  std::vector<Ed25519Public> keys;
  int threshold = 1;
  bool operator==(const Roots&) const = default;
};

struct KeySet : DocumentClaims {
  int64_t seq = 0;
  std::vector<TrustedKey> keys;
  Roots next_roots;  // empty: the roots stay

  const TrustedKey* find(std::string_view id) const;
  /// KEY_UNKNOWN, KEY_REVOKED, SIGNATURE_INVALID.
  Status verify(const Jws& jws) const;
  /// KEY_EXPIRED when the key that signed `jws` was not in force at `issued_at`.
  Status check_signing_time(const Jws& jws, int64_t signed_at) const;
};

Result<KeySet> read_keyset_claims(const Json& claims);
Json write_claims(const KeySet& set);

/// Verifies one key set from its documents: the same content signed by enough of `roots`, and, where it
/// changes the roots, by enough of the new ones too (the TUF rule). KEY_UNKNOWN, SIGNATURE_INVALID,
/// KEYSET_INVALID.
Result<KeySet> verify_keyset(const std::vector<Jws>& documents, const Roots& roots);

}  // namespace tessera
