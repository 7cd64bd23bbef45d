#include "app/http_memory.hpp"

#include <utility>

#include "app/breaker_memory_adapter.hpp"
#include "app/response_cache_adapter.hpp"
#include "base/clock.hpp"
#include "http/cache/memory_store.hpp"

namespace tessera {
namespace {

class FollowingResponses final : public ResponseStore {
 public:
  explicit FollowingResponses(std::shared_ptr<const StoreSlot> slot) : slot_(std::move(slot)) {}

  std::optional<Bytes> get(std::string_view key) override { return now()->get(key); }
  void put(std::string_view key, Bytes bytes, int64_t ttl_ms) override {
    now()->put(key, std::move(bytes), ttl_ms);
  }
  void remove(std::string_view key) override {
    // From both: what came before the store must not come back when that is closed.
    memory_->remove(key);
    now()->remove(key);
  }

 private:
  std::shared_ptr<ResponseStore> now() {
    const std::shared_ptr<StoreCore> store = slot_->get();
    if (store == nullptr || !store->check_open().ok()) return memory_;
    const std::lock_guard lock(mutex_);
    if (adapter_ != nullptr && followed_.lock() == store) return adapter_;
    auto opened = ResponseCacheAdapter::open(store);
    if (!opened.ok()) return memory_;
    adapter_ = std::move(opened).value();
    followed_ = store;
    return adapter_;
  }

  const std::shared_ptr<const StoreSlot> slot_;
  const std::shared_ptr<ResponseStore> memory_ = std::make_shared<http::MemoryStore>(system_clock());
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<ResponseStore> adapter_;
  std::weak_ptr<StoreCore> followed_;
};

class FollowingBreakers final : public BreakerMemory {
 public:
  explicit FollowingBreakers(std::shared_ptr<const StoreSlot> slot) : slot_(std::move(slot)) {}

  std::vector<std::pair<std::string, std::string>> load_all() override {
    const std::shared_ptr<StoreCore> store = now();
    if (store == nullptr) return {};
    return BreakerMemoryAdapter(store).load_all();
  }
  void save(std::string_view host, std::string_view record_json) override {
    const std::shared_ptr<StoreCore> store = now();
    if (store != nullptr) BreakerMemoryAdapter(store).save(host, record_json);
  }

 private:
  std::shared_ptr<StoreCore> now() const {
    std::shared_ptr<StoreCore> store = slot_->get();
    return store != nullptr && store->check_open().ok() ? store : nullptr;
  }

  const std::shared_ptr<const StoreSlot> slot_;
};

}  // namespace

Result<HttpMemory> memory_in(const std::shared_ptr<StoreCore>& store) {
  TSR_RETURN_IF_ERROR(store->check_open());
  HttpMemory memory;
  TSR_ASSIGN_OR_RETURN(memory.responses, ResponseCacheAdapter::open(store));
  memory.breakers = std::make_shared<BreakerMemoryAdapter>(store);
  return memory;
}

HttpMemory memory_in(std::shared_ptr<const StoreSlot> slot) {
  HttpMemory memory;
  memory.responses = std::make_shared<FollowingResponses>(slot);
  memory.breakers = std::make_shared<FollowingBreakers>(std::move(slot));
  return memory;
}

}  // namespace tessera
