#include "http/client/events.hpp"

namespace tessera::http {

std::string_view event_kind_name(EventKind kind) {
  switch (kind) {
    case EventKind::kConnectivity:
      return "connectivity";
    case EventKind::kBreaker:
      return "breaker";
    case EventKind::kLimiter:
      return "limiter";
    case EventKind::kQueue:
      return "queue";
    case EventKind::kAuth:
      return "auth";
    case EventKind::kProxy:
      break;
  }
  return "proxy";
}

}  // namespace tessera::http
