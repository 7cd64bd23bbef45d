// What the private cache of the API client keeps, what it is asked, and what may be configured.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "http/fields/headers.hpp"

namespace tessera::http {

/// A stored response. It holds nothing of the request but whether it was a HEAD.
struct Entry {
  bool is_head = false;
  int status = 0;
  Headers headers;
  Bytes body;
  // Wall time, in milliseconds, of the exchange that brought or last confirmed it.
  int64_t request_ms = 0, response_ms = 0;
};

/// Views into what the caller has.
struct CacheRequest {
  std::string_view method;
  std::string_view url;  // absolute, normalised, without a fragment
  const Headers& headers;
  /// Whose responses these are, such as an account's name: one never gets another's.
  std::string_view partition = {};  // NOLINT(readability-redundant-member-init): may be left out
};

/// A day, for who wants stale answers to help out.
inline constexpr int64_t kSuggestedStaleIfErrorS = 86'400;

struct CacheConfig {
  /// How long a stale answer stands in for an error where neither request nor response tell; 0: never.
  int64_t stale_if_error_s = 0;
  /// Share of the time since Last-Modified, at most 100, that counts as freshness where the response tells
  /// none; 0: none.
  int heuristic_percent = 0;
  /// Keep Set-Cookie: every use of the stored response then sets these cookies again.
  bool keeps_cookies = false;
  /// Of one response, so that none pushes out all others.
  int64_t max_entry_bytes = int64_t{8} << 20;
  /// How long a stale response that can be validated is worth its room.
  int64_t keep_stale_ms = int64_t{30} * 86'400'000;
};

}  // namespace tessera::http
