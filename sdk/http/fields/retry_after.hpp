// Retry-After (RFC 9110 section 10.2.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera::http {

/// No server makes us wait longer.
constexpr int64_t kLongestWaitMs = int64_t{24} * 3600 * 1000;

/// The time to wait from `now_ms` of the wall clock, at most kLongestWaitMs; nothing for what is malformed or
/// past, and for more than 2^31 seconds, which nobody means.
std::optional<int64_t> parse_retry_after(std::string_view value, int64_t now_ms);

}  // namespace tessera::http
