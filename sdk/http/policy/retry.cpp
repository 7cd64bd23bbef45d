#include "http/policy/retry.hpp"

#include <algorithm>
#include <array>

#include "http/policy/jitter.hpp"

namespace tessera::http {
namespace {

constexpr std::array<std::string_view, 5> kIdempotent{"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
constexpr int kConflict = 409;
constexpr int kTooManyRequests = 429;

enum class Kind : uint8_t {
  kFinal,
  kTransient,
  kThrottled,
  kInProgress,  // 409: the request of the same idempotency key is still under way
};

Kind kind_of_status(int status, bool has_idempotency_key) {
  switch (status) {
    case 408:
    case 425:
    case 500:
    case 502:
    case 503:
    case 504:
      return Kind::kTransient;
    case kTooManyRequests:
      return Kind::kThrottled;
    case kConflict:
      return has_idempotency_key ? Kind::kInProgress : Kind::kFinal;
    default:
      return Kind::kFinal;
  }
}

Kind kind_of(const FailedAttempt& failed) {
  switch (failed.attempt.failure) {
    case Failure::kNone:
      return kind_of_status(failed.attempt.status, failed.has_idempotency_key);
    case Failure::kResolve:
    case Failure::kConnect:
    case Failure::kTimeout:
    case Failure::kReset:
    case Failure::kRefused:
      return Kind::kTransient;
    case Failure::kNoRoute:
    case Failure::kProtocol:
    case Failure::kTls:
    case Failure::kPin:
    case Failure::kProxy:
    case Failure::kTooLarge:
    case Failure::kCancelled:
    case Failure::kCallback:
      break;
  }
  return Kind::kFinal;
}

bool may_repeat(const FailedAttempt& failed) {
  return failed.has_idempotency_key || failed.attempt.is_unsent ||
         failed.attempt.failure == Failure::kRefused ||
         std::ranges::find(kIdempotent, failed.method) != kIdempotent.end();
}

/// What stands against any retry, whatever its wait; `may_go` is whether there is an attempt left.
GiveUp obstacle(const FailedAttempt& failed, bool may_go) {
  if (failed.is_probe) return GiveUp::kProbe;
  if (!may_repeat(failed)) return GiveUp::kMethod;
  if (!may_go) return GiveUp::kAttempts;
  return failed.has_budget ? GiveUp::kNone : GiveUp::kBudget;
}

bool blames_route(const RetryConfig& config, const Attempt& attempt) {
  if (attempt.failure == Failure::kProxy) return true;
  return attempt.failure == Failure::kNone &&
         std::ranges::find(config.route_statuses, attempt.status) != config.route_statuses.end();
}

RetryDecision give_up(GiveUp reason) { return {.reason = reason}; }

RetryDecision retry_after(int64_t wait_ms) {
  return {.action = RetryDecision::Action::kRetry, .reason = GiveUp::kNone, .wait_ms = wait_ms};
}

/// A wait that the server asked for: at least that long, and never so long that the deadline passes.
RetryDecision wait_as_asked(const RetryConfig& config, const FailedAttempt& failed, int64_t asked_ms,
                            GiveUp against, Random& random) {
  const int64_t left_ms = failed.deadline_ms - failed.now_ms;
  if (against == GiveUp::kNone && asked_ms <= config.max_retry_after_ms && asked_ms < left_ms) {
    return retry_after(asked_ms + random_between(random, 0, std::min(asked_ms / 10, left_ms - 1 - asked_ms)));
  }
  return give_up(against == GiveUp::kNone ? GiveUp::kTooLong : against);
}

}  // namespace

std::string_view give_up_name(GiveUp reason) {
  switch (reason) {
    case GiveUp::kNone:
      return "none";
    case GiveUp::kFinal:
      return "final";
    case GiveUp::kMethod:
      return "method";
    case GiveUp::kProbe:
      return "probe";
    case GiveUp::kAttempts:
      return "attempts";
    case GiveUp::kBudget:
      return "budget";
    case GiveUp::kTooLong:
      break;
  }
  return "too_long";
}

RetryDecision decide_retry(const RetryConfig& config, const FailedAttempt& failed, Random& random) {
  if (failed.has_other_route && blames_route(config, failed.attempt) &&
      obstacle(failed, failed.other_routes_tried < config.max_other_routes) == GiveUp::kNone &&
      failed.now_ms < failed.deadline_ms) {
    RetryDecision decision = retry_after(0);
    decision.is_on_other_route = true;
    return decision;
  }
  const Kind kind = kind_of(failed);
  if (kind == Kind::kFinal) return give_up(GiveUp::kFinal);

  // Changes of the route have a limit of their own.
  const int attempts = failed.attempts_made - failed.other_routes_tried;
  const GiveUp against = obstacle(failed, attempts < config.max_attempts);

  int64_t asked_ms = failed.attempt.failure == Failure::kNone ? failed.retry_after_ms.value_or(0) : 0;
  const bool is_asked = asked_ms > 0;
  if (!is_asked && kind == Kind::kThrottled && failed.is_background) asked_ms = config.background_gate_ms;
  if (asked_ms > 0) {
    asked_ms = std::min(asked_ms, config.max_gate_ms);
    RetryDecision decision = wait_as_asked(config, failed, asked_ms, against, random);
    // One key's conflict is not the host's.
    const bool is_limit = decision.action == RetryDecision::Action::kGiveUp && kind != Kind::kInProgress;
    if (is_limit) {
      decision.action = RetryDecision::Action::kRateLimited;
      decision.retry_at_ms = failed.now_ms + asked_ms;
    }
    if (is_limit || !is_asked) {
      decision.gate_until_ms = failed.now_ms + asked_ms;
      decision.gates_background_only = !is_asked;
    }
    return decision;
  }
  if (against != GiveUp::kNone) return give_up(against);

  const int64_t doublings = attempts - 1;
  const int64_t wait_ms =
      kind == Kind::kTransient
          ? random_between(random, 0, doubled(config.transient_base_ms, doublings, config.max_backoff_ms))
          : half_random(random, doubled(config.throttle_base_ms, doublings, config.max_backoff_ms));
  return wait_ms < failed.deadline_ms - failed.now_ms ? retry_after(wait_ms) : give_up(GiveUp::kTooLong);
}

}  // namespace tessera::http
