#include "base/executor.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/fork_guard.hpp"
#include "base/thread.hpp"

namespace tessera {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

/// First in, first out, or by due time.
class TaskQueue {
 public:
  bool empty() const { return tasks_.empty(); }
  size_t size() const { return tasks_.size(); }
  void push(Task& task) { insert(tasks_.end(), task); }
  void push_front(Task& task) { insert(tasks_.begin(), task); }
  /// Before those that are due later.
  void push_due(Task& task, Time due) {
    task.due_ = due;
    insert(std::ranges::find_if(tasks_, [due](const Task* other) { return other->due_ > due; }), task);
  }
  /// Of the first.
  Time due() const { return empty() ? Time::max() : tasks_.front()->due_; }
  /// Null when empty.
  Task* pop() {
    if (empty()) return nullptr;
    Task* const first = tasks_.front();
    withdraw(*first);
    return first;
  }
  /// Takes `task` out of the queue where it waits; false when it waits in none.
  static bool withdraw(Task& task) {
    if (task.queue_ == nullptr) return false;
    task.node_.splice(task.node_.end(), std::exchange(task.queue_, nullptr)->tasks_, task.place_);
    return true;
  }

 private:
  void insert(std::list<Task*>::iterator before, Task& task) {
    tasks_.splice(before, task.node_);
    task.queue_ = this;
  }
  std::list<Task*> tasks_;
};

namespace {

constexpr size_t kMostWorkers = 4;
constexpr std::chrono::seconds kIdleLife{3};

class Pool {
 public:
  static Pool& of_this_process();

  bool in_child() const { return fork_.in_child(); }

  // Guards every queue, also those of the strands.
  std::mutex mutex;

  // With the mutex held.
  Status ensure_worker() {
    if (ready_.size() < idle_ || workers_ == kMostWorkers) return {};
    Result<Thread> worker = Thread::start("tessera-worker", [this] { work(); });
    if (worker.ok()) {
      worker.value().detach();
      ++workers_;
    } else if (workers_ == 0) {
      return std::move(worker).error();
    }
    return {};
  }
  void make_ready(Task& task) {
    ready_.push(task);
    work_.notify_one();
  }
  void make_next(Task& task) {
    ready_.push_front(task);
    work_.notify_one();
  }
  void make_ready_at(Task& task, Time due) {
    later_.push_due(task, due);
    work_.notify_all();  // who waits may wait for longer than that
  }

 private:
  explicit Pool(const Pool* inherited) : inherited_(inherited) {}
  void work();
  void take_due();

  const ForkGuard fork_;
  [[maybe_unused]] const Pool* const inherited_;  // the parent's, kept in reach of leak checkers
  std::condition_variable work_;
  TaskQueue ready_;
  TaskQueue later_;  // by due time
  size_t workers_ = 0;
  size_t idle_ = 0;
};

// Never destroyed: workers may run while the process exits.
constinit std::atomic<Pool*> current_pool{nullptr};
constinit thread_local const Pool* worker_of = nullptr;

Pool& Pool::of_this_process() {
  Pool* known = current_pool.load(std::memory_order_acquire);
  if (known != nullptr && !known->in_child()) return *known;
  // A child's copy of the mutex may be locked for ever by a thread that the child does not have.
  std::unique_ptr<Pool> fresh(new Pool(known));
  if (current_pool.compare_exchange_strong(known, fresh.get())) return *fresh.release();
  return *known;
}

void Pool::work() {
  worker_of = this;
  std::unique_lock lock(mutex);
  Time idle_until = Clock::now() + kIdleLife;
  for (;;) {
    take_due();
    if (ready_.empty()) {
      const bool must_stay = !later_.empty() && idle_ == 0;
      if (!must_stay && Clock::now() >= idle_until) break;
      ++idle_;
      work_.wait_until(lock, must_stay ? later_.due() : std::min(idle_until, later_.due()));
      --idle_;
      continue;
    }
    Task* const task = ready_.pop();
    if (!later_.empty()) static_cast<void>(ensure_worker());
    lock.unlock();
    task->run();
    if (in_child()) return;  // the task forked and came back in the child, where this pool is dead
    lock.lock();
    idle_until = Clock::now() + kIdleLife;
  }
  --workers_;
}

void Pool::take_due() {
  const Time now = later_.empty() ? Time::min() : Clock::now();
  while (later_.due() <= now) make_ready(*later_.pop());
}

}  // namespace

Status Executor::submit(Task& task) {
  Pool& pool = Pool::of_this_process();
  const std::lock_guard lock(pool.mutex);
  TSR_RETURN_IF_ERROR(pool.ensure_worker());
  pool.make_ready(task);
  return {};
}

Status Executor::submit_at(Task& task, Time due) {
  Pool& pool = Pool::of_this_process();
  const std::lock_guard lock(pool.mutex);
  TSR_RETURN_IF_ERROR(pool.ensure_worker());
  pool.make_ready_at(task, due);
  return {};
}

void Executor::advance(Task& task) {
  Pool& pool = Pool::of_this_process();
  const std::lock_guard lock(pool.mutex);
  if (!TaskQueue::withdraw(task)) return;
  pool.make_next(task);
  static_cast<void>(pool.ensure_worker());  // whoever let the task wait runs it in the end
}

bool Executor::on_worker() { return worker_of != nullptr && !worker_of->in_child(); }

/// What waits among the pool's tasks for the strand: it runs one task and goes to the end of the line again.
class Strand::Turn final : public Task, public std::enable_shared_from_this<Turn> {
 public:
  Status submit(Task& task) {
    const std::lock_guard lock(pool_.mutex);
    TSR_RETURN_IF_ERROR(pool_.ensure_worker());
    tasks_.push(task);
    if (self_ == nullptr) {
      self_ = shared_from_this();
      pool_.make_ready(*this);
    }
    return {};
  }

  void run() noexcept override {
    if (Task* const task = next()) task->run();
    if (pool_.in_child()) return;
    std::shared_ptr<Turn> last;  // released after the lock
    const std::lock_guard lock(pool_.mutex);
    if (tasks_.empty()) {
      last = std::move(self_);
    } else {
      pool_.make_ready(*this);
    }
  }

 private:
  /// Null when all that waited was advanced.
  Task* next() {
    const std::lock_guard lock(pool_.mutex);
    return tasks_.pop();
  }

  Pool& pool_ = Pool::of_this_process();
  TaskQueue tasks_;
  std::shared_ptr<Turn> self_;  // while it waits or runs; the strand may be gone by then
};

Strand::Strand() : turn_(std::make_shared<Turn>()) {}
Strand::~Strand() = default;
Status Strand::submit(Task& task) { return turn_->submit(task); }

}  // namespace tessera
