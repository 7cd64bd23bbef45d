// Paces calls: a token bucket, a pause between calls, and what the server says about its limits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace tessera::http {

struct LimiterConfig {
  int64_t rate = 0;          // calls per `period_ms`; 0: no bucket
  int64_t period_ms = 1000;  // a second, a minute or an hour
  int64_t burst = 20;        // calls that may go at once after a pause
  int64_t max_pending = 10'000;
  int64_t spacing_least_ms = 0, spacing_most_ms = 0;  // from the start of a call to the next one's
};

/// Background calls wait for both gates and never delay others.
enum class Lane : uint8_t { kForeground, kBackground };

/// One bucket. Who waits in which order is the caller's: a queue for each lane, the foreground's first.
class Limiter {
 public:
  struct Turn {
    bool is_full = false;  // too many wait: QUEUE_FULL
    int64_t wait_ms = 0;   // 0: go; else about how long it will take, and the call is counted as waiting
  };

  Limiter(const LimiterConfig& config, Random& random);

  Turn reserve(Lane lane, int64_t now_ms);
  /// For the first of the lane's queue. 0: it may go, and waits no more; else when to ask again.
  int64_t advance(Lane lane, int64_t now_ms);
  /// A waiting call was cancelled; it costs nobody anything.
  void leave(Lane lane);

  /// Nothing goes before. Gates only move on.
  void gate_until(int64_t until_ms, bool background_only);
  /// RateLimit header: so many calls until the limit is filled up again. Within one span the smaller number
  /// counts, because answers may come out of order.
  void apply_remote(int64_t remaining, int64_t reset_after_ms, int64_t now_ms);

  int64_t pending() const { return pending_[0] + pending_[1]; }
  /// A new one in its place would say the same.
  bool is_idle(int64_t now_ms) const;

 private:
  /// When the bucket is full if nothing is taken. Waits are rounded up to a millisecond; what the caller lost
  /// by that, less than one and less than a token, still counts.
  int64_t full_at(int64_t now) const;
  int64_t bucket_wait_ms(int64_t ahead, int64_t now_ms) const;
  int64_t wait_ms(Lane lane, int64_t ahead, int64_t now_ms) const;
  void take(int64_t now_ms);

  const LimiterConfig config_;
  Random& random_;
  std::array<int64_t, 2> pending_{};
  // Time in units of 1/rate ms since `base_ms_`, in which a token takes exactly `period_ms`: no division, so
  // no drift.
  int64_t base_ms_ = -1;
  int64_t filled_ = 0;  // when the bucket is full again
  int64_t spaced_until_ms_ = 0;
  std::array<int64_t, 2> gates_ms_{};
  int64_t remote_left_ = 0, remote_until_ms_ = 0;
};

/// The limiters of hosts, routes or other keys.
class LimiterTable {
 public:
  static constexpr size_t kDefaultKeys = 4096;
  explicit LimiterTable(Random& random, size_t max_keys = kDefaultKeys)
      : random_(random), max_keys_(max_keys) {}

  /// Made at first use with `config`. Null when the table is full of limiters that are not idle. Valid until
  /// the next call with another key, or as long as something waits in it.
  Limiter* at(std::string_view key, const LimiterConfig& config, int64_t now_ms);
  size_t size() const { return limiters_.size(); }

 private:
  Random& random_;
  size_t max_keys_;
  std::map<std::string, Limiter, std::less<>> limiters_;
};

}  // namespace tessera::http
