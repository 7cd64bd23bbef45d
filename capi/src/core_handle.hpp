// tsr_app and tsr_license: handles that share one AppCore and know the process that made them.
#pragma once

#include <memory>
#include <mutex>

#include "app/app.hpp"
#include "base/fork_guard.hpp"
#include "convert.hpp"
#include "handle.hpp"

namespace tessera::capi {

using CorePtr = std::shared_ptr<AppCore>;
class AppStore;

template <Tag kTag>
struct CoreHandle : Handle<kTag> {
  explicit CoreHandle(CorePtr shared) : core(std::move(shared)) {}
  const CorePtr core;
  const ForkGuard fork;
};

/// What `handle` refers to. The copy lives as long as the call, so that a callback may free the handle.
template <Tag kTag>
Result<CorePtr> core_of(const CoreHandle<kTag>* handle, const char* noun) {
  TSR_RETURN_IF_ERROR(require_usable(handle, noun));
  return handle->core;
}

}  // namespace tessera::capi

struct tsr_app : tessera::capi::CoreHandle<tessera::capi::Tag::kApp> {
  using CoreHandle::CoreHandle;
  std::once_flag store_made;
  std::shared_ptr<tessera::capi::AppStore> store;  // see store_handle.hpp
};
struct tsr_license : tessera::capi::CoreHandle<tessera::capi::Tag::kLicense> {
  using CoreHandle::CoreHandle;
};
