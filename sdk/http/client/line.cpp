#include "http/client/line.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {
namespace {

size_t index(Lane lane) { return static_cast<size_t>(lane); }

}  // namespace

void Waiter::leave() {
  if (line_ == nullptr) return;
  Line* const line = std::exchange(line_, nullptr);
  line->lanes_[index(lane_)].erase(place_);
  line->limiter_.leave(lane_);
}

Line::Entry Line::enter(Waiter& waiter, Lane lane) {
  const Limiter::Turn turn = limiter_.reserve(lane, loop_.now_ms());
  if (turn.is_full) return Entry::kFull;
  if (turn.wait_ms == 0) return Entry::kGo;
  std::list<Waiter*>& queue = lanes_[index(lane)];
  waiter.line_ = this;
  waiter.lane_ = lane;
  waiter.place_ = queue.insert(queue.end(), &waiter);
  if (queue.size() == 1) arm();
  return Entry::kWait;
}

void Line::gate_until(int64_t until_ms, bool background_only) {
  limiter_.gate_until(until_ms, background_only);
}

void Line::apply_remote(int64_t remaining, int64_t reset_after_ms) {
  limiter_.apply_remote(remaining, reset_after_ms, loop_.now_ms());
}

void Line::arm() { loop_.start_timer(*this, loop_.now_ms()); }

void Line::fire() {
  const int64_t now_ms = loop_.now_ms();
  int64_t next_ms = INT64_MAX;
  for (const Lane lane : {Lane::kForeground, Lane::kBackground}) {
    std::list<Waiter*>& queue = lanes_[index(lane)];
    while (!queue.empty()) {
      const int64_t wait_ms = limiter_.advance(lane, now_ms);
      if (wait_ms > 0) {
        next_ms = std::min(next_ms, wait_ms);
        break;
      }
      Waiter* const waiter = queue.front();
      queue.pop_front();
      waiter->line_ = nullptr;
      waiter->on_turn();
    }
  }
  if (next_ms != INT64_MAX) loop_.start_timer(*this, now_ms + next_ms);
}

}  // namespace tessera::http
