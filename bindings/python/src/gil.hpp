// The interpreter lock around calls of the SDK, and what waits for that lock.
#pragma once

#include <Python.h>

#include <functional>

namespace tessera::python {

/// Everyone who wants the interpreter lock back passes here. Once it is shut only the thread that shut it
/// does, so that no other is on its way into Python when the interpreter goes down: CPython before 3.14 ends
/// such a thread in the middle of our frames, which ends the process.
class Gate {
 public:
  /// False once the gate is shut.
  static bool enter() noexcept;
  static void leave() noexcept;
  /// Returns when all who entered have left. Called with the lock held.
  static void shut() noexcept;
};

/// Takes the interpreter lock again after PyEval_SaveThread(); a thread that comes too late sleeps until the
/// process ends.
void take_lock_again(PyThreadState* state) noexcept;

/// Work for Python that came up where the lock is not held: log records, references to drop. Runs in
/// run_postponed(), so that no thread waits for the interpreter while it holds a lock of the SDK.
void postpone(std::function<void()> work);
/// Called with the lock held, after every call that may have postponed work.
void run_postponed() noexcept;

/// Around fork(): no other thread may be in the middle of postponing, and a child has neither its parent's
/// threads nor what they left to do.
void before_fork();
void after_fork_in_parent();
void after_fork_in_child();

/// What a call does with the interpreter lock. Giving it away costs an event loop its turn, so that calls
/// which return at once keep it.
enum class Lock { kReleased, kKept };

template <Lock kLock, class Call>
auto call_sdk(Call&& call) {
  PyThreadState* const state = kLock == Lock::kReleased ? PyEval_SaveThread() : nullptr;
  const auto result = call();
  if (state != nullptr) take_lock_again(state);
  run_postponed();
  return result;
}

/// Deleter of a handle: whatever it waits for may need the interpreter lock.
template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* handle) const noexcept {
    PyThreadState* const state = PyEval_SaveThread();
    kFree(handle);
    take_lock_again(state);
    run_postponed();
  }
};

}  // namespace tessera::python
