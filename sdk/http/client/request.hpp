// One logical call as its caller sees it: whatever retries, redirects and refreshes it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/fields/headers.hpp"
#include "http/transport/wire.hpp"

namespace tessera::http {

enum class CacheMode : uint8_t {
  kDefault,
  kNoStore,       // neither read nor kept
  kRefresh,       // asked for again, and kept
  kOnlyIfCached,  // never asked for
};

struct Request {
  std::string method = "GET";
  std::string url;  // absolute, or as seen from the client's base URL
  Headers headers;
  Bytes body;
  BodySource* source = nullptr;  // instead of `body`; it can be read once, so such a call is sent once
  std::optional<int64_t> total_ms, attempt_ms;
  std::optional<int> max_attempts;
  std::optional<int64_t> max_body_bytes;
  std::optional<int64_t> max_redirects;
  std::string idempotency_key;  // empty: made when configured
  std::string cache_partition;
  CacheMode cache = CacheMode::kDefault;
  bool is_background = false;  // nobody waits: it goes behind those for whom somebody does
  bool skips_breaker = false;  // a licence's call (decision 18)
  bool skips_auth = false;
  bool is_traced = false;  // collect Response::trace
};

/// What one policy did with a call.
struct TraceEvent {
  int64_t at_us = 0;       // since the call began
  std::string_view stage;  // "cache", "breaker", "limiter", "attempt", "retry", "redirect", "auth"
  std::string text;
};

struct Response {
  int status = 0;
  Headers headers;
  Bytes body;       // empty when a receiver took it
  std::string url;  // of the last redirect
  HttpVersion version = HttpVersion::k11;
  bool is_from_cache = false;
  int attempts = 0;
  WireTimings timings;  // of the last attempt
  std::vector<TraceEvent> trace;
};

/// Called on the client's thread, which does all I/O: what takes long belongs elsewhere.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// The head of the response that the caller gets, before its body. kPause waits for Client::resume().
  virtual Flow on_head(const Response&) { return Flow::kGo; }
  /// Without a body of its own (`takes_body`), the response collects it.
  virtual bool takes_body() const { return false; }
  virtual Flow on_body(ByteView) { return Flow::kGo; }
  /// Exactly once, the last call.
  virtual void on_done(Result<Response> response) = 0;
};

}  // namespace tessera::http
