// How long a stream that lost its connection waits before it comes back.
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.hpp"
#include "http/sse/config.hpp"

namespace tessera::http {

class Backoff {
 public:
  Backoff(const SseConfig& config, Random& random)
      : retry_ms_(config.retry_ms),
        most_ms_(config.max_retry_ms),
        reset_after_ms_(config.reset_after_ms),
        random_(random) {}

  /// `up_ms`: for how long events could come; nothing when none could. `asked_ms`: the server's `retry`.
  int64_t next_ms(std::optional<int64_t> up_ms, std::optional<int64_t> asked_ms);

 private:
  const int64_t retry_ms_, most_ms_, reset_after_ms_;
  Random& random_;
  int64_t failures_ = 0;  // since it was up for long
};

}  // namespace tessera::http
