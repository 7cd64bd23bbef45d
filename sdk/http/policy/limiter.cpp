#include "http/policy/limiter.hpp"

#include <algorithm>
#include <cstdlib>

#include "http/policy/jitter.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kMostRemoteMs = int64_t{24} * 3'600'000;
/// Servers round the end of a span to whole seconds.
constexpr int64_t kSameSpanMs = 1'000;

size_t index(Lane lane) { return lane == Lane::kForeground ? 0 : 1; }

}  // namespace

Limiter::Limiter(const LimiterConfig& config, Random& random) : config_(config), random_(random) {}

Limiter::Turn Limiter::reserve(Lane lane, int64_t now_ms) {
  if (base_ms_ < 0) base_ms_ = now_ms;
  const int64_t ahead = lane == Lane::kForeground ? pending_[0] : pending();
  const int64_t wait = wait_ms(lane, ahead, now_ms);
  if (ahead == 0 && wait == 0) {
    take(now_ms);
    return {};
  }
  if (pending() >= config_.max_pending) return {.is_full = true};
  ++pending_[index(lane)];
  // Behind others there is always a wait, if only for their turn.
  return {.wait_ms = std::max<int64_t>(wait, 1)};
}

int64_t Limiter::advance(Lane lane, int64_t now_ms) {
  const int64_t wait = wait_ms(lane, /*ahead=*/0, now_ms);
  if (wait > 0) return wait;
  take(now_ms);
  leave(lane);
  return 0;
}

void Limiter::leave(Lane lane) {
  int64_t& waiting = pending_[index(lane)];
  waiting = std::max<int64_t>(waiting - 1, 0);
}

void Limiter::gate_until(int64_t until_ms, bool background_only) {
  int64_t& gate_ms = gates_ms_[background_only ? 1 : 0];
  gate_ms = std::max(gate_ms, until_ms);
}

void Limiter::apply_remote(int64_t remaining, int64_t reset_after_ms, int64_t now_ms) {
  if (remaining < 0 || reset_after_ms <= 0) return;
  const int64_t until_ms = now_ms + std::min(reset_after_ms, kMostRemoteMs);
  if (now_ms < remote_until_ms_ && std::abs(until_ms - remote_until_ms_) <= kSameSpanMs) {
    remote_left_ = std::min(remote_left_, remaining);
    return;
  }
  remote_left_ = remaining;
  remote_until_ms_ = until_ms;
}

bool Limiter::is_idle(int64_t now_ms) const {
  const bool is_full = config_.rate == 0 || base_ms_ < 0 || filled_ <= (now_ms - base_ms_) * config_.rate;
  return pending() == 0 && is_full &&
         now_ms >= std::max({spaced_until_ms_, gates_ms_[0], gates_ms_[1], remote_until_ms_});
}

int64_t Limiter::full_at(int64_t now) const {
  return std::max(filled_, now - std::min(config_.rate, config_.period_ms) + 1);
}

int64_t Limiter::bucket_wait_ms(int64_t ahead, int64_t now_ms) const {
  if (config_.rate == 0) return 0;
  const int64_t now = (now_ms - base_ms_) * config_.rate;
  const int64_t wait = full_at(now) + (ahead - config_.burst + 1) * config_.period_ms - now;
  return wait <= 0 ? 0 : (wait + config_.rate - 1) / config_.rate;
}

int64_t Limiter::wait_ms(Lane lane, int64_t ahead, int64_t now_ms) const {
  int64_t until_ms = std::max(gates_ms_[0], lane == Lane::kBackground ? gates_ms_[1] : 0);
  if (remote_left_ <= 0) until_ms = std::max(until_ms, remote_until_ms_);
  const int64_t spacing_ms = (config_.spacing_least_ms + config_.spacing_most_ms) / 2;
  const int64_t spaced_ms = std::max(spaced_until_ms_ - now_ms, int64_t{0}) + ahead * spacing_ms;
  return std::max({bucket_wait_ms(ahead, now_ms), spaced_ms, until_ms - now_ms});
}

void Limiter::take(int64_t now_ms) {
  if (config_.rate > 0) filled_ = full_at((now_ms - base_ms_) * config_.rate) + config_.period_ms;
  if (config_.spacing_most_ms > 0) {
    spaced_until_ms_ = now_ms + random_between(random_, config_.spacing_least_ms, config_.spacing_most_ms);
  }
  if (now_ms < remote_until_ms_) --remote_left_;
}

Limiter* LimiterTable::at(std::string_view key, const LimiterConfig& config, int64_t now_ms) {
  const auto found = limiters_.find(key);
  if (found != limiters_.end()) return &found->second;
  if (limiters_.size() >= max_keys_) {
    std::erase_if(limiters_, [&](const auto& entry) { return entry.second.is_idle(now_ms); });
    if (limiters_.size() >= max_keys_) return nullptr;
  }
  return &limiters_.try_emplace(std::string(key), config, random_).first->second;
}

}  // namespace tessera::http
