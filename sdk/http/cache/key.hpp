// Under which keys responses lie: by method, URL and credentials, and by the fields that Vary names (RFC 9111
// sections 2 and 4.1).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "http/cache/entry.hpp"

namespace tessera::http {

/// What one URL's responses differ by: lies under the URL's key where Vary says that they do.
struct Variants {
  std::array<uint8_t, 16> salt{};  // random: removing this record makes all variants unreachable
  std::string names;               // as vary_names() gives them
};

/// More than a server can mean.
inline constexpr size_t kMostVaryBytes = 4096;
/// The names of Vary in lower case, sorted, once each and joined by ","; empty without Vary. Nothing for "*",
/// for what names no field and for what is longer than kMostVaryBytes: no request matches such a response.
std::optional<std::string> vary_names(const Headers& response);

/// The key of a URL's responses, those to HEAD apart. Credentials in the request are part of it, only as a
/// hash: what a cache keeps for one user never answers another.
std::string primary_key(const CacheRequest& request, bool is_head);
/// The key of the one response under `primary` that was selected by what `request` has in `variants.names`.
std::string variant_key(std::string_view primary, const Variants& variants, const Headers& request);

}  // namespace tessera::http
