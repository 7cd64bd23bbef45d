// How long a response is fresh and how old it is, in milliseconds (RFC 9111 section 4.2).
#pragma once

#include <cstdint>
#include <optional>

#include "http/cache/entry.hpp"

namespace tessera::http {

/// From max-age, or Expires and Date; what is malformed or contradicts itself is 0. Without either 0 as well,
/// unless a share of the time since Last-Modified is configured.
int64_t lifetime_ms(const Entry& entry, const CacheConfig& config);
/// When the response came, from Age, Date and the time that it took.
int64_t initial_age_ms(const Entry& entry);
/// Nothing when it came later than now: the wall clock was set back, and its age is unknown.
std::optional<int64_t> age_ms(const Entry& entry, int64_t now_ms);

/// Responses with such a status can be fresh without telling so (RFC 9110 section 15.1).
bool is_heuristically_cacheable(int status);

}  // namespace tessera::http
