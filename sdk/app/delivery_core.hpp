// The delivery of a store's outbox as one thing: the queue, the client and who sends. Safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "app/http_core.hpp"
#include "app/store_core.hpp"
#include "http/delivery/delivery.hpp"

namespace tessera {

class DeliveryCore {
 public:
  using OnEvent = std::function<void(const http::DeliveryEvent&)>;

  /// Keeps both for as long as it lives.
  static Result<std::shared_ptr<DeliveryCore>> start(std::shared_ptr<StoreCore> store,
                                                     std::shared_ptr<HttpCore> http,
                                                     const http::DeliveryConfig& config, OnEvent on_event);
  DeliveryCore(const DeliveryCore&) = delete;
  DeliveryCore& operator=(const DeliveryCore&) = delete;
  /// Stops without time. On a thread of the library, even its own, that is left to another.
  ~DeliveryCore();

  http::Delivery& delivery();
  /// STATE also on the client's own thread, which ends what is under way.
  Status stop(int64_t timeout_ms);

 private:
  struct Parts;
  class Farewell;
  explicit DeliveryCore(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace tessera
