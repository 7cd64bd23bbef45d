// What a private cache may store and reuse (RFC 9111 sections 3 and 4, RFC 5861, RFC 8246).
#pragma once

#include <cstdint>

#include "http/cache/entry.hpp"
#include "http/policy/failure.hpp"

namespace tessera::http {

/// GET or HEAD, without Range and conditions: the caller who sends those deals with 206, 304 and 412.
bool is_answerable(const CacheRequest& request);

/// Statuses that are stored: their rules are known here. Not 206, and no error that may pass.
bool is_understood(int status);
bool may_store(const CacheRequest& request, int status, const Headers& response);
/// How long the stored response is of use from its arrival on; 0 when it never is.
int64_t keep_ms(const Entry& entry, const CacheConfig& config);

enum class Reuse : uint8_t {
  kMiss,       // nothing stored answers: the request goes out as it is
  kFresh,      // the stored response answers
  kStale,      // so it does, past its lifetime: the request takes that
  kRefresh,    // so it does, past its lifetime, while the request goes out with `conditions` behind it
  kValidate,   // the request goes out with `conditions` first
  kNotCached,  // nothing stored answers, and the request must not go out: 504
};

struct CacheDecision {
  Reuse reuse = Reuse::kMiss;
  /// To be added to the request; may be empty, when what is stored has no validator.
  Headers conditions;
  /// If the request goes out and fails as is_covered_error() tells, the stored response may answer.
  bool covers_errors = false;
};

/// `stored` is what lies under the request's keys, or null.
CacheDecision decide(const Entry* stored, const CacheRequest& request, const CacheConfig& config,
                     int64_t now_ms);
/// What a stale response may stand in for: 500, 502, 503, 504, and a server that can't be reached.
bool is_covered_error(const Attempt& attempt);

/// The fields of a stored response that answers: with its age.
Headers answer_fields(const Entry& entry, int64_t now_ms);

}  // namespace tessera::http
