// When a token ends, and when the next is fetched.
#pragma once

#include <cstdint>
#include <limits>

namespace tessera::http {

struct RenewalConfig {
  int64_t percent = 80;  // of its life
  int64_t margin_ms = 120'000;
  int64_t backoff_ms = 1'000;  // doubled each time it fails again
  int64_t max_backoff_ms = 60'000;
};

/// Times of the boot clock.
struct TokenLife {
  int64_t renew_at_ms = std::numeric_limits<int64_t>::max();
  int64_t ends_at_ms = std::numeric_limits<int64_t>::max();
};

/// `expires_at_ms` is of the wall clock, 0 when unknown. The next is fetched at `percent` of the life or
/// `margin_ms` before the end, whichever is earlier, but not before half of it: else a short life would be
/// nothing but renewals.
TokenLife life_of(int64_t expires_at_ms, int64_t wall_ms, int64_t boot_ms, const RenewalConfig& config);

}  // namespace tessera::http
