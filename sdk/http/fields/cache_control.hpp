// The Cache-Control directives of a request or response (RFC 9111 section 5.2, RFC 5861, RFC 8246).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera::http {

/// RFC 9111 section 1.2.2: so many seconds and more are "always".
constexpr int64_t kMostSeconds = int64_t{1} << 31;

struct CacheControl {
  bool no_store = false, no_cache = false;  // no-cache="field" counts as no-cache
  bool no_transform = false, only_if_cached = false;
  bool must_revalidate = false, proxy_revalidate = false, must_understand = false, immutable = false;
  bool is_public = false, is_private = false;
  /// Seconds, at most kMostSeconds. A number that is malformed or missing is 0, so that what it allows is
  /// nothing; max-stale alone is kMostSeconds. The first of several counts.
  std::optional<int64_t> max_age, s_maxage, max_stale, min_fresh, stale_while_revalidate, stale_if_error;
};

/// All Cache-Control fields, joined by ", ". Directives that are not known are passed over.
CacheControl parse_cache_control(std::string_view field);

}  // namespace tessera::http
