#include "http/policy/failure.hpp"

namespace tessera::http {

std::string_view failure_name(Failure failure) {
  switch (failure) {
    case Failure::kNone:
      return "none";
    case Failure::kNoRoute:
      return "no_route";
    case Failure::kResolve:
      return "resolve";
    case Failure::kConnect:
      return "connect";
    case Failure::kTimeout:
      return "timeout";
    case Failure::kReset:
      return "reset";
    case Failure::kRefused:
      return "refused";
    case Failure::kProtocol:
      return "protocol";
    case Failure::kTls:
      return "tls";
    case Failure::kPin:
      return "pin";
    case Failure::kProxy:
      return "proxy";
    case Failure::kTooLarge:
      return "too_large";
    case Failure::kCancelled:
      return "cancelled";
    case Failure::kCallback:
      return "callback";
  }
  return "unknown";
}

}  // namespace tessera::http
