#include "http/fields/retry_after.hpp"

#include <algorithm>

#include "http/fields/cursor.hpp"
#include "http/fields/http_date.hpp"

namespace tessera::http {

std::optional<int64_t> parse_retry_after(std::string_view value, int64_t now_ms) {
  constexpr int64_t kNobodyMeans = int64_t{1} << 31;
  if (const auto seconds = parse_digits(value, kNobodyMeans)) {
    if (*seconds == kNobodyMeans) return std::nullopt;
    return std::min(*seconds * 1000, kLongestWaitMs);
  }
  const auto date = parse_http_date(value, now_ms / 1000);
  if (!date || *date * 1000 < now_ms) return std::nullopt;
  return std::min(*date * 1000 - now_ms, kLongestWaitMs);
}

}  // namespace tessera::http
