// What changed for a client, told as it happens; Client::state_json() tells how it stands.
#pragma once

#include <cstdint>
#include <string_view>

namespace tessera::http {

enum class EventKind : uint8_t {
  kConnectivity,  // "online", "offline", "captive"
  kBreaker,       // of an origin: "closed", "open" (until when), "half_open"
  kLimiter,       // the server's word for an origin: "throttled", "background_throttled" (until when)
  kQueue,         // calls that have not ended, at a configured mark: "above", and "below" half of it
  kAuth,          // "reauthorise"
  kProxy,         // "bad" (until when), "good"
};
/// "connectivity", "breaker", "limiter", "queue", "auth", "proxy".
std::string_view event_kind_name(EventKind kind);

struct Event {
  EventKind kind = EventKind::kConnectivity;
  std::string_view subject;  // an origin, or a proxy's URL without credentials; empty: the client
  std::string_view state;
  int64_t until_ms = 0;  // since the Unix epoch; 0: none
  int64_t mark = 0;      // of a queue
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  /// On the client's thread, and on that of who asks a client without calls for a change.
  virtual void on_event(const Event& event) = 0;
};

}  // namespace tessera::http
