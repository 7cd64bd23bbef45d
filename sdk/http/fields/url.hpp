// An absolute URL of http, https, ws or wss (RFC 3986): the parts a client needs, in one spelling.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tessera::http {

constexpr size_t kLongestUrl = size_t{16} << 10;

struct Url {
  std::string scheme;  // in lower case
  std::string host;    // in lower case: a name, an IPv4 address, or an IPv6 address in brackets
  uint16_t port = 0;   // the scheme's own unless the URL names another
  std::string path;    // starts with a slash and has no dot segments
  std::optional<std::string> query;

  bool is_secure() const { return scheme == "https" || scheme == "wss"; }
  /// "https://host", with the port when it is not the scheme's own.
  std::string origin() const;
  /// Path and query: what the request line holds.
  std::string target() const;
  std::string text() const { return origin() + target(); }

  bool operator==(const Url&) const = default;
};

/// ARG for what is no such URL, with user info, with a space, control character or backslash, with an
/// incomplete %-triplet, with a host that could be read in two ways; LIMIT past kLongestUrl. Other characters
/// that RFC 3986 does not allow in a path or query become %-triplets, and the fragment is left out. Error
/// texts hold nothing of the URL.
Result<Url> parse_url(std::string_view text);
/// `reference` as seen from `base` (RFC 3986 section 5.2): the target of a redirect or Link.
Result<Url> join_url(const Url& base, std::string_view reference);

/// "localhost", 127.0.0.0/8 or [::1], also as an IPv4 address in IPv6; of no other name, since who answers
/// for it is the resolver's choice.
bool is_loopback(std::string_view host);
bool same_origin(const Url& a, const Url& b);

/// Appends `name=value` to the query, both percent-encoded but for RFC 3986's unreserved characters.
Status add_query(Url* url, std::string_view name, std::string_view value);

}  // namespace tessera::http
