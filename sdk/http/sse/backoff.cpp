#include "http/sse/backoff.hpp"

#include <algorithm>

#include "http/policy/jitter.hpp"

namespace tessera::http {

int64_t Backoff::next_ms(std::optional<int64_t> up_ms, std::optional<int64_t> asked_ms) {
  constexpr int64_t kMostDoublings = 62;
  if (up_ms && *up_ms >= reset_after_ms_) failures_ = 0;
  const int64_t base_ms = std::max<int64_t>(asked_ms.value_or(retry_ms_), 1);
  const int64_t span_ms = doubled(base_ms, failures_, std::max(base_ms, most_ms_));
  failures_ = std::min(failures_ + 1, kMostDoublings);
  return half_random(random_, span_ms);
}

}  // namespace tessera::http
