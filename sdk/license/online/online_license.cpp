#include "license/online/online_license.hpp"

#include <algorithm>
#include <utility>

#include "license/jws.hpp"
#include "license/online/failures.hpp"
#include "text/json.hpp"

namespace tessera {
namespace {

constexpr std::string_view kArea = "license";
constexpr std::string_view kRequestType = "application/jose";
constexpr std::string_view kLinesType = "text/plain";
constexpr std::string_view kJsonType = "application/json";
// A state of the licence can change while nobody tells this object: a look at it now and then costs nothing.
constexpr int64_t kLongestSleepMs = int64_t{60} * 60 * 1000;

/// The nonce of a request that this installation has just made.
Result<std::string> nonce_of(const std::string& request) {
  TSR_ASSIGN_OR_RETURN(const Jws jws, parse_jws(request));
  TSR_ASSIGN_OR_RETURN(const Json claims, decode_claims(jws));
  TSR_ASSIGN_OR_RETURN(auto nonce, json_string(claims, "nonce"));
  return std::move(nonce).value_or(std::string());
}

/// The token in {"jwt", "expires_at"}: what the answer says beside it is not signed.
Result<std::string> token_of(const std::string& body) {
  const auto answer = parse_json(body, {.max_document = kMaxAnswerBytes, .max_string = kMaxTokenBytes});
  if (answer && answer->is_object()) {
    auto token = json_string(*answer, "jwt");
    if (token && *token) return std::move(**token);
  }
  return license_error(LicenseCode::kRESPONSE_UNSIGNED);
}

ServiceRequest post(std::string_view content_type, std::string_view body, std::string_view nonce,
                    ByteView account_token = {}) {
  ServiceRequest request;
  request.method = "POST";
  request.content_type = content_type;
  request.body = body;
  request.nonce = nonce;
  request.account_token = account_token;
  return request;
}

}  // namespace

OnlineLicense::OnlineLicense(OnlineConfig config, const OnlinePorts& ports)
    : config_(std::move(config)), ports_(ports) {}

Result<OnlineLicense::VerdictPtr> OnlineLicense::activate(const ActivationOptions& options) {
  if (config_.protocol == ServiceProtocol::kValidate) return validate("activate", options.account_token);
  return ask({.name = "activate", .path = "/activate", .wanted = Wanted::kLicense}, options);
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::sync() {
  return sync_.join([this] {
    if (config_.protocol == ServiceProtocol::kValidate) return validate("sync", {});
    return ask_for_installed({.name = "sync", .path = "/sync", .wanted = Wanted::kAny, .confirms = true});
  });
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::renew() {
  return renew_.join([this] {
    if (config_.protocol == ServiceProtocol::kValidate) return validate("renew", {});
    return ask_for_installed(
        {.name = "renew", .path = "/renew", .wanted = Wanted::kLicense, .confirms = true});
  });
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::heartbeat() {
  TSR_RETURN_IF_ERROR(require_tessera());
  return heartbeat_.join([this] {
    return ask_for_installed(
        {.name = "heartbeat", .path = "/lease", .wanted = Wanted::kLease, .confirms = true});
  });
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::deactivate() {
  TSR_RETURN_IF_ERROR(require_tessera());
  TSR_ASSIGN_OR_RETURN(std::string body, ports_.license->deactivate());
  // After the proof, which voids those before; the receipt needs a nonce to echo.
  TSR_ASSIGN_OR_RETURN(const std::string request, ports_.license->request({}));
  TSR_ASSIGN_OR_RETURN(const std::string nonce, nonce_of(request));
  body.append("\n").append(request).append("\n");
  return perform({.name = "deactivate", .path = "/deactivate", .wanted = Wanted::kTime},
                 post(kLinesType, body, nonce));
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::confirm_clock() {
  TSR_RETURN_IF_ERROR(require_tessera());
  return ask({.name = "confirm_clock", .path = "/time", .wanted = Wanted::kTime}, {});
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::fetch_lists() {
  TSR_RETURN_IF_ERROR(require_tessera());
  ServiceRequest request;
  request.method = "GET";
  return perform({.name = "fetch_lists", .path = "/lists", .wanted = Wanted::kLists}, request);
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::ask(const Call& call, const ActivationOptions& options) {
  TSR_ASSIGN_OR_RETURN(const std::string request,
                       ports_.license->request({options.license_key, options.note}));
  TSR_ASSIGN_OR_RETURN(const std::string nonce, nonce_of(request));
  return perform(call, post(kRequestType, request, nonce, options.account_token));
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::ask_for_installed(const Call& call) {
  TSR_ASSIGN_OR_RETURN(const ContactState state, ports_.license->contact_state());
  if (!state.has_license) return license_error(LicenseCode::kNO_LICENSE);
  return ask(call, {});
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::validate(std::string_view name, ByteView account_token) {
  const std::string hwid = ports_.license->legacy_hwid();
  if (hwid.empty()) return license_error(LicenseCode::kHW_NO_COMPONENTS);
  const std::string body = dump_json({{"email", config_.user}, {"hwid", hwid}});
  return perform({.name = name, .path = "/validate", .wanted = Wanted::kForeign, .confirms = true},
                 post(kJsonType, body, {}, account_token));
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::perform(const Call& call, ServiceRequest request) {
  request.path = call.path;
  auto result = exchange(call, request);
  if (result) {
    ports_.license->note_contact(nullptr);
    return ports_.license->check();
  }
  const Error& error = result.error();
  // The others are of the caller's making and say nothing about the service.
  if (!has_license_code(error)) return result;
  if (call.confirms) ports_.license->note_contact(&error);
  ports_.logger->write(LogLevel::kWarn, kArea, "service_failed",
                       std::string(call.name).append(": ").append(error.text));
  return result;
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::exchange(const Call& call, const ServiceRequest& request) {
  const auto answer = ports_.transport->call(request);
  if (!answer) return contact_error(answer.error());
  if (answer->status != 200) return answer_error(*answer);
  const ExpectedAnswer expected{.nonce = request.nonce, .wanted = call.wanted};
  if (call.wanted != Wanted::kForeign) return ports_.license->import_answer(answer->body, expected);
  TSR_ASSIGN_OR_RETURN(const std::string token, token_of(answer->body));
  return ports_.license->import_answer(token, expected);
}

Status OnlineLicense::require_tessera() const {
  if (config_.protocol == ServiceProtocol::kTessera) return {};
  return Error{ErrorCode::kUNSUPPORTED,
               "license",
               "the licence service that is configured issues RS256 tokens only; synchronise instead",
               {}};
}

Result<OnlineLicense::VerdictPtr> OnlineLicense::contact(Contact what) {
  switch (what) {
    case Contact::kSync:
      return sync();
    case Contact::kHeartbeat:
      return heartbeat();
    case Contact::kLists:
      return fetch_lists();
    case Contact::kNone:
      break;
  }
  return ports_.license->check();
}

int64_t OnlineLicense::keep_fresh() {
  const auto before = ports_.license->contact_state();
  if (!before) return kLongestSleepMs;
  const int64_t chance = draw_chance(*ports_.random);
  ContactHistory history;
  {
    const std::lock_guard lock(mutex_);
    if (history_.last_sync_ms == 0) history_.last_sync_ms = before->last_sync_ms;
    history = history_;
  }
  const NextContact due = next_contact(*before, history, config_.refresh_after_ms, chance);
  if (due.in_ms != 0 || due.what == Contact::kNone) return std::min(due.in_ms, kLongestSleepMs);
  const auto result = contact(due.what);
  const auto after = ports_.license->contact_state();
  if (!after) return kLongestSleepMs;
  const std::lock_guard lock(mutex_);
  if (result) {
    if (due.what != Contact::kHeartbeat) history_.last_sync_ms = after->now_ms;
    history_.failures = 0;
    history_.retry_after_ms = std::nullopt;
  } else {
    history_.last_failure_ms = after->now_ms;
    history_.retry_after_ms = retry_after_of(result.error());
    ++history_.failures;
  }
  const NextContact next = next_contact(*after, history_, config_.refresh_after_ms, chance);
  return std::clamp<int64_t>(next.in_ms, 1000, kLongestSleepMs);
}

}  // namespace tessera
