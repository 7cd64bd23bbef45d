#include "http/fields/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "http/fields/cursor.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

struct Scheme {
  std::string_view name;
  uint16_t port;
};
constexpr std::array kSchemes{Scheme{"http", 80}, Scheme{"https", 443}, Scheme{"ws", 80}, Scheme{"wss", 443}};
constexpr size_t kLongestHost = 253;
constexpr size_t kLongestLabel = 63;

Error bad_url(std::string why) { return {ErrorCode::kARG, "http", "the URL " + std::move(why), {}}; }
Error too_long() { return {ErrorCode::kLIMIT, "http", "the URL is longer than 16 KiB", {}}; }

const Scheme* scheme_named(std::string_view name) {
  const auto found = std::ranges::find(kSchemes, name, &Scheme::name);
  return found == kSchemes.end() ? nullptr : &*found;
}

bool is_hex(char c) { return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f'); }
bool is_unreserved(char c) { return is_alpha(c) || is_digit(c) || is_one_of(c, "-._~"); }

void append_encoded(char c, std::string* out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  *out += {'%', kDigits[byte >> 4], kDigits[byte & 0xF]};
}

/// What stands for itself in paths and queries alike.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 0; c < 256; ++c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    plain[static_cast<size_t>(c)] = is_letter;
  }
  for (const char c : std::string_view("-._~!$&'()*+,;=:@/")) plain[static_cast<unsigned char>(c)] = true;
  return plain;
}();

/// A path or query; `also` is what it may hold besides the characters of a path segment.
Result<std::string> encoded(std::string_view part, std::string_view also) {
  // The usual case, at once.
  if (std::ranges::all_of(part, [](char c) { return kPlain[static_cast<unsigned char>(c)]; }))
    return std::string(part);
  std::string text;
  for (size_t i = 0; i < part.size(); ++i) {
    const char c = part[i];
    if (c == '%') {
      if (i + 2 >= part.size() || !is_hex(part[i + 1]) || !is_hex(part[i + 2])) {
        return bad_url("holds a % without two hexadecimal digits; write %25 for the sign itself");
      }
      text += c;
    } else if (is_unreserved(c) || is_one_of(c, "!$&'()*+,;=:@") || is_one_of(c, also)) {
      text += c;
    } else {
      append_encoded(c, &text);
    }
  }
  return text;
}

/// RFC 3986 section 5.2.4, for a path that starts with a slash.
std::string without_dot_segments(std::string_view path) {
  if (path.find("/.") == std::string_view::npos) return std::string(path);
  std::string out;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);  // with its slash
    const bool is_last = end == path.size();
    path.remove_prefix(end);
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.resize(std::min(out.rfind('/'), out.size()));
      if (is_last) out += '/';
    } else {
      out += segment;
    }
  }
  return out;
}

/// The parts of RFC 3986 appendix B, as they came.
struct Reference {
  std::optional<std::string> scheme;  // in lower case
  std::optional<std::string_view> authority, query;
  std::string_view path;
};

Result<Reference> split(std::string_view text) {
  if (text.size() > kLongestUrl) return too_long();
  const auto is_refused = [](char c) { return (c >= '\0' && c <= ' ') || c == 0x7F || c == '\\'; };
  if (std::ranges::any_of(text, is_refused)) {
    return bad_url("holds a space, a control character or a backslash; percent-encode it");
  }
  if (!is_utf8(text)) return bad_url("is not UTF-8; percent-encode its bytes");
  Reference parts;
  text = text.substr(0, text.find('#'));
  if (const size_t mark = text.find('?'); mark != std::string_view::npos) {
    parts.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon < text.find('/')) {
    const std::string_view scheme = text.substr(0, colon);
    const auto is_scheme_char = [](char c) { return is_alpha(c) || is_digit(c) || is_one_of(c, "+-."); };
    if (scheme.empty() || !is_alpha(scheme.front()) || !std::ranges::all_of(scheme, is_scheme_char)) {
      return bad_url("starts with a scheme that is none; write ./ before a path with a colon");
    }
    parts.scheme = to_lower_ascii(scheme);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const size_t end = std::min(text.find('/'), text.size());
    parts.authority = text.substr(0, end);
    text.remove_prefix(end);
  }
  parts.path = text;
  return parts;
}

/// The bytes of an address: 4 of AF_INET, 16 of AF_INET6.
template <size_t kSize>
std::optional<std::array<uint8_t, kSize>> address_of(std::string_view text) {
  std::array<uint8_t, kSize> bytes{};
  constexpr int kFamily = kSize == 4 ? AF_INET : AF_INET6;
  const bool is_address = text.find('\0') == std::string_view::npos &&
                          inet_pton(kFamily, std::string(text).c_str(), bytes.data()) == 1;
  if (!is_address) return std::nullopt;
  return bytes;
}

/// Without the brackets; nothing when there are none.
std::optional<std::array<uint8_t, 16>> ipv6_of(std::string_view host) {
  if (!host.starts_with('[') || !host.ends_with(']')) return std::nullopt;
  return address_of<16>(host.substr(1, host.size() - 2));
}

/// A resolver takes "127.1", "0x7f.1" and "2130706433" for addresses.
bool ends_in_number(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::string_view last = name.substr(name.rfind('.') + 1);
  return std::ranges::all_of(last, is_digit) || last.starts_with("0x");
}

