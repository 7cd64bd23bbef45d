// Until when a caller waits.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace tessera::http {

/// A time-out that never passes is one of a year, so that no sum overflows.
inline std::chrono::steady_clock::time_point deadline_in(int64_t timeout_ms) {
  constexpr int64_t kYearMs = int64_t{366} * 24 * 3600 * 1000;
  return std::chrono::steady_clock::now() +
         std::chrono::milliseconds(std::clamp<int64_t>(timeout_ms, 0, kYearMs));
}

}  // namespace tessera::http
