// Errors of the store: a generic code for the caller, the store's own outcome as "reason" in the detail.
#pragma once

#include <new>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tessera::store {

inline constexpr std::string_view kArea = "store";

/// `reason` is WRONG_KEY, DAMAGED, ... and may be empty.
Error store_error(ErrorCode code, std::string_view reason, std::string text);
/// The reason of an Error of the store; empty when it has none.
std::string reason_of(const Error& error);

/// The Status of `work`; an exception that leaves it is NO_MEMORY or INTERNAL.
template <class Work>
Status without_exceptions(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return store_error(ErrorCode::kNO_MEMORY, {}, "memory ran out during work on the store");
  } catch (...) {
    return store_error(ErrorCode::kINTERNAL, {}, "an exception ended work on the store");
  }
}

}  // namespace tessera::store
