// Thread with an explicit stack size: musl's default of 128 KiB is too small for JSON and crypto.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>

#include "base/result.hpp"

namespace tessera {

inline constexpr size_t kThreadStackBytes = size_t{1} << 20;

class Thread {
 public:
  static Result<Thread> start(const char* name, std::function<void()> body, size_t stack_bytes = kThreadStackBytes);
  Thread(Thread&& other) noexcept;
  Thread& operator=(Thread&& other) noexcept;
  ~Thread();  // joins
  void join();

 private:
  explicit Thread(pthread_t id) : id_(id), joinable_(true) {}
  pthread_t id_{};
  bool joinable_ = false;
};

}  // namespace tessera
