// What a server says of its rate limit, in the fields of any draft or custom.
#pragma once

#include <cstdint>
#include <optional>

#include "http/fields/headers.hpp"

namespace tessera::http {

struct RateLimit {
  int64_t remaining = 0;                  // requests
  std::optional<int64_t> reset_after_ms;  // until when `remaining` holds; at most kLongestWaitMs
  std::optional<int64_t> limit;
};

/// RateLimit with RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-08 and later), RateLimit (-07),
/// RateLimit-Limit, -Remaining and -Reset (up to -06), then the same three with X- before them: the first of
/// these that is there and well-formed. Of several policies the one with the fewest requests left, and of
/// those the longest wait. `now_ms` of the wall clock is for a reset that is a time rather than a span.
std::optional<RateLimit> read_rate_limit(const Headers& headers, int64_t now_ms);

}  // namespace tessera::http
