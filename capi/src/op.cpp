#include "op.hpp"

#include <chrono>

using tessera::Status;
using tessera::capi::gives;
using tessera::capi::guard;
using tessera::capi::guard_value;
using tessera::capi::guard_void;
using tessera::capi::is_live;
using tessera::capi::Operation;
using tessera::capi::take;

namespace tessera::capi {

Operation::Operation(const char* function, Listener listener)
    : function_(function), listener_(std::move(listener)) {}

Operation::~Operation() { tsr_error_free(error_); }

Error Operation::state_error(std::string text) { return {ErrorCode::kSTATE, "abi", std::move(text), {}}; }

Status Operation::launch(std::unique_ptr<Operation> operation, const Place& place, tsr_op** out) {
  auto handle = std::make_unique<tsr_op>(std::move(operation));
  Operation& self = *handle->operation;
  self.handle_ = handle.get();
  self.held_ = out != nullptr;
  self.line_ = place.line;
  if (out != nullptr) *out = handle.get();  // before the worker, whose `done` may look for it
  const Status submitted = place.line != nullptr     ? place.line->enter(self)
                           : place.strand != nullptr ? place.strand->submit(self)
                                                     : Executor::submit(self);
  if (submitted.ok()) static_cast<void>(handle.release());  // finish() or release() deletes it
  return submitted;
}

Result<Operation*> Operation::of(tsr_op* op) {
  TSR_RETURN_IF_ERROR(require_live(op, "operation"));
  if (op->operation->fork_.in_child()) {
    return Error{ErrorCode::kFORKED,
                 "abi",
                 "the operation belongs to the parent process; start a new one after fork",
                 {}};
  }
  return op->operation.get();
}

void Operation::cancel() {
  cancelled_ = true;
  if (line_ != nullptr) {
    line_->hurry(*this);
  } else {
    Executor::advance(*this);
  }
}

Status Operation::check_not_cancelled() const {
  if (!cancelled_) return {};
  return Error{ErrorCode::kCANCELLED, "abi", "the operation was cancelled before it began", {}};
}

Status Operation::wait(uint32_t timeout_ms) {
  if (finished_) return {};
  if (Executor::on_worker()) {
    return state_error("a thread of the library can't wait for an operation; use a done function");
  }
  std::unique_lock lock(mutex_);
  if (finished_now_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                             [this] { return finished_.load(); }))
    return {};
  return Error{ErrorCode::kTIMEOUT, "abi", "the operation has not ended yet; wait longer or cancel it", {}};
}

void Operation::run() noexcept {
  status_ = guard(function_, &error_, [this] { return perform(); });
  const ForkGuard fork = fork_;
  const std::shared_ptr<Line> line = left_line_ ? nullptr : line_;
  conclude();
  if (line != nullptr && !fork.in_child()) line->turn_ended();
}

void Operation::conclude() noexcept {
  release_inputs();
  ended_.store(true, std::memory_order_release);
  if (listener_ && listener_->done != nullptr) {
    try {
      listener_->done(listener_->user.get(), handle_);
    } catch (...) {  // NOLINT(bugprone-empty-catch): it must not throw, and nobody is left to tell
    }
  }
  if (fork_.in_child()) return;  // `done` forked: the parent's thread does the rest
  finish();
}

void Operation::finish() noexcept {
  // When nobody holds the handle, user_free comes last: who waits for that finds nothing left.
  const std::optional<Listener> listener = is_held() ? std::nullopt : std::exchange(listener_, std::nullopt);
  listener_.reset();
  bool is_last = false;
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    is_last = !held_;
    finished_now_.notify_all();  // under the lock: a waiter may destroy this as soon as it has it
  }
  if (is_last) delete handle_;
}

bool Operation::is_held() {
  const std::lock_guard lock(mutex_);
  return held_;
}

void Operation::release(tsr_op* op) {
  Operation& self = *op->operation;
  if (self.fork_.in_child()) {
    // The parent's worker may have left it half done, or its mutex locked.
    if (!self.finished_) static_cast<void>(op->operation.release());
    delete op;
    return;
  }
  {
    const std::lock_guard lock(self.mutex_);
    if (!std::exchange(self.held_, false) || !self.finished_) return;
  }
  delete op;
}

}  // namespace tessera::capi

void tsr_op_cancel(tsr_op* op) noexcept {
  guard_void(__func__, [&] {
    const auto operation = Operation::of(op);
    if (operation.ok()) operation.value()->cancel();
  });
}

int32_t tsr_op_ended(const tsr_op* op) noexcept {
  return guard_value(__func__, int32_t{0}, [&] { return is_live(op) && op->operation->ended() ? 1 : 0; });
}

tsr_status tsr_op_wait(tsr_op* op, uint32_t timeout_ms, tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(auto* const operation, Operation::of(op));
    return operation->wait(timeout_ms);
  });
}

tsr_status tsr_op_buf(tsr_op* op, tsr_buf* out, tsr_error** err) noexcept {
  return gives<tessera::SecretBytes>(op) ? take<tessera::SecretBytes>(__func__, op, err, out)
                                         : take<std::string>(__func__, op, err, out);
}

tsr_status tsr_op_void(tsr_op* op, tsr_error** err) noexcept { return take<void>(__func__, op, err); }

void tsr_op_free(tsr_op* op) noexcept {
  guard_void(__func__, [&] {
    if (is_live(op)) Operation::release(op);
  });
}
