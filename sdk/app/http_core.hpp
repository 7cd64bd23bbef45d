// The API client as one thing: its configuration, its ports and the client. Safe from any thread.
#pragma once

#include <memory>
#include <string_view>

#include "app/http_config.hpp"
#include "app/http_credentials.hpp"
#include "app/http_events.hpp"
#include "base/breaker_memory.hpp"
#include "base/http_cache_store.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "http/client/client.hpp"

namespace tessera {

/// Where a client keeps what is to outlive it; empty: in its own memory.
struct HttpMemory {
  std::shared_ptr<ResponseStore> responses;
  std::shared_ptr<BreakerMemory> breakers;
};

class HttpCore {
 public:
  static Result<std::shared_ptr<HttpCore>> open(std::string_view config_json, const HttpSecrets& secrets,
                                                HttpMemory memory = {});
  /// `logger` is the application's.
  static Result<std::shared_ptr<HttpCore>> open(http::ClientConfig config, std::shared_ptr<Logger> logger,
                                                HttpMemory memory = {});
  HttpCore(const HttpCore&) = delete;
  HttpCore& operator=(const HttpCore&) = delete;
  /// May be the last thing that a call does on the client's own thread.
  ~HttpCore();

  http::Client& client() { return *client_; }
  HttpCredentials& credentials() { return *credentials_; }
  Logger& logger() { return *logger_; }
  HttpEvents& events() { return *events_; }
  Status close(int64_t timeout_ms) { return client_->close(timeout_ms); }

 private:
  HttpCore(std::shared_ptr<Logger> logger, HttpMemory memory)
      : logger_(std::move(logger)), memory_(std::move(memory)) {}

  // In the order of their use: the client is destroyed before what it refers to.
  const std::shared_ptr<Logger> logger_;
  const HttpMemory memory_;
  const std::shared_ptr<HttpEvents> events_ = std::make_shared<HttpEvents>();
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<HttpCredentials> credentials_;
};

}  // namespace tessera
