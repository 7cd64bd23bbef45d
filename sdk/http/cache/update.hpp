// What later responses do to stored ones (RFC 9111 sections 3.2, 4.3.4, 4.3.5 and 4.4).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/cache/entry.hpp"

namespace tessera::http {

/// When a response was asked for and when its head came; wall time.
struct CacheTimes {
  int64_t request_ms = 0, response_ms = 0;
};

/// The fields worth keeping: without those of the connection and of proxies, and without cookies unless they
/// are kept.
Headers stored_fields(const Headers& response, const CacheConfig& config);

/// `stored`, confirmed by a 304 to the validators that it was asked for with. Nothing when the 304 tells of
/// another representation: then what is stored is of no use, and the request goes out again without them. A
/// 304 that names no validator confirms the one that was sent.
std::optional<Entry> confirmed(Entry stored, const Headers& not_modified, CacheTimes times,
                               const CacheConfig& config);
/// A stored response to GET, after a 200 to a HEAD; nothing when it is out of date.
std::optional<Entry> freshened(Entry stored, const Headers& head, CacheTimes times,
                               const CacheConfig& config);

/// The absolute, normalised form of a reference in a response, or nothing for none that is valid.
using ResolveUrl = std::function<std::optional<std::string>(std::string_view reference)>;
/// The URLs whose stored responses a `status` to an unsafe request makes invalid: its own, and of the same
/// origin those of Location and Content-Location. Empty for a safe method and for an error.
std::vector<std::string> invalidated_urls(const CacheRequest& request, int status, const Headers& response,
                                          const ResolveUrl& resolve);

}  // namespace tessera::http
