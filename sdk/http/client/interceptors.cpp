#include "http/client/interceptors.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {

Status OutgoingRequest::set_header(std::string_view name, std::string_view value) {
  TSR_RETURN_IF_ERROR(check_field(name, value));
  wire_.headers.set(name, value);
  return {};
}

struct Interceptors::Slot {
  uint64_t id = 0;
  InterceptorPlace place = InterceptorPlace::kInOrder;
  std::recursive_mutex running;              // held while it is called; it may remove itself
  std::shared_ptr<Interceptor> interceptor;  // guarded by `running`; null once removed
};

uint64_t Interceptors::add(std::shared_ptr<Interceptor> interceptor, InterceptorPlace place) {
  auto slot = std::make_shared<Slot>();
  slot->place = place;
  slot->interceptor = std::move(interceptor);
  const std::scoped_lock lock(mutex_);
  slot->id = ++last_id_;
  auto longer = std::make_shared<Slots>(*slots_);
  const auto end = place == InterceptorPlace::kSigner
                       ? longer->end()
                       : std::ranges::find(*longer, InterceptorPlace::kSigner,
                                           [](const std::shared_ptr<Slot>& other) { return other->place; });
  longer->insert(end, slot);
  slots_ = std::move(longer);
  count_.store(slots_->size(), std::memory_order_release);
  return slot->id;
}

void Interceptors::remove(uint64_t id) {
  std::shared_ptr<Slot> slot;
  {
    const std::scoped_lock lock(mutex_);
    auto shorter = std::make_shared<Slots>(*slots_);
    const auto place = std::ranges::find(*shorter, id, [](const auto& other) { return other->id; });
    if (place == shorter->end()) return;
    slot = *place;
    shorter->erase(place);
    slots_ = std::move(shorter);
    count_.store(slots_->size(), std::memory_order_release);
  }
  // Destroyed outside the lock, and after a call of it that runs on this very thread.
  std::shared_ptr<Interceptor> removed;
  const std::scoped_lock lock(slot->running);
  removed = std::exchange(slot->interceptor, nullptr);
}

std::shared_ptr<const Interceptors::Slots> Interceptors::slots() {
  const std::scoped_lock lock(mutex_);
  return slots_;
}

Status Interceptors::before(OutgoingRequest& request) {
  const std::shared_ptr<const Slots> all = slots();
  for (const std::shared_ptr<Slot>& slot : *all) {
    const std::scoped_lock lock(slot->running);
    const std::shared_ptr<Interceptor> kept = slot->interceptor;
    if (kept != nullptr) TSR_RETURN_IF_ERROR(kept->before(request));
  }
  return {};
}

void Interceptors::after(const IncomingHead& head) {
  const std::shared_ptr<const Slots> all = slots();
  for (const std::shared_ptr<Slot>& slot : *all) {
    const std::scoped_lock lock(slot->running);
    const std::shared_ptr<Interceptor> kept = slot->interceptor;
    if (kept != nullptr) kept->after(head);
  }
}

}  // namespace tessera::http
