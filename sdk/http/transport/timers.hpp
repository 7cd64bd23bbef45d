// Timers of one thread. Whoever owns a Timer may destroy it at any time, also while it fires.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace tessera::http {

class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() { stop(); }
  void stop();
  bool is_set() const { return home_ != nullptr; }
  /// Once per start(), on the thread of its Timers.
  virtual void fire() = 0;

 private:
  friend class Timers;
  using Queue = std::multimap<int64_t, Timer*>;
  Queue* home_ = nullptr;  // where it waits
  Queue::iterator place_;
};

class Timers {
 public:
  /// Again, when it is set already. `due_ms` is of the clock that run() is given.
  void start(Timer& timer, int64_t due_ms);
  /// When the next one is due, nothing when none is set.
  std::optional<int64_t> next_ms() const;
  /// Fires what is due, in the order of their times. A timer that fires may start and stop others: those that
  /// it starts for now or the past wait for the next call.
  void run(int64_t now_ms);

 private:
  Timer::Queue queue_;
  Timer::Queue due_;  // taken out by run(), not fired yet
};

}  // namespace tessera::http
