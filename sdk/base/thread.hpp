// Thread with an explicit stack size: musl's default of 128 KiB is too small for JSON and crypto.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>

#include "base/fork_guard.hpp"
#include "base/result.hpp"

namespace tessera {

inline constexpr size_t kThreadStackBytes = size_t{1} << 20;

class Thread {
 public:
  /// The thread is named (15 bytes at most) and has every signal blocked. An exception that leaves `body`
  /// ends the thread and is dropped. BUSY when the system's limit of threads is reached.
  static Result<Thread> start(const char* name, std::function<void()> body,
                              size_t stack_bytes = kThreadStackBytes);
  Thread(Thread&& other) noexcept;
  Thread& operator=(Thread&& other) noexcept;
  ~Thread();  // joins unless detached
  /// Waits for the end of `body`; at once when that happened before, and in a forked child.
  void join();
  /// Lets it run on its own: nobody waits for its end.
  void detach();

 private:
  explicit Thread(pthread_t id) : id_(id), joinable_(true) {}
  pthread_t id_{};
  bool joinable_ = false;
  ForkGuard guard_;
};

}  // namespace tessera
