// The one thread on which a client does all its I/O and all its policies, so that they need no locks.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/thread.hpp"
#include "http/transport/timers.hpp"

namespace tessera::http {

/// What the thread waits in.
class Poller {
 public:
  virtual ~Poller() = default;
  /// Does the I/O that is ready, and starts what was asked for.
  virtual void perform() = 0;
  /// Waits for I/O or wake_up(), `timeout_ms` at most.
  virtual void wait(int timeout_ms) = 0;
  /// Ends a wait() that runs, or else the next one at once. From any thread.
  virtual void wake_up() = 0;
};

/// Intrusive, so that posting what is already there needs no memory.
class Posted {
 public:
  Posted() = default;
  Posted(const Posted&) = delete;
  Posted& operator=(const Posted&) = delete;
  virtual ~Posted() = default;
  /// On the loop's thread, in the order of post(); may destroy it.
  virtual void run() = 0;

 private:
  friend class Loop;
  Posted* next_ = nullptr;
};

class Loop {
 public:
  Loop(Poller& poller, const Clock& clock) : poller_(poller), clock_(clock) {}
  /// stop() has run, or the thread was never started.
  ~Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// BUSY when no thread can be started.
  Status start(const char* name);
  /// Runs what was posted before, then ends and joins the thread. Not from the loop's own thread.
  void stop();

  /// From any thread. The owner keeps `work` until it runs, which it does once for each post; one post at a
  /// time.
  void post(Posted& work);

  /// Whether this is its thread.
  bool is_current() const;

  // On the loop's thread.
  int64_t now_ms() const { return now_ms_; }
  void start_timer(Timer& timer, int64_t due_ms) { timers_.start(timer, due_ms); }

 private:
  void body();
  void run_posted();
  int timeout_ms() const;

  Poller& poller_;
  const Clock& clock_;
  Timers timers_;
  int64_t now_ms_ = 0;
  std::optional<Thread> thread_;
  // Newest first; the loop takes all and turns them round.
  std::atomic<Posted*> posted_{nullptr};
  std::atomic<bool> is_waiting_{false};
  std::atomic<bool> is_stopping_{false};
};

}  // namespace tessera::http
