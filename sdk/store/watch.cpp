#include "store/watch.hpp"

#include <condition_variable>
#include <deque>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/executor.hpp"

namespace tessera::store {
namespace {

constexpr int kCallsInARow = 32;  // then other tasks of the workers have their turn

}  // namespace

/// One registration. Waits among the executor's tasks while it has keys to tell.
class WatchHub::Watch final : public Task, public std::enable_shared_from_this<Watch> {
 public:
  Watch(std::string_view prefix, std::function<bool(std::string_view)> changed)
      : prefix_(prefix), changed_(std::move(changed)) {}

  void tell(const std::string& key) {
    const std::lock_guard guard(mutex_);
    if (ended_ || !key.starts_with(prefix_)) return;
    queue(key);
    schedule();
  }

  // NOLINTNEXTLINE(bugprone-exception-escape): a mutex that can't be locked ends the program
  void run() noexcept override {
    std::shared_ptr<Watch> self;  // goes after the lock is given back
    std::unique_lock lock(mutex_);
    self = std::move(self_);
    for (int calls = 0; calls < kCallsInARow && !ended_ && !waiting_.empty(); ++calls) {
      const std::string key = std::move(waiting_.front());
      waiting_.pop_front();
      known_.erase(key);
      caller_ = std::this_thread::get_id();
      lock.unlock();
      const bool goes_on = call(key);
      lock.lock();
      caller_.reset();
      if (!goes_on) ended_ = true;
    }
    if (ended_) {
      waiting_.clear();
      known_.clear();
    }
    schedule();
    idle_.notify_all();
  }

  /// Returns once no call runs or will run, at once from inside a call.
  void end() {
    std::unique_lock lock(mutex_);
    ended_ = true;
    idle_.wait(lock, [this] { return !caller_ || *caller_ == std::this_thread::get_id(); });
  }

 private:
  bool call(const std::string& key) noexcept {
    try {
      return changed_(key);
    } catch (...) {
      return false;
    }
  }
  void queue(const std::string& key) {
    if (!known_.insert(key).second) return;
    if (waiting_.size() >= kMostWaiting) {
      waiting_.clear();
      known_ = {prefix_};
      waiting_.push_back(prefix_);
      return;
    }
    waiting_.push_back(key);
  }
  void schedule() {
    if (self_ != nullptr || caller_ || waiting_.empty() || ended_) return;
    self_ = shared_from_this();
    if (!Executor::submit(*this)) self_.reset();  // no thread to be had: the next change tries again
  }

  const std::string prefix_;
  const std::function<bool(std::string_view)> changed_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<std::string> waiting_;
  std::unordered_set<std::string> known_;  // what waits
  std::optional<std::thread::id> caller_;  // while a call runs
  std::shared_ptr<Watch> self_;            // while it is the executor's
  bool ended_ = false;
};

bool WatchHub::is_watched() const { return count_.load(std::memory_order_acquire) != 0; }

void WatchHub::tell(const std::string& key) {
  const std::lock_guard guard(mutex_);
  for (const auto& [id, watch] : watches_) watch->tell(key);
}

uint64_t WatchHub::add(std::string_view prefix, std::function<bool(std::string_view)> changed) {
  auto watch = std::make_shared<Watch>(prefix, std::move(changed));
  const std::lock_guard guard(mutex_);
  watches_.emplace(++last_id_, std::move(watch));
  count_.store(watches_.size(), std::memory_order_release);
  return last_id_;
}

void WatchHub::remove(uint64_t id) {
  if (fork_.in_child()) return;  // the locks may be held by threads that a child does not have
  std::unique_lock lock(mutex_);
  const auto found = watches_.find(id);
  if (found == watches_.end()) return;
  const std::shared_ptr<Watch> watch = std::move(found->second);
  watches_.erase(found);
  count_.store(watches_.size(), std::memory_order_release);
  lock.unlock();
  watch->end();
}

void WatchHub::remove_all() {
  if (fork_.in_child()) return;
  std::unique_lock lock(mutex_);
  const auto watches = std::exchange(watches_, {});
  count_.store(0, std::memory_order_release);
  lock.unlock();
  for (const auto& [id, watch] : watches) watch->end();
}

WatchHub::WatchHub() = default;
WatchHub::~WatchHub() { remove_all(); }

}  // namespace tessera::store
