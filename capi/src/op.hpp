// tsr_op: a call on a worker and what came of it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/executor.hpp"
#include "base/fork_guard.hpp"
#include "call.hpp"
#include "guard.hpp"
#include "handle.hpp"
#include "tessera/op.h"
#include "user_data.hpp"

namespace tessera::capi {

/// Whom to tell that an operation ended.
struct Listener {
  tsr_done_fn done;
  UserData user;
};

class Operation : private Task {
 public:
  Operation(const char* function, Listener listener);
  ~Operation() override;

  /// Starts `operation` in its turn at `place`. `out` may be null.
  static Status launch(std::unique_ptr<Operation> operation, const Place& place, tsr_op** out);
  /// The operation of a live handle in the process that started it.
  static Result<Operation*> of(tsr_op* op);
  /// The starter needs `op` no more.
  static void release(tsr_op* op);

  void cancel();
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  Status wait(uint32_t timeout_ms);

  /// Gives the outcome once: `hand_out()` when the call worked, else its error.
  template <class HandOut>
  Status take(HandOut hand_out, tsr_status* status, tsr_error** err) {
    const std::lock_guard lock(mutex_);
    if (taken_) return state_error("the result of the operation was taken before");
    if (status_ == TSR_OK) TSR_RETURN_IF_ERROR(hand_out());
    *status = status_;
    if (err != nullptr) *err = std::exchange(error_, nullptr);
    taken_ = true;
    return {};
  }

  static Error state_error(std::string text);

 protected:
  /// Runs the call and keeps its value.
  virtual Status perform() = 0;
  /// True when issue() does the work, instead of perform() in its turn.
  virtual bool is_write() const { return false; }
  /// Hands a write to the store's writer, which calls settle(). Does not wait.
  virtual void issue() noexcept {}
  /// Lets go of inputs, before anybody hears of the end.
  virtual void release_inputs() {}
  Status check_not_cancelled() const;

  /// The outcome of a write: `keep` keeps its value. The operation may be gone afterwards.
  template <class Keep>
  // NOLINTNEXTLINE(bugprone-exception-escape): a mutex that can't be locked ends the program
  void settle(Keep keep) noexcept {
    status_ = guard(function_, &error_, keep);
    const std::shared_ptr<Line> line = line_;
    line->settled(*this);
  }

 private:
  friend class Line;
  void run() noexcept final;
  /// Tells the end; may destroy this.
  void conclude() noexcept;
  void finish() noexcept;
  bool is_held();

  const char* const function_;
  const ForkGuard fork_;
  std::shared_ptr<Line> line_;
  bool left_line_ = false;   // guarded by the line
  bool is_settled_ = false;  // the same
  tsr_op* handle_ = nullptr;
  std::optional<Listener> listener_;
  std::atomic<bool> cancelled_{false};
  tsr_status status_ = TSR_OK;  // this and error_: written before ended_
  tsr_error* error_ = nullptr;
  std::atomic<bool> ended_{false};
  std::atomic<bool> finished_{false};  // the worker needs nothing of this any more
  std::mutex mutex_;
  std::condition_variable finished_now_;
  bool held_ = false;  // by the starter
  bool taken_ = false;
};

/// What every operation that gives a T is.
template <class T>
class OperationWith : public Operation {
 public:
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  Value& value() { return value_.value(); }

 protected:
  using Operation::Operation;
  Status keep(Result<T> made) {
    if (!made.ok()) return std::move(made).error();
    if constexpr (!std::is_void_v<T>) value_.emplace(std::move(made).value());
    return {};
  }

 private:
  std::optional<Value> value_;
};

template <class T>
class OperationOf final : public OperationWith<T> {
 public:
  OperationOf(const char* function, Listener listener, Call<T> call)
      : OperationWith<T>(function, std::move(listener)), call_(std::move(call)) {}

 private:
  Status perform() override {
    // Inputs and core go before anybody hears of the end.
    const Call<T> call = std::exchange(call_, {});
    TSR_RETURN_IF_ERROR(this->check_not_cancelled());
    return this->keep(call.body());
  }

