#include "app/delivery_core.hpp"

#include <utility>

#include "app/outbox_adapter.hpp"
#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/thread.hpp"

namespace tessera {

struct DeliveryCore::Parts {
  // In the order of their use: the delivery is destroyed before what it refers to.
  std::shared_ptr<HttpCore> http;
  OutboxAdapter queue;
  std::unique_ptr<http::Delivery> delivery;
};

/// Stops where waiting holds up nobody that it waits for.
class DeliveryCore::Farewell final : public Task {
 public:
  explicit Farewell(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
  void run() noexcept override { const std::unique_ptr<Farewell> self(this); }
  /// Without a worker it stays, and goes on.
  static void say(std::unique_ptr<Farewell> farewell) {
    Farewell* const kept = farewell.release();
    static_cast<void>(Executor::submit(*kept));
  }

 private:
  const std::unique_ptr<Parts> parts_;
};

Result<std::shared_ptr<DeliveryCore>> DeliveryCore::start(std::shared_ptr<StoreCore> store,
                                                          std::shared_ptr<HttpCore> http,
                                                          const http::DeliveryConfig& config,
                                                          OnEvent on_event) {
  TSR_RETURN_IF_ERROR(store->check_open());
  auto parts = std::make_unique<Parts>(Parts{std::move(http), OutboxAdapter(std::move(store)), nullptr});
  http::DeliveryPorts ports;
  ports.queue = &parts->queue;
  ports.clock = &system_clock();
  ports.logger = &parts->http->logger();
  ports.on_event = std::move(on_event);
  TSR_ASSIGN_OR_RETURN(parts->delivery, http::Delivery::start(parts->http->client(), ports, config));
  return std::shared_ptr<DeliveryCore>(new DeliveryCore(std::move(parts)));
}

DeliveryCore::DeliveryCore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

DeliveryCore::~DeliveryCore() {
  if (!Thread::is_current_ours()) return;
  Farewell::say(std::make_unique<Farewell>(std::move(parts_)));
}

http::Delivery& DeliveryCore::delivery() { return *parts_->delivery; }

Status DeliveryCore::stop(int64_t timeout_ms) {
  if (parts_->http->client().is_current()) {
    return Error{ErrorCode::kSTATE,
                 "http",
                 "a delivery can't be stopped on its client's own thread; use tsr_delivery_stop_async()",
                 {}};
  }
  return delivery().stop(timeout_ms);
}

}  // namespace tessera
