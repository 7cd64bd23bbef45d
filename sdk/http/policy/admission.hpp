// Whether a call may go, and the one call at a time that finds out whether something works again.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tessera::http {

/// What a call was admitted under; it comes back with the outcome, so that a late one is known as such.
struct Ticket {
  uint64_t period = 0;
  uint64_t probe = 0;  // 0: the call is none
};

struct Admission {
  bool is_allowed = false;
  bool is_probe = false;       // it decides for all, so it is sent once, without retries
  int64_t retry_after_ms = 0;  // of a refused one: it is refused until then, unless something changes
  Ticket ticket = {};
};

/// A probe that never reports loses its place when its lease ends; it keeps it as long as nobody asks.
class ProbeSlot {
 public:
  explicit ProbeSlot(int64_t lease_ms) : lease_ms_(lease_ms) {}

  /// For how long nobody else may have it; 0: free.
  int64_t taken_ms(int64_t now_ms) const {
    return holder_ == 0 ? 0 : std::max<int64_t>(until_ms_ - now_ms, 0);
  }
  Admission take(int64_t now_ms, uint64_t period) {
    until_ms_ = now_ms + lease_ms_;
    holder_ = ++last_;
    return {.is_allowed = true, .is_probe = true, .ticket = {.period = period, .probe = holder_}};
  }
  /// False unless `probe` holds it.
  bool release(uint64_t probe) {
    if (probe == 0 || probe != holder_) return false;
    holder_ = 0;
    return true;
  }
  void clear() { holder_ = 0; }

 private:
  int64_t lease_ms_;
  int64_t until_ms_ = 0;
  uint64_t holder_ = 0, last_ = 0;
};

}  // namespace tessera::http
