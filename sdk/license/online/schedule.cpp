#include "license/online/schedule.hpp"

#include <algorithm>
#include <array>

namespace tessera {
namespace {

constexpr int64_t kFirstPauseMs = int64_t{60} * 1000;
constexpr int64_t kLongestPauseMs = int64_t{60} * 60 * 1000;
constexpr int kMostDoublings = 6;

/// From half of `pause_ms` to all of it.
int64_t spread(int64_t pause_ms, int64_t chance) { return pause_ms / 2 + pause_ms / 2 * chance / 1000; }

int64_t pause_after(const ContactHistory& history, int64_t chance) {
  const int doublings = std::min(history.failures - 1, kMostDoublings);
  const int64_t pause_ms = spread(std::min(kFirstPauseMs << doublings, kLongestPauseMs), chance);
  return std::max(pause_ms, history.retry_after_ms.value_or(0));
}

int64_t heartbeat_due(const ContactState& state, int64_t chance) {
  const int64_t life_ms = state.lease_until_ms - state.lease_from_ms;
  return state.lease_from_ms + life_ms / 2 - life_ms / 10 + life_ms / 5 * chance / 1000;
}

}  // namespace

NextContact next_contact(const ContactState& state, const ContactHistory& history, int64_t refresh_after_ms,
                         int64_t chance) {
  if (!state.has_license) return {Contact::kNone, kLongestPauseMs};
  const bool is_synced = state.sync_every_ms != 0 || state.expires_at_ms != 0;
  const int64_t wanted_ms = state.sync_every_ms == 0 ? refresh_after_ms : state.sync_every_ms;
  const int64_t period_ms = std::min(wanted_ms, refresh_after_ms);
  const int64_t last_ms =
      state.is_floating ? history.last_sync_ms : std::max(state.last_sync_ms, history.last_sync_ms);
  // Up to a tenth early, so that what is due every day is not due everywhere at the same hour.
  int64_t due_ms = last_ms + period_ms - period_ms / 10 * chance / 1000;
  Contact what = is_synced ? Contact::kSync : Contact::kLists;
  if (state.is_floating) {
    const int64_t heartbeat_ms = heartbeat_due(state, chance);
    if (heartbeat_ms < due_ms) {
      due_ms = heartbeat_ms;
      what = Contact::kHeartbeat;
    }
  }
  if (history.failures != 0)
    due_ms = std::max(due_ms, history.last_failure_ms + pause_after(history, chance));
  return {what, std::max<int64_t>(due_ms - state.now_ms, 0)};
}

int64_t draw_chance(Random& random) {
  std::array<uint8_t, 4> bytes{};
  random.fill(bytes);
  uint32_t number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number % 1000;
}

}  // namespace tessera
