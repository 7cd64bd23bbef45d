// Error: what happened, to what, why and what to do next. Travels inside Result<T> and across the C ABI.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera {

enum class ErrorCode : int32_t {
  kOk = 0,
#define TSR_ERROR(name, value, retryable, python_base, text) k##name = value,
#include "base/errors.def"
#undef TSR_ERROR
};

struct Error {
  ErrorCode code = ErrorCode::kINTERNAL;
  std::string domain;       // area that failed: "base", "crypto", "hwid", "license", ...
  std::string text;         // one sentence a support person can paste; never a secret or raw hardware id
  std::string detail_json;  // a JSON object, or empty
};

/// Short lower-case name without prefix: "arg", "not_found"; "unknown" for a number not in the list.
std::string_view error_name(ErrorCode code);
/// True when the same call may succeed later without a change by the caller.
bool error_retryable(ErrorCode code);
/// Maps an errno value; `what` names the operation and its object, e.g. "open the licence state".
Error error_from_errno(std::string_view domain, std::string_view what, int error_number);

}  // namespace tessera
