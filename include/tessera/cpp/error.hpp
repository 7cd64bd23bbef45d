/// @file tessera/cpp/error.hpp  The exception of the facade.
///
/// Every call that can fail comes twice: `open()` throws Error, `try_open()` is noexcept and returns
/// Expected. A try_ call still ends the program when the facade runs out of memory for its own text.
#ifndef TESSERA_CPP_ERROR_HPP
#define TESSERA_CPP_ERROR_HPP

#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/cpp/license_code.hpp"
#include "tessera/error.h"

namespace tessera::inline v1 {

/// Why a call failed, by what a caller can do about it. A newer library may use a number that has no name
/// here. docs/reference/errors.md explains each.  @since 1.0
enum class ErrorCode : std::int32_t {
  kArg = TSR_E_ARG,
  kState = TSR_E_STATE,
  kNotFound = TSR_E_NOT_FOUND,
  kIo = TSR_E_IO,
  kPermission = TSR_E_PERMISSION,
  kNoMemory = TSR_E_NO_MEMORY,
  kUnsupported = TSR_E_UNSUPPORTED,
  kCallback = TSR_E_CALLBACK,
  kForked = TSR_E_FORKED,
  kLicense = TSR_E_LICENSE,
  kBusy = TSR_E_BUSY,
  kTimeout = TSR_E_TIMEOUT,
  kCancelled = TSR_E_CANCELLED,
  kCorrupt = TSR_E_CORRUPT,
  kLimit = TSR_E_LIMIT,
  kDiskFull = TSR_E_DISK_FULL,
  kCrypto = TSR_E_CRYPTO,
  kAbi = TSR_E_ABI,
  kInternal = TSR_E_INTERNAL,
};

/// "not_found" and the like; "unknown" for a number without a name. Static.  @threads any  @since 1.0
inline std::string_view name(ErrorCode code) noexcept {
  return tsr_status_name(static_cast<tsr_status>(code));
}

/// A failed call. what() is one sentence: what happened, to what, why, and what to do next; it holds no
/// secret and no raw hardware id. A value: copying never throws.  @threads any  @since 1.0
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string domain, const std::string& text, bool retryable, std::string detail)
      : std::runtime_error(text),
        facts_(std::make_shared<const Facts>(code, retryable, std::move(domain), std::move(detail))) {}

  ErrorCode code() const noexcept { return facts_->code; }

  /// The area that failed: "hwid", "license", ...; valid as long as a copy of this error.
  std::string_view domain() const noexcept { return facts_->domain; }

  /// Whether the same call may succeed later without a change by the caller.
  bool retryable() const noexcept { return facts_->retryable; }

  /// A JSON object with particulars; "{}" when there are none. Valid as long as a copy of this error.
  std::string_view detail() const noexcept { return facts_->detail; }

  /// What is wrong with the licence, when code() is ErrorCode::kLicense.
  std::optional<LicenseCode> license_code() const noexcept {
    constexpr std::string_view kMember = "\"license_code\":";
    const std::string_view text = facts_->detail;
    const std::size_t found = text.find(kMember);
    if (found == std::string_view::npos) return std::nullopt;
    std::int32_t number = 0;
    const char* const first = text.data() + found + kMember.size();
    if (std::from_chars(first, text.data() + text.size(), number).ec != std::errc()) return std::nullopt;
    return static_cast<LicenseCode>(number);
  }

 private:
  struct Facts {
    Facts(ErrorCode error_code, bool is_retryable, std::string error_domain, std::string error_detail)
        : code(error_code),
          retryable(is_retryable),
          domain(std::move(error_domain)),
          detail(std::move(error_detail)) {}
    ErrorCode code;
    bool retryable;
    std::string domain;
    std::string detail;
  };

  // Shared because an exception may be copied while another one is in flight.
  std::shared_ptr<const Facts> facts_;
};

}  // namespace tessera::inline v1

#endif
