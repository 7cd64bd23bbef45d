#include "base/error.hpp"

#include <cerrno>
#include <cstddef>
#include <system_error>

namespace tessera {
namespace {

/// The lower-case form of a literal, made by the compiler so that the list spells each name once.
template <size_t N>
struct LowerCase {
  char text[N];
  consteval LowerCase(const char (&upper)[N]) : text() {  // NOLINT(google-explicit-constructor)
    for (size_t i = 0; i < N; ++i) {
      text[i] = upper[i] >= 'A' && upper[i] <= 'Z' ? static_cast<char>(upper[i] - 'A' + 'a') : upper[i];
    }
  }
};
template <LowerCase kName>
constexpr std::string_view kLower{kName.text, sizeof(kName.text) - 1};

struct ErrorInfo {
  ErrorCode code;
  std::string_view name;
  bool retryable;
};

constexpr ErrorInfo kUnknown{ErrorCode::kINTERNAL, "unknown", false};
constexpr ErrorInfo kErrors[] = {
    {ErrorCode::kOk, "ok", false},
#define TSR_ERROR(name, value, retryable, python_base, text) {ErrorCode::k##name, kLower<#name>, retryable},
#include "base/errors.def"
#undef TSR_ERROR
};

const ErrorInfo& info(ErrorCode code) {
  for (const ErrorInfo& candidate : kErrors) {
    if (candidate.code == code) return candidate;
  }
  return kUnknown;
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

/// What to do about it; empty where the system's own words are all there is to say.
std::string_view advice_for(int error_number) {
  switch (error_number) {
    case ENOENT:
      return "; check the path";
    case EACCES:
    case EPERM:
      return "; check its owner and mode, and those of its folder";
    case EROFS:
      return "; the file system is read-only, choose another folder";
    case ENOTDIR:
      return "; a part of the path is a file, choose another folder";
    case ENOSPC:
    case EDQUOT:
      return "; free some space and try again";
    case EMFILE:
    case ENFILE:
      return "; too many files are open, close some or raise the limit";
    default:
      return "";
  }
}

}  // namespace

std::string_view error_name(ErrorCode code) { return info(code).name; }
bool error_retryable(ErrorCode code) { return info(code).retryable; }

Error error_from_errno(std::string_view domain, std::string_view what, int error_number) {
  std::string text = "could not ";
  text.append(what)
      .append(": ")
      .append(std::generic_category().message(error_number))
      .append(advice_for(error_number));
  return {code_from_errno(error_number), std::string(domain), std::move(text), {}};
}

}  // namespace tessera
