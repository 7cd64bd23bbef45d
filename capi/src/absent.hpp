// What the functions of an area that is not built do; see cmake/Absent.cmake.
#pragma once

#include "guard.hpp"
#include "user_data.hpp"

namespace tessera::capi {

/// `user` is freed, as by any start that fails.
template <class... Out>
tsr_status absent_function(const char* function, const UserData& /*user*/, tsr_error** err,
                           Out*... out) noexcept {
  (clear(out), ...);
  return guard(function, err, [&]() -> Status {
    return Error{ErrorCode::kUNSUPPORTED,
                 "abi",
                 std::string(function) + "() is not in this build of Tessera; tsr_features() tells what is",
                 {}};
  });
}

template <class T>
T absent_value(const char* function) noexcept {
  return guard_value(function, T{}, [] { return T{}; });
}

}  // namespace tessera::capi
