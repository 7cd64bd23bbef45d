// A stored state made ready to be judged: documents authenticated, hardware matched. Built once a change,
// judged often: judging needs only the time.
#pragma once

#include <optional>
#include <string>

#include "base/device.hpp"
#include "license/authenticate.hpp"
#include "license/evaluate.hpp"
#include "license/memory_file.hpp"
#include "license/state.hpp"

namespace tessera {

/// What stays the same for the life of a service or of one hardware probe.
struct LicenseContext {
  const LicenseConfig* config;
  const DeviceFactors* device;  // null when the probe failed
  int64_t release_ms;           // no true clock is before the release of the SDK
};

struct Snapshot {
  LicenseState state;
  DeviceMemory memory;  // as it was when the state was read
  bool has_state = false;
  bool rollback_noticed = false;  // and not written down yet
  std::optional<Error> problem;   // why there is no usable state, or why its licence no longer authenticates
  std::optional<KeySet> keys;
  std::optional<RevocationList> crl;
  std::optional<LeaseClaims> lease;
  std::optional<AuthenticLicense> license;  // the licence, else the trial
  std::optional<HardwareMatch> match;       // of `license`
  std::string install_key_id;
  int64_t floor_ms = 0;

  Trust trust(const LicenseConfig& config) const { return {&config, keys ? &*keys : nullptr}; }
};

/// The latest time that is known to have passed.
int64_t clock_floor(const LicenseState& state, const DeviceMemory& memory, int64_t release_ms);

/// The roots in force: those of a rotation while the configured ones are still what they descend from.
Roots effective_roots(const LicenseState& state, const LicenseConfig& config);
std::string roots_fingerprint(const LicenseConfig& config);

/// Marks a state that is older than one this machine remembers; true when it was. Its open requests are void:
/// the newer state may have used the answers up. So is the return of licences, which may have been given back
/// again.
bool notice_rollback(const DeviceMemory& memory, LicenseState* state);

/// True when a licence was given back, here or by a state that is gone, and not issued anew.
bool given_back(const std::string& license_id, const Snapshot& snapshot);

Snapshot take_snapshot(LicenseState state, const LicenseContext& context, DeviceMemory memory);
Snapshot empty_snapshot(const LicenseContext& context, DeviceMemory memory, std::optional<Error> problem);

std::optional<HardwareMatch> match_hardware(const AuthenticLicense& license, const LicenseContext& context);

/// Judges `license` as if it were the installed one; `match` is its hardware match. No true time is before
/// `floor_ms`.
Verdict judge_license(const AuthenticLicense& license, const std::optional<HardwareMatch>& match,
                      const Snapshot& snapshot, const LicenseContext& context, int64_t wall_ms,
                      int64_t floor_ms);
/// Judges the installed licence, or says why there is none.
Verdict judge(const Snapshot& snapshot, const LicenseContext& context, int64_t wall_ms, int64_t floor_ms);
inline Verdict judge(const Snapshot& snapshot, const LicenseContext& context, int64_t wall_ms) {
  return judge(snapshot, context, wall_ms, snapshot.floor_ms);
}

}  // namespace tessera
