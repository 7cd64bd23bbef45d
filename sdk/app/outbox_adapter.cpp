#include "app/outbox_adapter.hpp"

namespace tessera {
namespace {

OutboxRequest request_of(store::OutboxItem item) {
  return {.id = std::move(item.id),
          .attempt = item.attempts,
          .topic = std::move(item.topic),
          .ordering_key = std::move(item.ordering_key),
          .idempotency_key = std::move(item.idempotency_key),
          .method = std::move(item.method),
          .url = std::move(item.url),
          .headers_json = std::move(item.headers_json),
          .body = std::move(item.body),
          .lease_until_ms = item.lease_until_ms};
}

}  // namespace

Result<std::vector<OutboxRequest>> OutboxAdapter::lease(const OutboxHold& hold, size_t count) {
  TSR_ASSIGN_OR_RETURN(std::vector<store::OutboxItem> items, store_->outbox().lease_unless(hold, count));
  std::vector<OutboxRequest> requests;
  requests.reserve(items.size());
  for (store::OutboxItem& item : items) requests.push_back(request_of(std::move(item)));
  return requests;
}

Status OutboxAdapter::complete(std::string_view id, int64_t attempt) {
  return store_->outbox().complete(id, attempt);
}

Result<bool> OutboxAdapter::fail(std::string_view id, int64_t attempt, std::string_view error,
                                 bool is_permanent, int64_t retry_after_ms) {
  TSR_RETURN_IF_ERROR(store_->outbox().fail(id, attempt, error, is_permanent, retry_after_ms));
  TSR_ASSIGN_OR_RETURN(const std::optional<store::OutboxItem> item, store_->outbox().find(id));
  return item && item->state == store::OutboxState::kDead;
}

Status OutboxAdapter::release(std::string_view id, int64_t attempt) {
  return store_->outbox().release(id, attempt);
}

Status OutboxAdapter::extend(std::string_view id, int64_t attempt, int64_t lease_ms) {
  return store_->outbox().extend(id, attempt, lease_ms);
}

Result<int64_t> OutboxAdapter::revoke(std::string_view topic) { return store_->outbox().revoke(topic); }

Result<std::optional<int64_t>> OutboxAdapter::next_due_ms(const OutboxHold& hold) {
  return store_->outbox().next_due_unless(hold);
}

Result<OutboxDepth> OutboxAdapter::depth() {
  TSR_ASSIGN_OR_RETURN(const store::OutboxCounts counts, store_->outbox().counts());
  return OutboxDepth{
      .pending = counts.pending, .leased = counts.leased, .ambiguous = counts.ambiguous, .dead = counts.dead};
}

void OutboxAdapter::set_waker(std::function<void()> waker) { store_->outbox().set_waker(std::move(waker)); }

}  // namespace tessera
