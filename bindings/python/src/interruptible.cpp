#include "interruptible.hpp"

namespace tessera::python {

void wait_interruptibly(tsr_op* op) {
  for (;;) {
    Failure failure;
    const tsr_status status =
        call_sdk<Lock::kReleased>([&] { return tsr_op_wait(op, kLookForSignalsMs, failure.out()); });
    if (status == TSR_OK) return;
    if (status != TSR_E_TIMEOUT) failure.raise(status);
    if (PyErr_CheckSignals() == 0) continue;
    tsr_op_cancel(op);
    throw py::error_already_set();
  }
}

}  // namespace tessera::python
