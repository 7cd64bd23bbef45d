// tsr_store: a store, perhaps in a tenant's scope. What its handles share, and what a call keeps of one.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "app/store_core.hpp"
#include "base/executor.hpp"
#include "base/fork_guard.hpp"
#include "call.hpp"
#include "convert.hpp"
#include "handle.hpp"
#include "tessera/store.h"

namespace tessera::capi {

/// What all handles of one open store share.
struct StoreUse {
  explicit StoreUse(std::shared_ptr<StoreCore> opened) : core(std::move(opened)) {}
  const std::shared_ptr<StoreCore> core;
  const std::shared_ptr<Line> line = std::make_shared<Line>();
  Strand begins;  // transactions that begin wait here, so that they hold up one worker at most
};

/// A handle's store and tenant. The copy lives as long as the call, so that a callback may free the handle.
struct StoreRef {
  std::shared_ptr<StoreUse> use;
  std::shared_ptr<const std::string> tenant;  // null: no scope

  StoreCore& core() const { return *use->core; }
  store::Database& database() const { return use->core->database(); }
  /// For operations that run in the order of their start.
  Place place() const { return {use, nullptr, use->line}; }
};

/// The application's store, once it was asked for.
class AppStore {
 public:
  std::shared_ptr<StoreUse> use_of(std::shared_ptr<StoreCore> core) {
    const std::lock_guard lock(mutex_);
    if (use_ == nullptr || use_->core != core) use_ = std::make_shared<StoreUse>(std::move(core));
    return use_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<StoreUse> use_;
};

}  // namespace tessera::capi

struct tsr_store : tessera::capi::Handle<tessera::capi::Tag::kStore> {
  explicit tsr_store(tessera::capi::StoreRef refers_to) : ref(std::move(refers_to)) {}
  const tessera::capi::StoreRef ref;
  const tessera::ForkGuard fork;
};

namespace tessera::capi {

inline Result<StoreRef> store_of(const tsr_store* store) {
  TSR_RETURN_IF_ERROR(require_usable(store, "store"));
  return store->ref;
}

}  // namespace tessera::capi
