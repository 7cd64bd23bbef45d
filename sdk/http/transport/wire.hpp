// The port to the network: one attempt of a request on the wire. Everything here happens on the loop's
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/crypto.hpp"
#include "http/fields/headers.hpp"
#include "http/policy/failure.hpp"

namespace tessera::http {

enum class Flow : uint8_t { kGo, kPause, kAbort };

/// A body that is produced while it is sent. After kPause, Transport::resume() asks again.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Fills `out` and tells how much in `count`; 0 with kGo is the end.
  virtual Flow read(std::span<uint8_t> out, size_t* count) = 0;
  /// Bytes in all, or -1 when unknown.
  virtual int64_t size() const = 0;
};

enum class TlsVersion : uint8_t { k12, k13 };

/// How a host is trusted; shared by its requests.
struct TlsSettings {
  TlsVersion least = TlsVersion::k13;
  Bytes ca_pem;                 // instead of the system's; empty: the system's
  std::string pins;             // "sha256//BASE64;sha256//BASE64", or empty
  Bytes certificate_pem;        // of the client, or empty
  SecretBytes private_key_pem;  // of that
};

struct ProxySettings {
  std::string url;  // "http://host:port", "socks5h://host:port"; without credentials
  std::string user;
  SecretBytes password;
};

struct WireLimits {
  int64_t body_bytes = int64_t{32} << 20;     // decoded
  int64_t header_bytes = int64_t{256} << 10;  // of all responses together, informational ones too
  int64_t expansion = 100;                    // decoded to received
  int64_t expansion_from_bytes = int64_t{1} << 20;
};

struct WireTimeouts {
  int64_t connect_ms = 10'000;  // name, proxy, connection and TLS
  int64_t attempt_ms = 30'000;  // 0: no limit
  int64_t stall_ms = 30'000;    // less than a byte a second for so long; 0: no limit

  bool operator==(const WireTimeouts&) const = default;
};

struct WireRequest {
  uint32_t host = 0;  // Transport::host() of the URL's origin
  std::string method;
  std::string url;
  Headers headers;
  ByteView body;  // used when there is no source
  BodySource* source = nullptr;
  std::shared_ptr<const TlsSettings> tls;      // null: the defaults
  std::shared_ptr<const ProxySettings> proxy;  // null: none
  WireTimeouts timeouts;
  WireLimits limits;
  bool is_decoded = true;  // ask for and undo content codings
};

enum class HttpVersion : uint8_t { k10, k11, k2 };

struct WireHead {
  int status = 0;
  HttpVersion version = HttpVersion::k11;
  Headers headers;
};

/// Microseconds since the start of the attempt; 0 for what did not happen.
struct WireTimings {
  int64_t resolved = 0, connected = 0, secured = 0, sent = 0, first_byte = 0, total = 0;
};

struct WireResult {
  Attempt attempt;
  std::string text;  // what failed, for an error's text; holds no header, body or credential
  WireTimings timings;
  int64_t sent_bytes = 0, received_bytes = 0;
  HttpVersion version = HttpVersion::k11;
  bool is_reused = false;  // the connection had been there
};

class WireSink {
 public:
  virtual ~WireSink() = default;
  /// The final response's head, before its body.
  virtual Flow on_head(WireHead head) = 0;
  /// A piece that gets kPause comes again after resume().
  virtual Flow on_body(ByteView piece) = 0;
  /// The last call. Destroying sink and request here is fine.
  virtual void on_end(WireResult result) = 0;
};

class Exchange;

class Transport {
 public:
  virtual ~Transport() = default;
  /// A number for an origin ("https://name:port"), the same for the same text.
  virtual uint32_t host(std::string_view origin) = 0;
  /// Request and sink stay where they are until on_end(), which is never called from inside start().
  virtual Exchange* start(const WireRequest& request, WireSink& sink) = 0;
  /// After a pause, of either direction.
  virtual void resume(Exchange* exchange) = 0;
  /// The sink is not called any more.
  virtual void cancel(Exchange* exchange) = 0;
};

}  // namespace tessera::http
