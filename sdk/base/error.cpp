#include "base/error.hpp"

#include <cerrno>
#include <system_error>

namespace tessera {
namespace {

struct ErrorInfo {
  ErrorCode code;
  std::string_view name;
  std::string_view summary;
  bool retryable;
};

constexpr ErrorInfo kErrors[] = {
    {ErrorCode::kOk, "OK", "success", false},
#define TSR_ERROR(name, value, retryable, python_base, text) {ErrorCode::k##name, #name, text, retryable},
#include "base/errors.def"
#undef TSR_ERROR
};

const ErrorInfo* find(ErrorCode code) {
  for (const ErrorInfo& info : kErrors) {
    if (info.code == code) return &info;
  }
  return nullptr;
}

ErrorCode code_from_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
      return ErrorCode::kNOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::kPERMISSION;
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::kDISK_FULL;
    case ENOMEM:
      return ErrorCode::kNO_MEMORY;
    case EBUSY:
    case EWOULDBLOCK:
      return ErrorCode::kBUSY;
    default:
      return ErrorCode::kIO;
  }
}

}  // namespace

std::string error_name(ErrorCode code) {
  const ErrorInfo* info = find(code);
  std::string name(info ? info->name : "unknown");
  return name;
}

}  // namespace tessera
