#include "http/auth/token_life.hpp"

#include <algorithm>

namespace tessera::http {

TokenLife life_of(int64_t expires_at_ms, int64_t wall_ms, int64_t boot_ms, const RenewalConfig& config) {
  constexpr int64_t kLongest = int64_t{1} << 42;
  if (expires_at_ms == 0) return {};
  const int64_t left_ms = std::clamp<int64_t>(expires_at_ms, wall_ms, wall_ms + kLongest) - wall_ms;
  const int64_t early_ms = std::min(left_ms / 100 * config.percent, left_ms - config.margin_ms);
  return {boot_ms + std::max(early_ms, left_ms / 2), boot_ms + left_ms};
}

}  // namespace tessera::http
