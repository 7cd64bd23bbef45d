// One logical call as its caller sees it: whatever retries, redirects and refreshes it takes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "http/fields/headers.hpp"
#include "http/fields/problem.hpp"
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
  std::string url;                                         // absolute, or as seen from the client's base URL
  std::vector<std::pair<std::string, std::string>> query;  // joins that of the URL
  Headers headers;
  Bytes body;
  /// Instead of `body`; a call is sent once when it is not repeatable. One call has it.
  std::shared_ptr<BodySource> source;
  std::optional<int64_t> total_ms, attempt_ms;
  /// Of a streamed body: once nothing came for so long it ends with TIMEOUT, instead of by the stall limit;
  /// 0: never. `attempt_ms` then ends with the head.
  std::optional<int64_t> idle_ms;
  int64_t delay_ms = 0;  // until it begins; no other time runs before
  std::optional<int> max_attempts;
  std::optional<int64_t> max_body_bytes;
  std::optional<int64_t> max_redirects;
  std::string idempotency_key;  // empty: made when configured
  std::string cache_partition;
  CacheMode cache = CacheMode::kDefault;
  bool is_background = false;  // nobody waits: it goes behind those for whom somebody does
  bool skips_breaker = false;  // a licence's call (decision 18)
  bool skips_auth = false;
  bool is_foreign = false;  // for another's server: without the client's own headers but User-Agent
  bool is_traced = false;   // collect Response::trace
};

/// What one policy did with a call.
struct TraceEvent {
  int64_t at_us = 0;       // since the call began
  std::string_view stage;  // "cache", "breaker", "limiter", "auth", "interceptor", "attempt", "retry",
                           // "redirect"
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

/// A call that was sent. Safe from any thread.
class CallHandle {
 public:
  virtual ~CallHandle() = default;
  /// Asks it to end with CANCELLED; does nothing once it has ended.
  virtual void cancel() = 0;
  /// After a Flow::kPause.
  virtual void resume() = 0;
};

/// What the server says is wrong, if it says so in problem+json.
inline std::optional<Problem> problem_of(const Response& response) {
  return problem_of(response.headers, response.body);
}

/// Called on the client's thread, which does all I/O: what takes long belongs elsewhere.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// Inside send(), before anything else: the handle by which the call can be cancelled.
  virtual void on_sent(const std::shared_ptr<CallHandle>&) {}
  /// The head of the response that the caller gets, before its body. kPause waits for Client::resume().
  virtual Flow on_head(const Response&) { return Flow::kGo; }
  /// Without a body of its own (`takes_body`), the response collects it.
  virtual bool takes_body() const { return false; }
  virtual Flow on_body(ByteView) { return Flow::kGo; }
  /// Exactly once, the last call.
  virtual void on_done(Result<Response> response) = 0;
};

}  // namespace tessera::http
