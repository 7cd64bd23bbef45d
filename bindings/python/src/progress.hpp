// Long work that reports how far it is.
#pragma once

#include "handles.hpp"
#include "in_python.hpp"

namespace tessera::python {

inline tsr_care_opts care_opts(uint32_t flags, tsr_progress_fn progress, void* user) {
  tsr_care_opts opts;
  tsr_care_opts_init(&opts, sizeof opts);
  opts.flags = flags;
  opts.progress = progress;
  opts.user = user;
  return opts;
}

/// Runs `call(const tsr_care_opts*, tsr_error**)`, which calls `progress(done, total)` unless that is None.
/// What that raises ends the work and comes out here.
template <class Call>
void run_with_progress(py::object progress, uint32_t flags, Call&& call) {
  Callback callback(std::move(progress));
  const auto forward = [](void* user, int64_t done, int64_t total) -> tsr_status {
    return static_cast<Callback*>(user)->run([&](const py::object& function) { function(done, total); })
               ? TSR_OK
               : TSR_E_CALLBACK;
  };
  const tsr_care_opts opts =
      care_opts(flags, callback.is_none() ? nullptr : tsr_progress_fn{forward}, &callback);
  Failure failure;
  const tsr_status status = call_sdk<Lock::kReleased>([&] { return call(&opts, failure.out()); });
  callback.rethrow();
  if (status != TSR_OK) failure.raise(status);
}

/// Starts an operation whose Python function `progress(done, total)` is called on a thread of the library and
/// ends the work by giving False: `start(const tsr_care_opts*, tsr_done_fn, user, user_free, out, err)`.
template <class Start>
Op start_with_progress(py::object progress, py::object done, Op::Take take, uint32_t flags, Start&& start) {
  struct Functions {
    void* done;
    void* progress;
  };
  auto* const functions = new Functions{keep_function(std::move(done)), keep_function(std::move(progress))};
  const auto report = [](void* user, int64_t count, int64_t total) -> tsr_status {
    bool goes_on = false;
    in_python([&] {
      const py::object& function = kept_function(static_cast<Functions*>(user)->progress);
      try {
        goes_on = !function(count, total).is(py::bool_(false));
      } catch (py::error_already_set& error) {
        error.discard_as_unraisable(function);
      }
    });
    return goes_on ? TSR_OK : TSR_E_CANCELLED;
  };
  const tsr_done_fn end = [](void* user, tsr_op* op) {
    forward_end(static_cast<Functions*>(user)->done, op);
  };
  const auto drop = [](void* user) {
    auto* const dropped = static_cast<Functions*>(user);
    drop_function(dropped->done);
    drop_function(dropped->progress);
    delete dropped;
  };
  const tsr_care_opts opts = care_opts(flags, report, functions);
  return {obtain<OpPtr, Lock::kKept>([&](tsr_op** out, tsr_error** err) {
            return start(&opts, end, static_cast<void*>(functions), +drop, out, err);
          }),
          take};
}

}  // namespace tessera::python
