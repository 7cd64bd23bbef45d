// The port to a licence service: one request, one answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tessera {

/// Views that outlive the call.
struct ServiceRequest {
  std::string_view method;  // "GET" or "POST"
  std::string_view path;    // below the service's address: "/activate"
  std::string_view content_type;
  std::string_view body;
  std::string_view nonce;  // of the request: the same one again is the same request; empty: none
  ByteView account_token;  // sent as a bearer token unless empty
};

struct ServiceAnswer {
  int status = 0;
  std::string body;
  std::optional<int64_t> retry_after_ms;
};

/// The largest `.lic` file; a transport gives up on more with LIMIT.
inline constexpr size_t kMaxAnswerBytes = (size_t{1} << 20) + 16;

/// Safe from any thread.
class LicenseTransport {
 public:
  virtual ~LicenseTransport() = default;
  /// Waits for the answer, for a bounded time. Errors are those of the API client: NETWORK, TIMEOUT,
  /// UNTRUSTED, PROTOCOL, UNAVAILABLE, LIMIT, CANCELLED, STATE.
  virtual Result<ServiceAnswer> call(const ServiceRequest& request) = 0;
  /// Ends what waits, and refuses what comes after.
  virtual void stop() = 0;
};

}  // namespace tessera
