#include "http/transport/loop.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {
namespace {

#ifdef TESSERA_TESTING
constexpr int kLongestWaitMs = 10;  // a test moves the injected clock without telling
#else
constexpr int kLongestWaitMs = 60'000;
#endif

thread_local const Loop* current = nullptr;

}  // namespace

bool Loop::is_current() const { return current == this; }

Status Loop::start(const char* name) {
  TSR_ASSIGN_OR_RETURN(Thread thread, Thread::start(name, [this] { body(); }));
  thread_ = std::move(thread);
  return {};
}

void Loop::stop() {
  if (!thread_) return;
  is_stopping_.store(true);
  poller_.wake_up();
  thread_->join();
  thread_.reset();
}

void Loop::post(Posted& work) {
  Posted* head = posted_.load(std::memory_order_relaxed);
  do {
    work.next_ = head;
  } while (!posted_.compare_exchange_weak(head, &work));
  // Sequentially consistent with the loop's store: it sees the work, or this sees that it sleeps.
  if (is_waiting_.load()) poller_.wake_up();
}

void Loop::run_posted() {
  Posted* newest = posted_.exchange(nullptr);
  Posted* oldest = nullptr;
  while (newest != nullptr) {
    Posted* const next = newest->next_;
    newest->next_ = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    Posted* const work = oldest;
    oldest = std::exchange(work->next_, nullptr);
    work->run();
  }
}

int Loop::timeout_ms() const {
  const std::optional<int64_t> next = timers_.next_ms();
  if (!next) return kLongestWaitMs;
  return static_cast<int>(std::clamp<int64_t>(*next - now_ms_, 0, kLongestWaitMs));
}

void Loop::body() {
  current = this;
  while (true) {
    now_ms_ = clock_.boot_ms();
    run_posted();
    timers_.run(now_ms_);
    poller_.perform();
    is_waiting_.store(true);
    const bool has_work = posted_.load() != nullptr;
    if (is_stopping_.load() && !has_work) return;
    poller_.wait(has_work ? 0 : timeout_ms());
    is_waiting_.store(false);
  }
}

}  // namespace tessera::http
