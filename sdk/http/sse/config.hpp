// How a stream of server-sent events is kept up.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "text/json.hpp"

namespace tessera::http {

struct SseConfig {
  bool reconnects = true;    // false: the stream ends with its first body
  int64_t retry_ms = 1'000;  // before the first reconnect, unless the server says; doubled with each
  int64_t max_retry_ms = 30'000;
  int64_t reset_after_ms = 60'000;              // up for so long, and the wait is `retry_ms` again
  int64_t idle_ms = 300'000;                    // nothing came, not even a comment; 0: never
  int64_t max_event_bytes = int64_t{16} << 20;  // of one line, and of one event's data
  int64_t max_queued = 256;                     // events that nobody took yet
  std::string last_event_id;                    // to go on after; empty: from the beginning
};

/// An object with the members of SseConfig; what is absent keeps its default. ARG names the member.
Result<SseConfig> read_sse_config(const Json& object);

}  // namespace tessera::http
