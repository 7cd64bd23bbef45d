// A store with an outbox, a client and the delivery between them, quick enough for tests.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "app/outbox_adapter.hpp"
#include "base/clock.hpp"
#include "crypto/crypto.hpp"
#include "http/delivery/delivery.hpp"
#include "hwid/device_probe.hpp"

namespace tessera::delivery_proof {

inline constexpr int64_t kLeaseMs = 3'000;

template <class T>
T require(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().text);
  return std::move(result).value();
}
inline void require(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error().text);
}

inline std::shared_ptr<StoreCore> open_store(const std::string& folder,
                                             const std::function<void(store::OutboxConfig&)>& change = {}) {
  StoreConfig config = require(read_store_config(R"({"path":")" + folder + R"(/app.tdb","kdf":"low"})"));
  config.outbox.lease_ms = kLeaseMs;
  config.outbox.backoff_base_ms = 20;
  config.outbox.backoff_cap_ms = 500;
  config.outbox.max_attempts = 1'000'000;
  if (change) change(config.outbox);
  return require(StoreCore::open(std::move(config), {.probe = hwid::make_device_probe({}), .license_row = {}},
                                 {.passphrase = as_bytes("words"), .app_key = {}, .recovery_key = {}}));
}

inline std::unique_ptr<http::Client> open_client() {
  http::ClientConfig config;
  config.policies.timeouts.connect_ms = 5'000;
  config.policies.timeouts.attempt_ms = 10'000;
  config.policies.timeouts.total_ms = 30'000;
  config.policies.retry.transient_base_ms = 10;
  config.policies.retry.throttle_base_ms = 20;
  // Half of the connections fail here: only failures in a row tell that the server is away.
  config.policies.breaker.max_percent = 100;
  config.policies.breaker.cooldown_ms = 200;
  config.policies.breaker.max_cooldown_ms = 1'000;
  http::ClientPorts ports;
  ports.clock = &system_clock();
  ports.random = &system_random();
  return require(http::Client::open(std::move(config), ports));
}

/// What sends.
class Rig {
 public:
  explicit Rig(std::shared_ptr<StoreCore> opened, http::DeliveryConfig config = {},
               std::function<void(const http::DeliveryEvent&)> on_event = {})
      : store(std::move(opened)) {
    config.lease_ms = kLeaseMs;
    config.spacing_ms = 5;
    http::DeliveryPorts ports;
    ports.queue = &queue_;
    ports.clock = &system_clock();
    ports.on_event = std::move(on_event);
    delivery = require(http::Delivery::start(*client_, ports, config));
  }

  const std::shared_ptr<StoreCore> store;

 private:
  OutboxAdapter queue_{store};
  const std::unique_ptr<http::Client> client_ = open_client();

 public:
  std::unique_ptr<http::Delivery> delivery;
};

/// Number `number` of the ordering key `order`.
inline store::OutboxItem numbered(const std::string& url, const std::string& order, int number) {
  store::OutboxItem item;
  item.topic = "sales";
  item.method = "POST";
  item.url = url;
  item.ordering_key = order;
  item.idempotency_key = order + ":" + std::to_string(number);
  item.body = to_bytes(item.idempotency_key + std::string(static_cast<size_t>(number % 7) * 300, '.'));
  return item;
}

}  // namespace tessera::delivery_proof
