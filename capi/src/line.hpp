// The order of the operations of one store: each runs when those before it have ended, except that writes
// one after another go to the store's writer together, which commits them together.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "base/executor.hpp"
#include "base/fork_guard.hpp"
#include "base/result.hpp"

namespace tessera::capi {

class Operation;

class Line : public std::enable_shared_from_this<Line>, private Task {
 public:
  /// Takes `operation` to the end of the line. Fails as Executor::submit() does.
  Status enter(Operation& operation);
  /// `operation` was cancelled: one that still waits ends now.
  void hurry(Operation& operation);
  /// The operation whose turn it was has ended.
  void turn_ended();
  /// The outcome of a write that was issued is known.
  void settled(Operation& operation);

 private:
  using Lock = std::unique_lock<std::mutex>;
  /// Ends writes whose outcome is known, in their order.
  void run() noexcept override;
  void advance(Lock& lock);
  void start_ending(Lock& lock);

  const ForkGuard fork_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::deque<Operation*> waiting_;
  std::deque<Operation*> issued_;  // writes that have not ended
  bool turn_taken_ = false;        // an operation that is no such write runs, or is about to
  bool ending_ = false;            // run() does, or is about to
  bool issuing_ = false;           // a thread is in advance()
  std::shared_ptr<Line> self_;     // while run() is to come
};

}  // namespace tessera::capi
