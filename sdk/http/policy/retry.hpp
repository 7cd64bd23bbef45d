// Whether a failed attempt is made again, and when.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/defaults.hpp"
#include "base/random.hpp"
#include "http/policy/failure.hpp"

namespace tessera::http {

struct RetryConfig {
  int max_attempts = 3;
  int64_t transient_base_ms = 200;  // random(0, base * 2^n): spreads clients
  int64_t throttle_base_ms =
      1'000;  // half of base * 2^n and a random part of the rest: gives the server time
  int64_t max_backoff_ms = 20'000;
  int64_t max_retry_after_ms = 60'000;  // a longer Retry-After is not waited for
  int64_t max_gate_ms = 86'400'000;     // a Retry-After is believed up to this
  int64_t background_gate_ms = 60'000;  // after a 429 without Retry-After
  int max_other_routes = kRouteRetries;
  /// Statuses that blame the route instead of the request, beside failures of a proxy. For applications that
  /// have several sources of the same data, such as {403, 429}.
  std::vector<int> route_statuses;
};

/// All that the decision depends on.
struct FailedAttempt {
  Attempt attempt;
  std::string_view method;
  bool has_idempotency_key = false;
  bool is_background = false;  // nobody waits for it
  bool is_probe = false;       // see Admission
  bool has_budget = true;      // RetryBudget::has_retry() after this attempt was counted
  bool has_other_route = false;
  int attempts_made = 1;  // on the present route and others
  int other_routes_tried = 0;
  std::optional<int64_t> retry_after_ms;  // the header's; nothing when absent, malformed or past
  int64_t now_ms = 0;
  int64_t deadline_ms = INT64_MAX;
};

enum class GiveUp : uint8_t {
  kNone,
  kFinal,     // the same request would end the same way
  kMethod,    // repeating it could do twice what it does
  kProbe,     // the breaker's probe is sent once
  kAttempts,  // as many as configured were made
  kBudget,    // too many calls to the host fail
  kTooLong,   // the wait would pass the deadline, or is longer than configured
};
/// Name in logs and counters: "final", "too_long".
std::string_view give_up_name(GiveUp reason);

struct RetryDecision {
  enum class Action : uint8_t {
    kGiveUp,
    kRetry,
    kRateLimited,  // the server named a time after which to come, and this call can't wait for it
  };
  Action action = Action::kGiveUp;
  GiveUp reason = GiveUp::kFinal;  // unless kRetry
  int64_t wait_ms = 0;             // of kRetry
  bool is_on_other_route = false;  // of kRetry
  int64_t retry_at_ms = 0;         // of kRateLimited
  int64_t gate_until_ms = 0;       // for the host's limiter; 0: no gate
  bool gates_background_only = false;
};

RetryDecision decide_retry(const RetryConfig& config, const FailedAttempt& failed, Random& random);

}  // namespace tessera::http
