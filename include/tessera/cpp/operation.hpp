/// @file tessera/cpp/operation.hpp  Calls that run in the background.
///
/// A call that may take long has a twin `..._async` that returns at once and hands what the call gives, or
/// its Error, to a completion function.
///
/// @code
/// license.import_bundle_async(bytes, [&](tessera::Expected<tessera::Verdict> verdict) {
///   window.post([usable = verdict && verdict->usable()] { show(usable); });
/// });
/// @endcode
#ifndef TESSERA_CPP_OPERATION_HPP
#define TESSERA_CPP_OPERATION_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/cpp/time.hpp"
#include "tessera/op.h"

namespace tessera::inline v1 {

/// Runs exactly once, on a thread of the library, for operations of one licence in the order of their start;
/// those behind it wait until it returns. An exception that it throws is dropped: nobody could catch it. May
/// be empty.  @since 1.0
template <typename T>
using Completion = std::function<void(Expected<T>)>;

/// A started call. Move-only; the destructor neither waits nor cancels: the call goes on and still completes.
/// @threads any  @since 1.0
class Operation {
 public:
  using Owner = detail::Handle<tsr_op, &tsr_op_free>;

  /// For the facade's own use.
  explicit Operation(Owner owner) noexcept : owner_(std::move(owner)) {}

  /// One that still waits for its turn completes with ErrorCode::kCancelled at once; one that already runs
  /// finishes.
  void cancel() noexcept { tsr_op_cancel(owner_.get()); }

  /// Whether the call ended; its completion function may still run.
  bool ended() const noexcept { return tsr_op_ended(owner_.get()) != 0; }

  /// Waits until the completion function returned.
  /// @errors ErrorCode::kTimeout, kState (called in a completion function), kForked  @threads any
  /// @blocks callback  @since 1.0
  void wait(std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) {
    try_wait(timeout).value();
  }
  Expected<void> try_wait(std::chrono::milliseconds timeout = std::chrono::milliseconds::max()) noexcept {
    return detail::run(
        [&](tsr_error** error) { return tsr_op_wait(owner_.get(), detail::to_timeout(timeout), error); });
  }

 private:
  Owner owner_;
};

namespace detail {

/// Takes a result that is a handle.
template <typename Class, auto Take>
Expected<Class> take_as(tsr_op* op) {
  return obtain_as<Class, typename Class::Owner>(
      [&](auto** out, tsr_error** error) { return Take(op, out, error); });
}

inline Expected<std::string> take_text(tsr_op* op) {
  return obtain_text([&](tsr_buf* out, tsr_error** error) { return tsr_op_buf(op, out, error); });
}

inline Expected<void> take_void(tsr_op* op) {
  return run([&](tsr_error** error) { return tsr_op_void(op, error); });
}

template <typename T, Expected<T> (*Take)(tsr_op*)>
void complete(void* user, tsr_op* op) noexcept {
  try {
    const auto& done = *static_cast<const Completion<T>*>(user);
    if (done) done(Take(op));
  } catch (...) {  // ignored, see Completion
  }
}

template <typename T>
void free_completion(void* user) noexcept {
  delete static_cast<Completion<T>*>(user);
}

/// Runs `start(done, user, user_free, out, err)`, an `_async` function with its own arguments bound; it owns
/// the completion function from the call on, also when it fails.
template <typename T, Expected<T> (*Take)(tsr_op*), typename Start>
Expected<Operation> start_op(Completion<T> done, Start&& start) {
  auto user = std::make_unique<Completion<T>>(std::move(done));
  return obtain_as<Operation, Operation::Owner>([&](tsr_op** out, tsr_error** error) {
    return std::forward<Start>(start)(&complete<T, Take>, user.release(), &free_completion<T>, out, error);
  });
}

}  // namespace detail
}  // namespace tessera::inline v1

#endif
