// The transport on libcurl: one multi handle, on the loop's thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "http/transport/loop.hpp"
#include "http/transport/wire.hpp"

namespace tessera::http {

struct CurlConfig {
  int connections_per_host = 8;
  int idle_connection_s = 60;
  int streams_per_connection = 100;  // HTTP/2
};

class CurlTransport final : public Transport, public Poller {
 public:
  /// NO_MEMORY or INTERNAL when libcurl can't be started.
  static Result<std::unique_ptr<CurlTransport>> open(const CurlConfig& config);
  ~CurlTransport() override;

  uint32_t host(std::string_view origin) override;
  Exchange* start(const WireRequest& request, WireSink& sink) override;
  void resume(Exchange* exchange) override;
  void cancel(Exchange* exchange) override;

  void perform() override;
  void wait(int timeout_ms) override;
  void wake_up() override;

 private:
  struct State;
  explicit CurlTransport(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

/// Of the library that is linked, as it names itself.
const char* curl_version_text();

}  // namespace tessera::http