  Call<T> call_;
};

/// A write of a store without a thread that waits for its commit: its arguments are checked and copied, and
/// `begin` hands it to the writer. One that must not share its commit has `alone` instead, which waits.
template <class T>
struct Write {
  using Value = T;
  using Done = std::function<void(Result<T>)>;
  Place place;
  std::function<Status(Done)> begin;
  std::function<Result<T>()> alone = nullptr;
};

template <class T>
class WriteOperation final : public OperationWith<T> {
 public:
  WriteOperation(const char* function, Listener listener, Write<T> write)
      : OperationWith<T>(function, std::move(listener)), write_(std::move(write)) {}

 private:
  bool is_write() const override { return write_.alone == nullptr; }
  void issue() noexcept override {
    const auto begin = std::move(write_.begin);
    const auto done = [this](Result<T> made) { this->settle([&] { return this->keep(std::move(made)); }); };
    try {
      const Status begun = begin(done);
      if (begun.ok()) return;  // this may be gone by now
      done(begun.error());
    } catch (...) {
      this->settle([]() -> Status { throw; });
    }
  }
  /// Runs when it is alone, or was cancelled before it was issued.
  Status perform() override {
    const auto alone = std::move(write_.alone);
    TSR_RETURN_IF_ERROR(this->check_not_cancelled());
    return this->keep(alone());
  }
  void release_inputs() override { write_ = {}; }

  Write<T> write_;
};

template <class T>
std::unique_ptr<Operation> make_operation(const char* function, Listener listener, Call<T> call) {
  return std::make_unique<OperationOf<T>>(function, std::move(listener), std::move(call));
}
template <class T>
std::unique_ptr<Operation> make_operation(const char* function, Listener listener, Write<T> write) {
  return std::make_unique<WriteOperation<T>>(function, std::move(listener), std::move(write));
}

/// Body of every `_async` function. `prepare` gives the Result<Call> that its blocking twin runs, or a
/// Result<Write>.
template <class Prepare>
tsr_status start(const char* function, Listener listener, tsr_op** out, tsr_error** err,
                 Prepare prepare) noexcept {
  clear(out);
  const tsr_status status = guard(function, err, [&]() -> Status {
    if (listener.done == nullptr && out == nullptr) {
      return argument_error(
          "done and out are both NULL; pass one, else nobody learns how the operation ended");
    }
    TSR_ASSIGN_OR_RETURN(auto call, prepare());
    const Place place = call.place;  // `done` may free the handle before launch() returns
    return Operation::launch(make_operation(function, std::move(listener), std::move(call)), place, out);
  });
  if (status != TSR_OK) clear(out);
  return status;
}

/// Body of every function that takes a result of type T.
template <class T, class... Out>
tsr_status take(const char* function, tsr_op* op, tsr_error** err, Out*... out) noexcept {
  (clear(out), ...);
  tsr_status outcome = TSR_OK;
  const tsr_status taken = guard(function, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(Operation * operation, Operation::of(op));
    auto* const typed = dynamic_cast<OperationWith<T>*>(operation);
    if (typed == nullptr) {
      return Operation::state_error(
          "the operation gives something else; use the function that its start names");
    }
    if (!typed->ended()) {
      return Operation::state_error("the operation has not ended; wait for it or for its done function");
    }
    return typed->take(
        [&]() -> Status {
          if constexpr (!std::is_void_v<T>) return hand_out(typed->value(), out...);
          return {};
        },
        &outcome, err);
  });
  return taken == TSR_OK ? outcome : taken;
}

}  // namespace tessera::capi

struct tsr_op : tessera::capi::Handle<tessera::capi::Tag::kOp> {
  explicit tsr_op(std::unique_ptr<tessera::capi::Operation> started) : operation(std::move(started)) {}
  std::unique_ptr<tessera::capi::Operation> operation;
};

namespace tessera::capi {

/// True for an operation whose result is a T.
template <class T>
bool gives(const tsr_op* op) noexcept {
  return is_live(op) && dynamic_cast<const OperationWith<T>*>(op->operation.get()) != nullptr;
}

}  // namespace tessera::capi
