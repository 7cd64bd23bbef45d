#include "line.hpp"

#include <algorithm>

#include "op.hpp"

namespace tessera::capi {
namespace {

constexpr int kMostEndings = 64;  // before other lines have their turn

}  // namespace

Status Line::enter(Operation& operation) {
  Lock lock(mutex_);
  const bool is_next = waiting_.empty() && issued_.empty() && !turn_taken_ && !ending_ && !issuing_;
  if (is_next && !operation.is_write()) {
    TSR_RETURN_IF_ERROR(Executor::submit(operation));
    turn_taken_ = true;  // before it can end, for the lock
    return {};
  }
  waiting_.push_back(&operation);
  advance(lock);
  return {};
}

void Line::advance(Lock& lock) {
  if (issuing_) return;  // that thread sees what was added
  issuing_ = true;
  while (!waiting_.empty() && !turn_taken_) {
    Operation& next = *waiting_.front();
    if (!next.is_write() && (!issued_.empty() || ending_)) break;  // run() comes back here
    waiting_.pop_front();
    if (next.is_write()) {
      issued_.push_back(&next);
    } else {
      turn_taken_ = true;
    }
    lock.unlock();
    if (next.is_write()) {
      next.issue();  // may settle it at once
    } else if (!Executor::submit(next).ok()) {
      next.run();  // no thread can be had: better on this one than never
    }
    lock.lock();
  }
  issuing_ = false;
}

void Line::hurry(Operation& operation) {
  Lock lock(mutex_);
  const auto place = std::ranges::find(waiting_, &operation);
  if (place == waiting_.end()) {
    lock.unlock();
    Executor::advance(operation);
    return;
  }
  waiting_.erase(place);
  operation.left_line_ = true;
  if (Executor::submit(operation).ok()) return;
  lock.unlock();
  operation.run();
}

void Line::turn_ended() {
  Lock lock(mutex_);
  turn_taken_ = false;
  advance(lock);
}

void Line::settled(Operation& operation) {
  Lock lock(mutex_);
  operation.is_settled_ = true;
  if (ending_ || !issued_.front()->is_settled_) return;
  ending_ = true;
  start_ending(lock);
}

void Line::start_ending(Lock& lock) {
  self_ = shared_from_this();
  if (Executor::submit(*this).ok()) return;
  lock.unlock();
  run();
}

// NOLINTNEXTLINE(bugprone-exception-escape): a mutex that can't be locked ends the program
void Line::run() noexcept {
  std::shared_ptr<Line> self;  // goes after the lock
  Lock lock(mutex_);
  self = std::move(self_);
  for (int ended = 0; !issued_.empty() && issued_.front()->is_settled_; ++ended) {
    if (ended == kMostEndings) {
      start_ending(lock);
      return;
    }
    Operation& first = *issued_.front();
    issued_.pop_front();
    lock.unlock();
    first.conclude();
    if (fork_.in_child()) return;  // its `done` forked
    lock.lock();
  }
  ending_ = false;
  advance(lock);
}

}  // namespace tessera::capi
