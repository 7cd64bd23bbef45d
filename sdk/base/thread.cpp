#include "base/thread.hpp"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <memory>
#include <string>
#include <utility>

namespace tessera {
namespace {

constexpr size_t kLongestName = 15;  // the kernel's limit

struct Start {
  std::string name;
  std::function<void()> body;
};

void* run(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  pthread_setname_np(pthread_self(), start->name.c_str());
  try {
    start->body();
  } catch (...) {  // NOLINT(bugprone-empty-catch): see the contract of start()
  }
  return nullptr;
}

size_t usable_stack(size_t wanted) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t least = std::max(wanted, static_cast<size_t>(PTHREAD_STACK_MIN));
  return (least + page - 1) / page * page;
}

/// Blocks every signal while alive, so that a thread created meanwhile never runs the application's handlers.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Result<Thread> Thread::start(const char* name, std::function<void()> body, size_t stack_bytes) {
  auto start = std::make_unique<Start>(Start{std::string(name).substr(0, kLongestName), std::move(body)});
  pthread_attr_t attributes;
  int failure = pthread_attr_init(&attributes);
  if (failure != 0) return error_from_errno("base", "prepare a thread", failure);
  failure = pthread_attr_setstacksize(&attributes, usable_stack(stack_bytes));
  pthread_t id{};
  if (failure == 0) {
    const SignalsBlocked blocked;
    failure = pthread_create(&id, &attributes, run, start.get());
  }
  pthread_attr_destroy(&attributes);
  if (failure != 0) return error_from_errno("base", "start a thread", failure);
  static_cast<void>(start.release());  // run() owns it now
  return Thread(id);
}

Thread::Thread(Thread&& other) noexcept
    : id_(other.id_), joinable_(std::exchange(other.joinable_, false)), guard_(other.guard_) {}

Thread& Thread::operator=(Thread&& other) noexcept {
  if (this == &other) return *this;
  join();
  id_ = other.id_;
  joinable_ = std::exchange(other.joinable_, false);
  guard_ = other.guard_;
  return *this;
}

Thread::~Thread() { join(); }

void Thread::join() {
  if (std::exchange(joinable_, false) && !guard_.in_child()) pthread_join(id_, nullptr);
}

void Thread::detach() {
  if (std::exchange(joinable_, false) && !guard_.in_child()) pthread_detach(id_);
}

}  // namespace tessera
