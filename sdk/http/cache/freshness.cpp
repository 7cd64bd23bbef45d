#include "http/cache/freshness.hpp"

#include <algorithm>

#include "http/fields/cache_control.hpp"
#include "http/fields/cursor.hpp"
#include "http/fields/http_date.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr int kHeuristicallyCacheable[] = {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501};

/// Nothing when absent, malformed or there more than once.
std::optional<int64_t> date_ms(const Entry& entry, std::string_view name) {
  const auto seconds = parse_http_date(trim_ascii(entry.headers.joined(name)), entry.response_ms / 1000);
  if (!seconds) return std::nullopt;
  return *seconds * 1000;
}

/// What says nothing of its date is as old as its arrival.
int64_t origin_ms(const Entry& entry) { return date_ms(entry, "date").value_or(entry.response_ms); }

int64_t heuristic_ms(const Entry& entry, bool is_public, const CacheConfig& config) {
  const auto modified = date_ms(entry, "last-modified");
  const bool applies = is_heuristically_cacheable(entry.status) || is_public;
  if (!modified || !applies) return 0;
  return std::max(int64_t{0}, origin_ms(entry) - *modified) * config.heuristic_percent / 100;
}

}  // namespace

bool is_heuristically_cacheable(int status) {
  return std::ranges::find(kHeuristicallyCacheable, status) != std::end(kHeuristicallyCacheable);
}

int64_t lifetime_ms(const Entry& entry, const CacheConfig& config) {
  const CacheControl control = parse_cache_control(entry.headers.joined("cache-control"));
  if (control.max_age) return *control.max_age * 1000;
  if (entry.headers.has("expires")) {
    const auto expires = date_ms(entry, "expires");
    return expires ? std::max(int64_t{0}, *expires - origin_ms(entry)) : 0;
  }
  return heuristic_ms(entry, control.is_public, config);
}

int64_t initial_age_ms(const Entry& entry) {
  const std::string age = entry.headers.joined("age");
  Cursor in(age);
  const int64_t told_ms = parse_digits(trim_ascii(in.take_until(",")), kMostSeconds).value_or(0) * 1000;
  const int64_t took_ms = std::max(int64_t{0}, entry.response_ms - entry.request_ms);
  return std::max(entry.response_ms - origin_ms(entry), told_ms + took_ms);
}

std::optional<int64_t> age_ms(const Entry& entry, int64_t now_ms) {
  if (now_ms < entry.response_ms) return std::nullopt;
  return initial_age_ms(entry) + (now_ms - entry.response_ms);
}

}  // namespace tessera::http