bool is_host_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.size() > kLongestHost) return false;
  const auto is_char = [](char c) { return is_alpha(c) || is_digit(c) || is_one_of(c, "-_"); };
  Cursor in(name);
  do {
    const std::string_view label = in.take_while(is_char);
    if (label.empty() || label.size() > kLongestLabel) return false;
  } while (in.take('.'));
  return in.at_end();
}

Result<std::string> read_host(std::string_view host) {
  if (host.starts_with('[')) {
    const auto address = ipv6_of(host);
    if (!address) return bad_url("holds an IPv6 address that is none, or one with a zone");
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(AF_INET6, address->data(), text.data(), text.size());
    return '[' + std::string(text.data()) + ']';
  }
  if (host.empty()) return bad_url("names no host");
  std::string name = to_lower_ascii(host);
  if (!is_host_name(name)) {
    return bad_url("names a host that is none; write an international name in its ASCII form (xn--)");
  }
  if (ends_in_number(name) && !address_of<4>(name)) {
    return bad_url("names a host in numbers that is no IPv4 address of four decimal parts");
  }
  return name;
}

/// Sets the host, and the port when there is one.
Status read_authority(std::string_view authority, Url* url) {
  if (authority.find('@') != std::string_view::npos) {
    return bad_url("names a user or password; pass credentials in the configuration instead");
  }
  // The colons of an IPv6 address stand in brackets.
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  TSR_ASSIGN_OR_RETURN(url->host, read_host(authority.substr(0, colon)));
  if (colon == std::string_view::npos || colon + 1 == authority.size()) return {};
  constexpr int64_t kMostPort = 65'535;
  const auto port = parse_digits(authority.substr(colon + 1), kMostPort + 1);
  if (!port || *port == 0 || *port > kMostPort) return bad_url("holds a port that is none of 1 to 65535");
  url->port = static_cast<uint16_t>(*port);
  return {};
}

/// Sets path and query.
Result<Url> complete(Url url, std::string_view path, std::optional<std::string_view> query) {
  TSR_ASSIGN_OR_RETURN(const std::string whole_path, encoded(path, "/"));
  url.path = whole_path.empty() ? "/" : without_dot_segments(whole_path);
  url.query.reset();
  if (query) {
    TSR_ASSIGN_OR_RETURN(url.query, encoded(*query, "/?"));
  }
  // The longest scheme and port around the host.
  constexpr size_t kAround = std::string_view("https://:65535?").size();
  const size_t parts = url.host.size() + url.path.size() + (url.query ? url.query->size() : 0);
  if (parts + kAround > kLongestUrl && url.text().size() > kLongestUrl) return too_long();
  return url;
}

Result<Url> absolute(std::string_view scheme_name, const Reference& parts) {
  const Scheme* const scheme = scheme_named(scheme_name);
  if (scheme == nullptr) return bad_url("has a scheme that is none of http, https, ws and wss");
  if (!parts.authority) return bad_url("names no host");
  Url url;
  url.scheme = scheme->name;
  url.port = scheme->port;
  TSR_RETURN_IF_ERROR(read_authority(*parts.authority, &url));
  return complete(std::move(url), parts.path, parts.query);
}

}  // namespace

std::string Url::origin() const {
  const Scheme* const known = scheme_named(scheme);
  std::string text = scheme + "://" + host;
  if (known == nullptr || known->port != port) text += ':' + std::to_string(port);
  return text;
}

std::string Url::target() const { return query ? path + '?' + *query : path; }

Result<Url> parse_url(std::string_view text) {
  TSR_ASSIGN_OR_RETURN(const Reference parts, split(text));
  if (!parts.scheme) return bad_url("does not start with http://, https://, ws:// or wss://");
  return absolute(*parts.scheme, parts);
}

Result<Url> join_url(const Url& base, std::string_view reference) {
  TSR_ASSIGN_OR_RETURN(const Reference parts, split(reference));
  if (parts.scheme || parts.authority) return absolute(parts.scheme.value_or(base.scheme), parts);
  if (parts.path.empty()) {
    if (!parts.query) return base;
    return complete(base, base.path, parts.query);
  }
  if (parts.path.starts_with('/')) return complete(base, parts.path, parts.query);
  std::string path = base.path.substr(0, base.path.rfind('/') + 1);
  path += parts.path;
  return complete(base, path, parts.query);
}

bool is_loopback(std::string_view host) {
  constexpr uint8_t kLoopbackNet = 127;
  if (host == "localhost") return true;
  if (const auto ipv4 = address_of<4>(host)) return (*ipv4)[0] == kLoopbackNet;
  const auto ipv6 = ipv6_of(host);
  if (!ipv6) return false;
  constexpr std::array<uint8_t, 16> kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return *ipv6 == kLoopback ||
         (std::ranges::equal(std::span(*ipv6).first<12>(), kMapped) && (*ipv6)[12] == kLoopbackNet);
}

bool same_origin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

Status add_query(Url* url, std::string_view name, std::string_view value) {
  std::string query = url->query.value_or("");
  if (!query.empty()) query += '&';
  const auto append = [&query](std::string_view text) {
    for (const char c : text) {
      if (is_unreserved(c)) {
        query += c;
      } else {
        append_encoded(c, &query);
      }
    }
  };
  append(name);
  query += '=';
  append(value);
  if (url->origin().size() + url->path.size() + 1 + query.size() > kLongestUrl) return too_long();
  url->query = std::move(query);
  return {};
}

}  // namespace tessera::http
