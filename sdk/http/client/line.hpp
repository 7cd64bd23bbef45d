// Calls that wait for their turn at a limiter, foreground first.
#pragma once

#include <array>
#include <list>

#include "http/policy/limiter.hpp"
#include "http/transport/loop.hpp"

namespace tessera::http {

class Line;

class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  virtual ~Waiter() { leave(); }
  /// On the loop's thread, never from inside Line::enter().
  virtual void on_turn() = 0;
  /// Waits no more; costs nobody anything.
  void leave();
  bool waits() const { return line_ != nullptr; }

 private:
  friend class Line;
  Line* line_ = nullptr;
  Lane lane_ = Lane::kForeground;
  std::list<Waiter*>::iterator place_;
};

class Line final : private Timer {
 public:
  Line(Loop& loop, const LimiterConfig& config, Random& random) : loop_(loop), limiter_(config, random) {}

  enum class Entry : uint8_t { kGo, kWait, kFull };
  Entry enter(Waiter& waiter, Lane lane);
  void gate_until(int64_t until_ms, bool background_only);
  void apply_remote(int64_t remaining, int64_t reset_after_ms);
  int64_t pending() const { return limiter_.pending(); }

 private:
  friend class Waiter;
  void fire() override;
  void arm();

  Loop& loop_;
  Limiter limiter_;
  std::array<std::list<Waiter*>, 2> lanes_;
};

}  // namespace tessera::http
