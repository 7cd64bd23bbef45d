// tsr_sub: log sinks of the application.
#pragma once

#include <utility>

#include "base/result.hpp"
#include "core_handle.hpp"
#include "tessera/log.h"

namespace tessera::capi {

/// The caller's `user` pointer; runs its free function exactly once.
class UserData {
 public:
  using Free = void (*)(void*);
  UserData(void* pointer, Free release) noexcept : pointer_(pointer), free_(release) {}
  UserData(UserData&& other) noexcept
      : pointer_(other.pointer_), free_(std::exchange(other.free_, nullptr)) {}
  UserData& operator=(UserData&&) = delete;
  ~UserData();
  void* get() const { return pointer_; }

 private:
  void* pointer_;
  Free free_;
};

Status attach_log(CorePtr core, int32_t level, tsr_log_fn fn, UserData user, tsr_sub** out);

}  // namespace tessera::capi
