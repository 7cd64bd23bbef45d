// Comparing host names as configuration writes them.
#pragma once

#include <string_view>

#include "http/fields/headers.hpp"

namespace tessera::http {

/// Without the dot of a fully qualified name, and without the brackets of an IPv6 address.
inline std::string_view bare_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

inline bool is_same_host(std::string_view a, std::string_view b) {
  return same_name(bare_host(a), bare_host(b));
}

/// "a.b.example.com" is below "example.com", which is not below itself.
inline bool is_below(std::string_view host, std::string_view domain) {
  host = bare_host(host);
  domain = bare_host(domain);
  if (domain.empty() || host.size() < domain.size() + 2) return false;
  const size_t start = host.size() - domain.size();
  return host[start - 1] == '.' && same_name(host.substr(start), domain);
}

}  // namespace tessera::http
