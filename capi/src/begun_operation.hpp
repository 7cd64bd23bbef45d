// An operation that something of the SDK ends when it likes, also at once: nobody waits for it meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/thread.hpp"
#include "op.hpp"

namespace tessera::capi {

/// Its arguments are checked and copied. `begin` starts the work, which tells its end once, unless it fails;
/// it gives what cancels that, which may be empty and tells nothing from inside.
template <class T>
struct Begun {
  using Value = T;
  using Done = std::function<void(Result<T>)>;
  using Cancel = std::function<void()>;
  std::shared_ptr<const void> keeps;  // what the work needs
  std::function<Result<Cancel>(Done)> begin;
  Place place = {};  // none: it has no turn
};

template <class T>
class BegunOperation final : public OperationWith<T> {
 public:
  BegunOperation(const char* function, Listener listener, Begun<T> begun)
      : OperationWith<T>(function, std::move(listener)), begun_(std::move(begun)) {}

 private:
  using Cancel = typename Begun<T>::Cancel;

  /// Outlives the operation where that ends while it begins.
  struct Course {
    std::mutex mutex;
    // Guarded by mutex.
    std::thread::id beginner;  // while it begins
    Cancel cancel;
    bool is_cancelled = false, is_told = false, is_told_inside = false;
  };

  Status submit(const Place&) override {
    const std::shared_ptr<Course> course = course_;
    const auto begin = std::exchange(begun_.begin, nullptr);
    {
      const std::lock_guard lock(course->mutex);
      course->beginner = std::this_thread::get_id();
    }
    Result<Cancel> cancel = begin([this](Result<T> made) { tell(std::move(made)); });
    if (!cancel.ok()) return std::move(cancel).error();
    {
      const std::lock_guard lock(course->mutex);
      course->beginner = {};
      if (!course->is_told) {
        course->cancel = std::move(cancel).value();
        if (course->is_cancelled && course->cancel != nullptr) course->cancel();
      }
      if (!course->is_told_inside) return {};  // and this may be gone
    }
    go_on_elsewhere();
    return {};
  }

  /// Who listens is called on a thread of the library, and not from inside what begins.
  void tell(Result<T> made) {
    made_ = std::move(made);
    {
      const std::lock_guard lock(course_->mutex);
      course_->is_told = true;
      course_->cancel = nullptr;
      course_->is_told_inside = course_->beginner == std::this_thread::get_id();
      if (course_->is_told_inside) return;  // submit() goes on with it
    }
    if (!Thread::is_current_ours()) return go_on_elsewhere();
    this->complete([this] { return perform(); });
  }

  void go_on_elsewhere() {
    // Without any thread to be had, here: better late than never.
    if (!Operation::submit({}).ok()) this->complete([this] { return perform(); });
  }

  void hurry() override {
    const std::lock_guard lock(course_->mutex);
    course_->is_cancelled = true;
    if (course_->cancel != nullptr) course_->cancel();
  }

  Status perform() override { return this->keep(std::move(*made_)); }

  Begun<T> begun_;
  const std::shared_ptr<Course> course_ = std::make_shared<Course>();
  std::optional<Result<T>> made_;  // before it is told
};

template <class T>
std::unique_ptr<Operation> make_operation(const char* function, Listener listener, Begun<T> begun) {
  return std::make_unique<BegunOperation<T>>(function, std::move(listener), std::move(begun));
}

}  // namespace tessera::capi
