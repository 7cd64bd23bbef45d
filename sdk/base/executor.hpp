// Runs work in the background, on a few threads that all handles of the process share.
#pragma once

#include <chrono>
#include <list>
#include <memory>

#include "base/result.hpp"

namespace tessera {

class TaskQueue;

/// One piece of work. Its owner keeps it until run() is called; run() may destroy it.
class Task {
 public:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;
  virtual void run() noexcept = 0;

 private:
  friend class TaskQueue;
  // The node that queues pass around, so that work which was accepted can't fail for memory.
  std::list<Task*> node_{this};
  const std::list<Task*>::iterator place_ = node_.begin();
  TaskQueue* queue_ = nullptr;  // where it waits, if it does
  std::chrono::steady_clock::time_point due_;
};

/// The process's workers: none before the first task, four at most, gone after some idle seconds. In a forked
/// child the parent's tasks never run; its own first task starts new workers.
class Executor {
 public:
  /// Fails when no worker runs and none can be started; `task` is not taken then.
  static Status submit(Task& task);
  /// The same not before `due`; until then the task keeps an idle worker.
  static Status submit_at(Task& task, std::chrono::steady_clock::time_point due);
  /// Lets a task that waits, here or in a strand, run next. One that does not is left alone.
  static void advance(Task& task);
  /// True on a worker, which must not wait for other tasks.
  static bool on_worker();
};

/// Runs its tasks one after another in the order of submit(), never on two workers at once. May be destroyed
/// while they wait.
class Strand {
 public:
  Strand();
  ~Strand();
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;
  /// As Executor::submit().
  Status submit(Task& task);

 private:
  class Turn;
  const std::shared_ptr<Turn> turn_;
};

}  // namespace tessera
