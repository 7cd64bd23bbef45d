#include "http/transport/timers.hpp"

namespace tessera::http {

void Timer::stop() {
  if (home_ == nullptr) return;
  home_->erase(place_);
  home_ = nullptr;
}

void Timers::start(Timer& timer, int64_t due_ms) {
  timer.stop();
  timer.place_ = queue_.emplace(due_ms, &timer);
  timer.home_ = &queue_;
}

std::optional<int64_t> Timers::next_ms() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

void Timers::run(int64_t now_ms) {
  while (!queue_.empty() && queue_.begin()->first <= now_ms) {
    Timer* const timer = queue_.begin()->second;
    timer->place_ = due_.insert(queue_.extract(queue_.begin()));
    timer->home_ = &due_;
  }
  while (!due_.empty()) {
    Timer* const timer = due_.begin()->second;
    timer->stop();
    timer->fire();
  }
}

}  // namespace tessera::http
