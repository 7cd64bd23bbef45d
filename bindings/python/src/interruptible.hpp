// Blocking calls that let Python's main thread handle signals meanwhile.
#pragma once

#include "convert.hpp"

namespace tessera::python {

/// How long a blocking call keeps a signal's handler waiting.
inline constexpr uint32_t kLookForSignalsMs = 50;

/// Waits until `op` has ended. Cancels it when the handler of a signal raises, as that of Ctrl+C does, and
/// throws what that raised.
void wait_interruptibly(tsr_op* op);

/// Starts an operation by `start(tsr_done_fn, user, user_free, out, err)` and waits for it.
template <class Start>
OpPtr start_and_wait(Start&& start) {
  OpPtr op = obtain<OpPtr, Lock::kKept>(
      [&](tsr_op** out, tsr_error** err) { return start(nullptr, nullptr, nullptr, out, err); });
  wait_interruptibly(op.get());
  return op;
}

}  // namespace tessera::python
