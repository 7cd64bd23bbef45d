#include "http/policy/proxy_list.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "http/policy/host_name.hpp"
#include "http/policy/jitter.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr std::array<std::string_view, 4> kSchemes{"http", "https", "socks5", "socks5h"};
constexpr std::string_view kSeparators = ", \t\r\n";
constexpr size_t kMaxUrl = 2048;
constexpr int kMostPort = 65'535;

Error malformed() {
  return {ErrorCode::kARG,
          "http",
          "the URL of a proxy must be http, https, socks5 or socks5h, a host and perhaps a port, and no path",
          {}};
}

bool is_port(std::string_view text) {
  int port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    port = port * 10 + (c - '0');
    if (port > kMostPort) return false;
  }
  return port > 0;
}

bool is_host_and_port(std::string_view text) {
  const size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const size_t end = std::min(text.find(':', bracket), text.size());
  const std::string_view host = text.substr(0, end);
  const bool is_printable = std::ranges::all_of(host, [](char c) {
    return c > ' ' && c <= '~' && std::string_view("/\\?#@%\"<>").find(c) == std::string_view::npos;
  });
  return !bare_host(host).empty() && is_printable && (end == text.size() || is_port(text.substr(end + 1)));
}

/// FNV-1a, and SplitMix64's mix so that near keys lie far apart.
uint64_t hash_of(std::string_view text, uint64_t seed) {
  uint64_t hash = 0xCBF29CE484222325u ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001B3u;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return hash ^ (hash >> 31);
}

}  // namespace

Result<Proxy> parse_proxy(std::string_view url) {
  const size_t colon = url.find("://");
  if (url.size() > kMaxUrl || colon == std::string_view::npos) return malformed();
  const std::string scheme = to_lower_ascii(url.substr(0, colon));
  if (std::ranges::find(kSchemes, scheme) == kSchemes.end()) return malformed();
  std::string_view authority = url.substr(colon + 3);
  Proxy proxy;
  const size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    proxy.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (!is_host_and_port(authority)) return malformed();
  proxy.url = scheme + "://" + std::string(authority);
  return proxy;
}

std::vector<std::string> split_no_proxy(std::string_view text) {
  std::vector<std::string> hosts;
  for (size_t start = text.find_first_not_of(kSeparators); start != std::string_view::npos;
       start = text.find_first_not_of(kSeparators, start)) {
    const size_t end = std::min(text.find_first_of(kSeparators, start), text.size());
    hosts.emplace_back(text.substr(start, end - start));
    start = end;
  }
  return hosts;
}

bool bypasses_proxy(std::string_view host, std::span<const std::string> no_proxy) {
  return std::ranges::any_of(no_proxy, [host](std::string_view entry) {
    if (entry == "*") return true;
    if (entry.starts_with('.')) entry.remove_prefix(1);
    return !entry.empty() && (is_same_host(host, entry) || is_below(host, entry));
  });
}

Result<ProxyList> ProxyList::make(ProxyListConfig config) {
  if (config.urls.size() > kMaxProxies) {
    return Error{ErrorCode::kLIMIT,
                 "http",
                 "there are " + std::to_string(config.urls.size()) + " proxies; use at most " +
                     std::to_string(kMaxProxies),
                 {}};
  }
  ProxyList list;
  for (const std::string& url : config.urls) {
    TSR_ASSIGN_OR_RETURN(Proxy proxy, parse_proxy(url));
    list.proxies_.push_back({.proxy = std::move(proxy)});
  }
  config.urls.clear();  // They may hold credentials, and one copy is enough.
  list.config_ = std::move(config);
  return list;
}

size_t ProxyList::choose(std::string_view key, int64_t now_ms) {
  const uint64_t key_hash = config_.mode == ProxyMode::kSticky ? hash_of(key, 0) : 0;
  size_t best = 0;
  for (size_t i = 1; i < size(); ++i) {
    const bool is_worse = is_bad(best, now_ms), is_this_bad = is_bad(i, now_ms);
    if (is_worse != is_this_bad) {
      if (is_worse) best = i;
    } else if (is_this_bad) {
      if (proxies_[i].bad_until_ms < proxies_[best].bad_until_ms) best = i;
    } else if (rank(i, key_hash) < rank(best, key_hash)) {
      best = i;
    }
  }
  next_ = best + 1;
  return best;
}

void ProxyList::report(size_t index, bool is_ok, int64_t now_ms) {
  Entry& entry = proxies_[index];
  if (is_ok) {
    entry.bad_until_ms = INT64_MIN;
    entry.times_bad = 0;
  } else if (!is_bad(index, now_ms)) {
    entry.bad_until_ms = now_ms + doubled(config_.bad_ms, entry.times_bad, config_.max_bad_ms);
    ++entry.times_bad;
  }
}

bool ProxyList::has_other(size_t index, int64_t now_ms) const {
  for (size_t i = 0; i < size(); ++i) {
    if (i != index && !is_bad(i, now_ms)) return true;
  }
  return false;
}

uint64_t ProxyList::rank(size_t index, uint64_t key_hash) const {
  switch (config_.mode) {
    case ProxyMode::kRoundRobin:
      return (index + size() - next_ % size()) % size();
    case ProxyMode::kSticky:
      return hash_of(proxies_[index].proxy.url, key_hash);
    case ProxyMode::kFailover:
      break;
  }
  return index;
}

}  // namespace tessera::http
