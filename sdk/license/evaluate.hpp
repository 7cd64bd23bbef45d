// The state machine: a pure function from authentic claims, stored facts and the time to a verdict.
#pragma once

#include <optional>

#include "license/authenticate.hpp"
#include "license/verdict.hpp"

namespace tessera {

/// How far the wall clock may lie behind the floor before it is called a rollback: dual boots that keep local
/// time in the hardware clock are off by up to a time zone step or two.
inline constexpr int64_t kClockToleranceMs = int64_t{2} * 60 * 60 * 1000;

/// How far records follow a clock that jumped ahead: a bogus date must not lock anybody out for years.
inline constexpr int64_t kMarkStepMs = 30 * kDaySeconds * 1000;

/// What this machine and its stored state say about one licence. Times in milliseconds; 0 means "not so".
struct LicenseFacts {
  const LicenseConfig* config = nullptr;
  const RevocationList* crl = nullptr;
  const LeaseClaims* lease = nullptr;
  std::string_view install_key;  // thumbprint of this installation
  int64_t last_sync_ms = 0;      // newest signed time
  int64_t drift_since_ms = 0;    // when the hardware first differed
  int64_t rebind_since_ms = 0;   // when the licence came back under a new installation key
  int64_t trial_started_ms = 0;
  bool state_rolled_back = false;
  std::optional<HardwareMatch> hardware;  // of the licence's bound set; absent when unbound
  Environment environment;
  std::string_view legacy_digest;
};

struct Now {
  int64_t wall_ms;
  int64_t floor_ms;  // no true time is earlier
  int64_t effective_ms() const { return wall_ms > floor_ms ? wall_ms : floor_ms; }
};

Verdict evaluate_license(const AuthenticLicense& license, const LicenseFacts& facts, const Now& now);
/// The verdict when there is nothing to evaluate: no licence, a refused document, an unreadable state.
Verdict denial(LicenseCode code, std::string text, const Now& now);

/// The error for a document whose verdict denies: its first reason that does.
Error refusal(const Verdict& verdict);

/// True when nothing of a bound set could be read: an unreadable probe, not another machine.
bool nothing_readable(const HardwareMatch& match);

}  // namespace tessera
