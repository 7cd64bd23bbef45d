#include "error_report.hpp"

#include "store/store_advice.hpp"
#include "verdict_report.hpp"

namespace tessera::cli {
namespace {

int exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kArg:
      return kExitUsage;
    case ErrorCode::kLicense:
      return kExitNotLicensed;
    case ErrorCode::kBusy:
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled:
      return kExitTryAgain;
    default:
      return kExitFailed;
  }
}

/// The text of a licence error ends with advice of its own; a command is better where there is one.
std::string_view next_step(const Error& error) {
  if (const auto license_code = error.license_code()) return next_command(*license_code);
  switch (error.code()) {
    case ErrorCode::kArg:
      return "correct the option, or the member of the configuration or spec";
    case ErrorCode::kPermission:
      return "get access to that path, or name another folder with --data-dir";
    case ErrorCode::kIo:
    case ErrorCode::kNotFound:
      return "check that path, or name another folder with --data-dir";
    case ErrorCode::kDiskFull:
      return "free space and try again";
    case ErrorCode::kBusy:
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled:
      return "try again when the other process is done";
    default:
      return {};
  }
}

}  // namespace

int report_failure(bool json, int exit_code, const std::string& what, std::string_view next,
                   Json particulars) {
  if (json) {
    particulars["text"] = what;
    if (!next.empty()) particulars["next"] = next;
    particulars["exit_code"] = exit_code;
    const Json report{{"error", std::move(particulars)}};
    print_error(report.dump(2, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace) + '\n');
    return exit_code;
  }
  std::string text = "tessera: " + what + '\n';
  if (!next.empty()) text.append("  next: ").append(next).append("\n");
  print_error(printable(text));
  return exit_code;
}

int report_error(bool json, const Error& error, Subject subject) {
  const std::string_view next = subject == Subject::kStore ? store_next_step(error) : next_step(error);
  return report_failure(json, exit_code_of(error.code()), error.what(), next,
                        {{"code", static_cast<std::int32_t>(error.code())},
                         {"name", name(error.code())},
                         {"domain", error.domain()},
                         {"retryable", error.retryable()},
                         {"detail", Json::parse(error.detail())}});
}

}  // namespace tessera::cli
