#include "gil.hpp"

#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace tessera::python {
namespace {

constinit std::atomic<int> inside{0};
constinit std::atomic<bool> is_shut{false};
constinit std::atomic<unsigned long> shut_by{0};  // as PyThread_get_thread_ident() tells

struct Postponed {
  std::mutex mutex;
  std::vector<std::function<void()>> work;
  std::atomic<bool> any{false};
};

Postponed& postponed() {
  static auto* const queue = new Postponed;  // never destroyed: it may hold Python objects
  return *queue;
}

}  // namespace

bool Gate::enter() noexcept {
  inside.fetch_add(1);
  if (!is_shut.load() || shut_by.load() == PyThread_get_thread_ident()) return true;
  inside.fetch_sub(1);
  return false;
}

void Gate::leave() noexcept { inside.fetch_sub(1); }

void Gate::shut() noexcept {
  shut_by.store(PyThread_get_thread_ident());
  is_shut.store(true);
  PyThreadState* const state = PyEval_SaveThread();
  while (inside.load() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  PyEval_RestoreThread(state);
}

void take_lock_again(PyThreadState* state) noexcept {
  while (!Gate::enter()) std::this_thread::sleep_for(std::chrono::hours(1));
  PyEval_RestoreThread(state);
  Gate::leave();
}

void postpone(std::function<void()> work) {
  Postponed& queue = postponed();
  const std::lock_guard lock(queue.mutex);
  queue.work.push_back(std::move(work));
  queue.any.store(true, std::memory_order_release);
}

void run_postponed() noexcept {
  Postponed& queue = postponed();
  if (!queue.any.load(std::memory_order_acquire)) return;
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(queue.mutex);
    work.swap(queue.work);
    queue.any.store(false, std::memory_order_release);
  }
  const pybind11::error_scope kept;  // an object may be collected while an exception is on its way
  for (const auto& each : work) each();
}

void before_fork() { postponed().mutex.lock(); }

void after_fork_in_parent() { postponed().mutex.unlock(); }

void after_fork_in_child() {
  postponed().work.clear();
  postponed().mutex.unlock();
  inside.store(0);
}

}  // namespace tessera::python
