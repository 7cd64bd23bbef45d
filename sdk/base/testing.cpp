#include "base/testing.hpp"

#include <pthread.h>

#include <mutex>
#include <new>
#include <stdexcept>

namespace tessera::testing {
namespace {

struct Injected {
  std::mutex mutex;
  std::optional<FixedClock> clock;
  std::string hardware_root;
  Files* files = nullptr;
  bool is_network = false;
  std::string throwing_function;
  Fault fault = Fault::kDefect;
};

Injected& injected() {
  static Injected* const state = [] {
    static Injected* const made = new Injected;
    // Every call of the library looks here: a child must not inherit the mutex locked by a thread it lacks.
    pthread_atfork([] { made->mutex.lock(); }, [] { made->mutex.unlock(); }, [] { made->mutex.unlock(); });
    return made;
  }();
  return *state;
}

}  // namespace

void set_clock(int64_t wall_ms, int64_t boot_ms) {
  const std::lock_guard lock(injected().mutex);
  injected().clock = FixedClock{wall_ms, boot_ms};
}

void reset_clock() {
  const std::lock_guard lock(injected().mutex);
  injected().clock.reset();
}

std::optional<FixedClock> fixed_clock() {
  const std::lock_guard lock(injected().mutex);
  return injected().clock;
}

void set_hardware_root(std::string root) {
  const std::lock_guard lock(injected().mutex);
  injected().hardware_root = std::move(root);
}

std::string hardware_root() {
  const std::lock_guard lock(injected().mutex);
  return injected().hardware_root;
}

void set_files(Files* files) {
  const std::lock_guard lock(injected().mutex);
  injected().files = files;
}

Files* injected_files() {
  const std::lock_guard lock(injected().mutex);
  return injected().files;
}

void set_network(bool is_network) {
  const std::lock_guard lock(injected().mutex);
  injected().is_network = is_network;
}

bool network_is_injected() {
  const std::lock_guard lock(injected().mutex);
  return injected().is_network;
}

void throw_in(std::string function, Fault fault) {
  const std::lock_guard lock(injected().mutex);
  injected().throwing_function = std::move(function);
  injected().fault = fault;
}

void maybe_throw(std::string_view function) {
  const std::lock_guard lock(injected().mutex);
  if (injected().throwing_function.empty() || injected().throwing_function != function) return;
  injected().throwing_function.clear();
  if (injected().fault == Fault::kNoMemory) throw std::bad_alloc();
  throw std::runtime_error("injected by a test");
}

}  // namespace tessera::testing
