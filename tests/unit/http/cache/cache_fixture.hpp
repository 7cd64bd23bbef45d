// Requests and stored responses as the tests of the cache need them.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "http/cache/rules.hpp"
#include "http/fields/http_date.hpp"

namespace tessera::http {

inline constexpr int64_t kStartMs = 1'780'000'000'000;
inline constexpr std::string_view kUrl = "https://api.example.com/items";

inline std::string date(int64_t seconds_after_start) {
  return format_http_date(kStartMs / 1000 + seconds_after_start);
}

/// A response that was asked for and came at kStartMs, dated so.
inline Entry entry_of(Headers headers, std::string_view body = "body") {
  if (!headers.has("date")) headers.add("Date", date(0));
  return {false, 200, std::move(headers), to_bytes(body), kStartMs, kStartMs};
}

inline CacheRequest get(const Headers& headers) { return {"GET", kUrl, headers}; }

inline std::string_view name_of(Reuse reuse) {
  constexpr std::string_view kNames[] = {"miss", "fresh", "stale", "refresh", "validate", "not cached"};
  return kNames[static_cast<size_t>(reuse)];
}

/// "Name: value" lines.
inline std::string text_of(const Headers& headers) {
  std::string text;
  for (size_t i = 0; i < headers.size(); ++i)
    text.append(headers[i].name).append(": ").append(headers[i].value).append("\n");
  return text;
}

}  // namespace tessera::http
