#include "http/http_advice.hpp"

namespace tessera::cli {

std::string_view http_next_step(ErrorCode code) {
  switch (code) {
    case ErrorCode::kArg:
      return R"(correct the option, or "http" of the configuration; its secrets come with --secret-file)";
    case ErrorCode::kNetwork:
      return "check the address and the network, and try again";
    case ErrorCode::kTimeout:
      return "try later, or allow more time with --timeout";
    case ErrorCode::kUntrusted:
      return R"(check the host's certificate, or name its authority as "tls.ca_file" of "http")";
    case ErrorCode::kProtocol:
      return "check that the address is one of HTTP";
    case ErrorCode::kUnavailable:
    case ErrorCode::kBusy:
      return "wait as long as it says; --explain shows breakers and counters";
    case ErrorCode::kUnauthorized:
      return "get a new token, and pass it with --token-file";
    case ErrorCode::kLimit:
      return R"(raise "sizes.max_body_bytes" of "http" if it is meant to be so large)";
    default:
      return "try again with --explain";
  }
}

bool may_pass(std::int32_t status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

std::string_view next_step_of_status(std::int32_t status) {
  if (status == 401) return http_next_step(ErrorCode::kUnauthorized);
  if (status == 403) return "check what the account may do";
  if (status == 404 || status == 410) return "check the address";
  if (may_pass(status)) return "try later";
  return "check the request; what came with the status may say more";
}

}  // namespace tessera::cli
