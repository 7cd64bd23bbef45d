// What the API client keeps in the encrypted store; where both are built.
#pragma once

#include <memory>
#include <mutex>

#include "app/http_core.hpp"
#include "app/store_core.hpp"

namespace tessera {

/// The store that an application has open, if any. Does not keep it open.
class StoreSlot {
 public:
  void set(const std::shared_ptr<StoreCore>& store) {
    const std::lock_guard lock(mutex_);
    store_ = store;
  }
  std::shared_ptr<StoreCore> get() const {
    const std::lock_guard lock(mutex_);
    return store_.lock();
  }

 private:
  mutable std::mutex mutex_;
  std::weak_ptr<StoreCore> store_;  // guarded by mutex_
};

/// Keeps `store` for as long as it lives.
Result<HttpMemory> memory_in(const std::shared_ptr<StoreCore>& store);
/// Follows the slot: without an open store responses stay in memory, and breakers are not remembered.
HttpMemory memory_in(std::shared_ptr<const StoreSlot> slot);

}  // namespace tessera
