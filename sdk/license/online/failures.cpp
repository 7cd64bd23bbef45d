#include "license/online/failures.hpp"

#include <algorithm>
#include <array>

#include "text/json.hpp"

namespace tessera {
namespace {

constexpr int64_t kLongestWaitMs = int64_t{24} * 3600 * 1000;

/// What a service may say of itself in a refusal.
constexpr std::array kRefusals{
    LicenseCode::kEXPIRED,
    LicenseCode::kTRIAL_EXPIRED,
    LicenseCode::kSUSPENDED,
    LicenseCode::kREVOKED,
    LicenseCode::kWRONG_PRODUCT,
    LicenseCode::kVERSION_NOT_COVERED,
    LicenseCode::kUSER_MISMATCH,
    LicenseCode::kHW_MISMATCH,
    LicenseCode::kHW_TOO_WEAK,
    LicenseCode::kCLONE_DETECTED,
    LicenseCode::kCLOCK_SERVER_SKEW,
    LicenseCode::kSEAT_LIMIT,
    LicenseCode::kDEACTIVATION_LIMIT,
    LicenseCode::kACTIVATION_NOT_FOUND,
    LicenseCode::kLICENSE_KEY_INVALID,
    LicenseCode::kLEASE_UNAVAILABLE,
    LicenseCode::kAUTH_REQUIRED,
    LicenseCode::kSERVER_REJECTED,
};

std::optional<LicenseCode> named_refusal(std::string_view body) {
  const auto problem = parse_json(body);
  if (!problem || !problem->is_object()) return std::nullopt;
  const auto name = json_string(*problem, "code");
  if (!name || !*name) return std::nullopt;
  const auto known =
      std::ranges::find_if(kRefusals, [&](LicenseCode code) { return license_code_name(code) == **name; });
  return known == kRefusals.end() ? std::nullopt : std::optional(*known);
}

LicenseCode refusal_of_status(int status) {
  switch (status) {
    case 401:
      return LicenseCode::kAUTH_REQUIRED;
    case 402:
      return LicenseCode::kEXPIRED;
    case 404:
      return LicenseCode::kACTIVATION_NOT_FOUND;
    case 409:
      return LicenseCode::kSEAT_LIMIT;
    default:
      return LicenseCode::kSERVER_REJECTED;
  }
}

Error with_wait(Error error, std::optional<int64_t> retry_after_ms) {
  if (!retry_after_ms) return error;
  auto detail = parse_json(error.detail_json);
  if (!detail) return error;
  (*detail)["retry_after_ms"] = std::clamp<int64_t>(*retry_after_ms, 0, kLongestWaitMs);
  error.detail_json = dump_json(*detail);
  return error;
}

/// `status` tells what the caller can do; the licence code tells why.
Error made(ErrorCode status, LicenseCode code, std::string_view what) {
  Error error = license_error(code, what);
  error.code = status;
  return error;
}

std::string failure_of(const Error& error) {
  const auto detail = parse_json(error.detail_json);
  if (!detail || !detail->is_object()) return {};
  const auto failure = json_string(*detail, "failure");
  return failure && *failure ? **failure : std::string();
}

}  // namespace

Error contact_error(const Error& error) {
  const auto wait = retry_after_of(error);
  switch (error.code) {
    case ErrorCode::kNETWORK:
      if (failure_of(error) == "proxy") return made(error.code, LicenseCode::kNET_PROXY, error.text);
      return with_wait(made(error.code, LicenseCode::kNET_OFFLINE, error.text), wait);
    case ErrorCode::kTIMEOUT:
      return made(error.code, LicenseCode::kNET_TIMEOUT, error.text);
    case ErrorCode::kUNTRUSTED:
      return made(error.code, LicenseCode::kNET_TLS, error.text);
    case ErrorCode::kUNAVAILABLE:
      return with_wait(made(error.code, LicenseCode::kRATE_LIMITED, error.text), wait);
    case ErrorCode::kPROTOCOL:
      return made(error.code, LicenseCode::kSERVER_ERROR, error.text);
    case ErrorCode::kLIMIT:
      return license_error(LicenseCode::kTOKEN_TOO_LARGE,
                           "the licence service sent more than a licence file");
    default:
      return error;
  }
}

Error answer_error(const ServiceAnswer& answer) {
  const std::string what = "the licence service answered " + std::to_string(answer.status);
  const int status = answer.status;
  if (status == 429)
    return with_wait(made(ErrorCode::kUNAVAILABLE, LicenseCode::kRATE_LIMITED, what), answer.retry_after_ms);
  if (status >= 500)
    return with_wait(made(ErrorCode::kUNAVAILABLE, LicenseCode::kSERVER_ERROR, what), answer.retry_after_ms);
  if (status < 300) return license_error(LicenseCode::kRESPONSE_UNSIGNED, what);
  if (status < 400) return license_error(LicenseCode::kSERVER_REJECTED, what);
  return license_error(named_refusal(answer.body).value_or(refusal_of_status(status)), what);
}

std::optional<int64_t> retry_after_of(const Error& error) {
  const auto detail = parse_json(error.detail_json);
  if (!detail || !detail->is_object()) return std::nullopt;
  const auto wait = json_integer(*detail, "retry_after_ms", 0, kLongestWaitMs);
  return wait ? *wait : std::nullopt;
}

}  // namespace tessera
