// Circuit breaker of one host: stops calls that would fail, and finds out with one call at a time when they
// would not.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/defaults.hpp"
#include "http/policy/admission.hpp"
#include "http/policy/call_window.hpp"
#include "http/policy/failure.hpp"

namespace tessera::http {

enum class Outcome : uint8_t { kSuccess, kFailure, kNeutral };

/// What the last attempt of a call says about its host. Neutral is what says nothing about it: 429 (the
/// limiter's), what this side gave up or refused, the proxy's failures, and a connection that is not secure,
/// because the other end need not be the host. Without network or names nothing reaches the host either;
/// `is_strict` counts that as its failure all the same.
Outcome outcome_of(const Attempt& attempt, bool is_strict);

struct BreakerConfig {
  bool is_enabled = true;
  int max_failures = kSafetySwitchFailures;    // in a row; the last of them trips
  int max_percent = kSafetySwitchRatePercent;  // failed in the window; more of them trip
  int min_calls = 20;                          // in the window, before its rate says anything
  int64_t window_ms = 60'000;
  int64_t cooldown_ms = 30'000;  // doubled each time that a probe fails
  int64_t max_cooldown_ms = 600'000;
  int successes_to_close = 2;
  int64_t probe_lease_ms = 60'000;  // the total deadline of a call
  bool probes_on_network_change = false;

  static BreakerConfig client() { return {}; }
  static BreakerConfig safety_switch();
};

enum class BreakerState : uint8_t { kClosed, kOpen, kHalfOpen };
/// "closed", "open", "half_open".
std::string_view breaker_state_name(BreakerState state);

/// What outlives the process.
struct BreakerRecord {
  bool is_open = false;
  int64_t opened_wall_ms = 0;
  int64_t cooldown_ms = 0;
  int64_t trips = 0;
};

class Breaker {
 public:
  explicit Breaker(const BreakerConfig& config);

  Admission admit(int64_t now_ms);
  /// Once per admitted call. An outcome that comes after the state changed, or from a probe that lost its
  /// place, says nothing about now and is ignored.
  void report(Outcome outcome, const Ticket& ticket, int64_t now_ms);
  /// Lets one call through before the cooldown ends, if configured.
  void on_network_change();
  /// Closed, and everything forgotten.
  void reset();

  BreakerState state() const { return state_; }
  /// Since it was last closed.
  int64_t trips() const { return trips_; }

  BreakerRecord record(int64_t now_ms, int64_t wall_ms) const;
  /// Whatever the wall clock did meanwhile, what is left is at most the cooldown, and at most an hour. For a
  /// new breaker.
  void restore(const BreakerRecord& record, int64_t now_ms, int64_t wall_ms);

 private:
  bool rate_is_too_high() const;
  void trip(int64_t now_ms);
  void half_open();
  void report_probe(Outcome outcome, int64_t now_ms);

  const BreakerConfig config_;
  BreakerState state_ = BreakerState::kClosed;
  uint64_t period_ = 1;  // moves on whenever it closes
  // Closed.
  int failures_in_a_row_ = 0;
  CallWindow window_;
  // Open.
  int64_t opened_ms_ = 0, cooldown_ms_ = 0, trips_ = 0;
  // Half-open.
  ProbeSlot slot_;
  int probe_successes_ = 0;
};

}  // namespace tessera::http
