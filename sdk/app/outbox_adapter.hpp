// The store's outbox as the queue that the API client delivers.
#pragma once

#include <memory>
#include <utility>

#include "app/store_core.hpp"
#include "base/outbox_queue.hpp"

namespace tessera {

class OutboxAdapter final : public OutboxQueue {
 public:
  explicit OutboxAdapter(std::shared_ptr<StoreCore> store) : store_(std::move(store)) {}

  Result<std::vector<OutboxRequest>> lease(const OutboxHold& hold, size_t count) override;
  Status complete(std::string_view id, int64_t attempt) override;
  Result<bool> fail(std::string_view id, int64_t attempt, std::string_view error, bool is_permanent,
                    int64_t retry_after_ms) override;
  Status release(std::string_view id, int64_t attempt) override;
  Status extend(std::string_view id, int64_t attempt, int64_t lease_ms) override;
  Result<int64_t> revoke(std::string_view topic) override;
  Result<std::optional<int64_t>> next_due_ms(const OutboxHold& hold) override;
  Result<OutboxDepth> depth() override;
  void set_waker(std::function<void()> waker) override;

 private:
  const std::shared_ptr<StoreCore> store_;
};

}  // namespace tessera
