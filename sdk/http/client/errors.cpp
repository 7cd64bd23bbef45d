#include "http/client/errors.hpp"

#include "http/client/codes.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

struct Kind {
  ErrorCode code;
  std::string_view what, remedy;
};

Kind kind_of(Failure failure) {
  switch (failure) {
    case Failure::kNoRoute:
      return {kNetwork, "this machine has no route to the network", "connect it and try again"};
    case Failure::kResolve:
      return {kNetwork, "the host's name could not be resolved", "check the name and the network"};
    case Failure::kConnect:
      return {kNetwork, "the host did not accept a connection", "check the address, or try later"};
    case Failure::kTimeout:
      return {ErrorCode::kTIMEOUT, "the host did not answer in time", "try later, or allow more time"};
    case Failure::kReset:
      return {kNetwork, "the connection ended before the response did", "try again"};
    case Failure::kRefused:
      return {kNetwork, "the server refused to take the request", "try later"};
    case Failure::kProtocol:
      return {kProtocol, "what came back is not valid HTTP", "check that the address is right"};
    case Failure::kTls:
      return {kUntrusted,
              "no secure connection: the certificate, its name or the version of TLS is not accepted",
              "check the host's certificate, or the CA and version that are configured for it"};
    case Failure::kPin:
      return {kUntrusted, "the host's key is none of the pinned ones",
              "somebody may be listening; if the host has a new key, update the pins"};
    case Failure::kProxy:
      return {kNetwork, "the proxy refused or could not reach the host", "check the proxy's settings"};
    case Failure::kTooLarge:
      return {ErrorCode::kLIMIT, "the response is larger than allowed",
              "raise the limit if it is meant to be"};
    case Failure::kCancelled:
      return {ErrorCode::kCANCELLED, "the call was cancelled", "nothing more was sent"};
    case Failure::kCallback:
      return {ErrorCode::kCALLBACK, "a callback of the application stopped it", "see what it reported"};
    case Failure::kNone:
      break;
  }
  return {ErrorCode::kINTERNAL, "it ended without a reason", "please report it"};
}

std::string sentence(std::string_view target, std::string_view what, std::string_view remedy) {
  std::string text(target);
  return text.append(": ").append(what).append("; ").append(remedy);
}

}  // namespace

Error error_of(const WireResult& last, std::string_view target, int attempts) {
  const Kind kind = kind_of(last.attempt.failure);
  Json detail = {{"failure", failure_name(last.attempt.failure)},
                 {"attempts", attempts},
                 {"unsent", last.attempt.is_unsent},
                 {"transport", last.text}};
  return {kind.code, "http", sentence(target, kind.what, kind.remedy), dump_json(detail)};
}

Error deadline_error(std::string_view target, int64_t total_ms, int attempts) {
  return {ErrorCode::kTIMEOUT, "http",
          sentence(target, "not done within " + std::to_string(total_ms) + " ms",
                   "try later, or allow more time"),
          dump_json({{"failure", "deadline"}, {"attempts", attempts}})};
}

Error cancelled_error(std::string_view target) {
  return {ErrorCode::kCANCELLED, "http", std::string(target) + ": the call was cancelled", {}};
}

Error unavailable_error(std::string_view target, std::string_view why, int64_t retry_after_ms) {
  return {kUnavailable, "http",
          sentence(target, why, "try again in " + std::to_string((retry_after_ms + 999) / 1000) + " s"),
          dump_json({{"retry_after_ms", retry_after_ms}})};
}

Error offline_error(std::string_view target, std::string_view reach, int64_t retry_after_ms) {
  return {
      kNetwork, "http", sentence(target, "this machine is offline", "connect it, or try later"),
      dump_json({{"failure", reach}, {"retry_after_ms", retry_after_ms}, {"attempts", 0}, {"unsent", true}})};
}

Error queue_full_error(std::string_view target, int64_t pending) {
  return {ErrorCode::kBUSY,
          "http",
          sentence(target, std::to_string(pending) + " calls wait already",
                   "send less, or raise the limiter's max_pending"),
          {}};
}

Error closed_error() { return {ErrorCode::kSTATE, "http", "the client is closed; open another", {}}; }

}  // namespace tessera::http
