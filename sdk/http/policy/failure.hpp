// How one attempt of a call ended, as the policies see it.
#pragma once

#include <cstdint>
#include <string_view>

namespace tessera::http {

enum class Failure : uint8_t {
  kNone,       // a whole response came, whatever its status
  kNoRoute,    // this machine has no way to the network
  kResolve,    // the name was not resolved
  kConnect,    // refused, unreachable, or not connected in time
  kTimeout,    // the attempt's time passed, or nothing moved for too long
  kReset,      // the connection ended before the response did
  kRefused,    // HTTP/2: the server says that it did not look at the request
  kProtocol,   // what came is not HTTP
  kTls,        // no secure connection: version, certificate or host name
  kPin,        // the certificate's key is none of the pinned ones
  kProxy,      // the proxy refused or failed
  kTooLarge,   // body, headers or expansion over the limit
  kCancelled,  // by the caller, or its deadline
  kCallback,   // a source, sink or interceptor of the application failed
};

/// Name in logs and counters: "no_route", "resolve".
std::string_view failure_name(Failure failure);

/// One attempt. `status` is 0 unless `failure` is kNone.
struct Attempt {
  Failure failure = Failure::kNone;
  int status = 0;
  /// No byte of the request can have reached the server's application.
  bool is_unsent = false;
};

}  // namespace tessera::http
