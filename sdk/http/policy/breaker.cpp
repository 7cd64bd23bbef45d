#include "http/policy/breaker.hpp"

#include <algorithm>

#include "http/policy/jitter.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kMostRestoredMs = 3'600'000;
constexpr int64_t kMostTrips = 1'000'000;

Outcome outcome_of_status(int status) {
  if (status == 429) return Outcome::kNeutral;
  return status >= 500 ? Outcome::kFailure : Outcome::kSuccess;
}

}  // namespace

Outcome outcome_of(const Attempt& attempt, bool is_strict) {
  switch (attempt.failure) {
    case Failure::kNone:
      return outcome_of_status(attempt.status);
    case Failure::kConnect:
    case Failure::kTimeout:
    case Failure::kReset:
    case Failure::kRefused:
    case Failure::kProtocol:
      return Outcome::kFailure;
    case Failure::kNoRoute:
    case Failure::kResolve:
      return is_strict ? Outcome::kFailure : Outcome::kNeutral;
    case Failure::kTls:
    case Failure::kPin:
    case Failure::kProxy:
    case Failure::kTooLarge:
    case Failure::kCancelled:
    case Failure::kCallback:
      break;
  }
  return Outcome::kNeutral;
}

BreakerConfig BreakerConfig::safety_switch() {
  BreakerConfig config;
  config.cooldown_ms = config.max_cooldown_ms = kSafetySwitchCooldownS * 1000;
  return config;
}

std::string_view breaker_state_name(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return "closed";
    case BreakerState::kOpen:
      return "open";
    case BreakerState::kHalfOpen:
      break;
  }
  return "half_open";
}

Breaker::Breaker(const BreakerConfig& config)
    : config_(config), window_(config.window_ms), slot_(config.probe_lease_ms) {}

Admission Breaker::admit(int64_t now_ms) {
  if (state_ == BreakerState::kClosed) return {.is_allowed = true, .ticket = {.period = period_}};
  if (state_ == BreakerState::kOpen) {
    const int64_t left_ms = opened_ms_ + cooldown_ms_ - now_ms;
    if (left_ms > 0) return {.retry_after_ms = left_ms};
    half_open();
  }
  const int64_t taken_ms = slot_.taken_ms(now_ms);
  if (taken_ms > 0) return {.retry_after_ms = taken_ms};
  return slot_.take(now_ms, period_);
}

void Breaker::report(Outcome outcome, const Ticket& ticket, int64_t now_ms) {
  if (ticket.probe != 0) {
    if (slot_.release(ticket.probe)) report_probe(outcome, now_ms);
    return;
  }
  const bool is_late = state_ != BreakerState::kClosed || ticket.period != period_;
  if (is_late || outcome == Outcome::kNeutral || !config_.is_enabled) return;
  const bool is_failed = outcome == Outcome::kFailure;
  failures_in_a_row_ = is_failed ? failures_in_a_row_ + 1 : 0;
  window_.add(now_ms, is_failed);
  // Also after a success: it may be the call that makes the sample large enough.
  if (failures_in_a_row_ >= config_.max_failures || rate_is_too_high()) trip(now_ms);
}

void Breaker::report_probe(Outcome outcome, int64_t now_ms) {
  if (outcome == Outcome::kFailure) {
    trip(now_ms);
  } else if (outcome == Outcome::kSuccess && ++probe_successes_ >= config_.successes_to_close) {
    reset();
  }
}

void Breaker::on_network_change() {
  if (config_.probes_on_network_change && state_ == BreakerState::kOpen) half_open();
}

void Breaker::reset() {
  state_ = BreakerState::kClosed;
  ++period_;
  failures_in_a_row_ = 0;
  window_.clear();
  trips_ = 0;
  slot_.clear();
}

BreakerRecord Breaker::record(int64_t now_ms, int64_t wall_ms) const {
  if (state_ == BreakerState::kClosed) return {};
  return {.is_open = true,
          .opened_wall_ms = wall_ms - (now_ms - opened_ms_),
          .cooldown_ms = cooldown_ms_,
          .trips = trips_};
}

void Breaker::restore(const BreakerRecord& record, int64_t now_ms, int64_t wall_ms) {
  if (!record.is_open || !config_.is_enabled) return;
  state_ = BreakerState::kOpen;
  cooldown_ms_ = std::clamp<int64_t>(record.cooldown_ms, 0, kMostRestoredMs);
  trips_ = std::clamp<int64_t>(record.trips, 1, kMostTrips);
  const int64_t opened_wall_ms = std::clamp(record.opened_wall_ms, wall_ms - cooldown_ms_, wall_ms);
  opened_ms_ = now_ms - (wall_ms - opened_wall_ms);
}

bool Breaker::rate_is_too_high() const {
  return window_.calls() >= config_.min_calls &&
         window_.failures() * 100 > window_.calls() * config_.max_percent;
}

void Breaker::trip(int64_t now_ms) {
  state_ = BreakerState::kOpen;
  opened_ms_ = now_ms;
  cooldown_ms_ = doubled(config_.cooldown_ms, trips_, config_.max_cooldown_ms);
  trips_ = std::min(trips_ + 1, kMostTrips);
}

void Breaker::half_open() {
  state_ = BreakerState::kHalfOpen;
  probe_successes_ = 0;
}

}  // namespace tessera::http
