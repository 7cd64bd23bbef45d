#include "app/http_core.hpp"

#include <utility>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "crypto/crypto.hpp"

namespace tessera {
namespace {

/// Destroys a client elsewhere than on its own thread, which that joins.
class Farewell final : public Task {
 public:
  Farewell(std::unique_ptr<http::Client> client, std::shared_ptr<Logger> logger, HttpMemory memory,
           std::shared_ptr<HttpEvents> events)
      : logger_(std::move(logger)),
        memory_(std::move(memory)),
        events_(std::move(events)),
        client_(std::move(client)) {}
  void run() noexcept override { const std::unique_ptr<Farewell> self(this); }
  /// Without a worker it stays, and so does its idle thread.
  static void say(std::unique_ptr<Farewell> farewell) {
    Farewell* const kept = farewell.release();
    static_cast<void>(Executor::submit(*kept));
  }

 private:
  // In the order of their use: the client is destroyed before what it refers to.
  const std::shared_ptr<Logger> logger_;
  const HttpMemory memory_;
  const std::shared_ptr<HttpEvents> events_;
  const std::unique_ptr<http::Client> client_;
};

}  // namespace

Result<std::shared_ptr<HttpCore>> HttpCore::open(std::string_view config_json, const HttpSecrets& secrets,
                                                 HttpMemory memory) {
  TSR_ASSIGN_OR_RETURN(http::ClientConfig config, read_http_config(config_json, secrets));
  return open(std::move(config), std::make_shared<Logger>(), std::move(memory));
}

Result<std::shared_ptr<HttpCore>> HttpCore::open(http::ClientConfig config, std::shared_ptr<Logger> logger,
                                                 HttpMemory memory) {
  const std::shared_ptr<HttpCore> core(new HttpCore(std::move(logger), std::move(memory)));
  TSR_ASSIGN_OR_RETURN(core->client_,
                       http::Client::open(std::move(config), {.clock = &system_clock(),
                                                              .random = &system_random(),
                                                              .logger = core->logger_.get(),
                                                              .responses = core->memory_.responses.get(),
                                                              .breakers = core->memory_.breakers.get(),
                                                              .events = core->events_.get()}));
  core->credentials_ = std::make_unique<HttpCredentials>(*core->client_, *core->logger_);
  return core;
}

HttpCore::~HttpCore() {
  if (client_ == nullptr || !client_->is_current()) return;
  Farewell::say(std::make_unique<Farewell>(std::move(client_), logger_, memory_, events_));
}

}  // namespace tessera
