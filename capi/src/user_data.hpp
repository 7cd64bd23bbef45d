// The `user` pointer that comes with a callback.
#pragma once

#include <utility>

namespace tessera::capi {

/// Runs its free function exactly once.
class UserData {
 public:
  using Free = void (*)(void*);
  UserData(void* pointer, Free release) noexcept : pointer_(pointer), free_(release) {}
  UserData(UserData&& other) noexcept
      : pointer_(other.pointer_), free_(std::exchange(other.free_, nullptr)) {}
  UserData& operator=(UserData&&) = delete;
  ~UserData() {
    if (free_ == nullptr) return;
    try {
      free_(pointer_);
    } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left to tell
    }
  }
  void* get() const { return pointer_; }

 private:
  void* pointer_;
  Free free_;
};

}  // namespace tessera::capi
