// What an installation remembers about its licence. Plain data; state_file.hpp keeps it encrypted.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/ed25519.hpp"
#include "license/claims.hpp"
#include "license/keyset.hpp"

namespace tessera {

inline constexpr int64_t kNonceLifeMs = 90 * kDaySeconds * 1000;

struct OpenNonce {
  std::string value;
  int64_t made_ms = 0;
};

struct Tombstone {
  std::string license_id;
  std::string proof;  // the deactivation document, given out again on request
};

struct TrialRecord {
  std::string id;
  std::string token;
  int64_t started_ms = 0;
  BoundHardware hardware;
};

/// A meter by day or month counts across licences; one that never resets counts for each licence.
struct MeterKey {
  std::string name;
  std::string scope;  // "day", "month" or "total:<licence id>"
  auto operator<=>(const MeterKey&) const = default;
};

struct MeterUse {
  std::string period;  // empty where there is only one
  int64_t used = 0;
};

struct LicenseState {
  int64_t generation = 0;
  std::shared_ptr<const Ed25519Key>
      install_key;                  // shared by copies of the state; null before the first write
  Bytes salt;                       // of hardware tags in requests that name no licence key
  std::vector<std::string> keyset;  // documents of the key set in force
  Roots roots;                      // after a rotation; empty: the configured ones
  std::string roots_base;           // which configured roots `roots` descends from
  std::string crl, license, lease;
  std::optional<TrialRecord> trial;
  std::vector<OpenNonce> open_nonces;
  std::vector<std::string> spent_nonces;
  std::vector<Tombstone> tombstones;
  std::set<std::string> brought_back;  // ids of licences that were issued anew after they were given back
  std::map<MeterKey, MeterUse> meters;
  int64_t proofs = 0;           // how often a fresh answer to a nonce of ours proved the time
  int64_t signed_floor_ms = 0;  // newest time in an accepted signed document
  int64_t mark_ms = 0;          // high-water mark of the wall clock
  int64_t mark_boot_ms = 0;     // boot time when the mark was last moved
  int64_t drift_since_ms = 0;
  int64_t rebind_since_ms = 0;
  bool rolled_back = false;

  const Tombstone* find_tombstone(std::string_view license_id) const;
  /// The nonce of a request that may still be answered at `now_ms`, else null.
  const OpenNonce* find_open_nonce(std::string_view value, int64_t now_ms) const;
  bool has_spent_nonce(std::string_view value) const;
  void spend_nonce(std::string_view value);
  /// Answers to requests made so far must not undo it.
  void give_back(Tombstone tombstone);
  void bring_back(const std::string& license_id);
};

/// The installation key's seed stays out of JSON, whose buffers can't be wiped: 32 bytes, then the rest as
/// JSON.
Bytes write_state(const LicenseState& state);
Result<LicenseState> read_state(ByteView content);

}  // namespace tessera
