// What every exported function runs in: no exception leaves it, a failure becomes a status and an error
// object.
#pragma once

#include <utility>

#include "base/result.hpp"
#include "handle.hpp"
#include "tessera/error.h"

namespace tessera::capi {

/// Hands `failure` to the caller and returns its code.
tsr_status report(Error failure, tsr_error** err) noexcept;
/// The same for the exception being handled.
tsr_status report_exception(const char* function, tsr_error** err) noexcept;

/// NOT_FOUND as an outcome: the status without an error object.
inline Error absent() { return {ErrorCode::kNOT_FOUND, {}, {}, {}}; }

#ifdef TESSERA_TESTING
/// Throws when a test asked for it.
void enter(const char* function);
/// A value function swallowed an exception.
void note_swallowed() noexcept;
#else
inline void enter(const char*) {}
inline void note_swallowed() noexcept {}
#endif

/// Zeroes an out parameter; every function does so before anything can fail.
template <class T>
void clear(T* out) noexcept {
  if (out != nullptr) *out = T{};
}

/// For functions that return a status. `body` gives a Status.
template <class Body>
tsr_status guard(const char* function, tsr_error** err, Body&& body) noexcept {
  clear(err);
  try {
    enter(function);
    Status status = std::forward<Body>(body)();
    return status.ok() ? tsr_status{TSR_OK} : report(std::move(status).error(), err);
  } catch (...) {
    return report_exception(function, err);
  }
}

/// For functions that return a value: `neutral` when `body` throws.
template <class T, class Body>
T guard_value(const char* function, T neutral, Body&& body) noexcept {
  try {
    enter(function);
    return std::forward<Body>(body)();
  } catch (...) {
    note_swallowed();
    return neutral;
  }
}

/// For functions that return nothing.
template <class Body>
void guard_void(const char* function, Body&& body) noexcept {
  try {
    enter(function);
    std::forward<Body>(body)();
  } catch (...) {
    note_swallowed();
  }
}

/// For the _free functions of handles that operations keep.
template <class T>
void guard_free_kept(const char* function, T* handle) noexcept {
  guard_void(function, [handle] {
    if (!is_live(handle)) return;
    handle->tag.clear();
    const auto last = std::move(handle->self);  // destroys the handle unless an operation has it
  });
}

/// For the _free functions: NULL and handles of another type are left alone.
template <class T>
void guard_free(const char* function, T* handle) noexcept {
  guard_void(function, [handle] {
    if (is_live(handle)) delete handle;
  });
}

}  // namespace tessera::capi
