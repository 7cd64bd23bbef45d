#include "http/delivery/verdict.hpp"

#include <algorithm>

#include "http/fields/retry_after.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

using Fate = Verdict::Fate;

constexpr int64_t kShortRestMs = 1'000;
constexpr int64_t kBusyRestMs = 5'000;
constexpr int64_t kLongRestMs = 60'000;
constexpr int64_t kUnknownRestMs = 30'000;

/// What an error's detail says, as far as it is there.
struct Detail {
  std::string failure;
  std::optional<int64_t> attempts, retry_after_ms;
  bool is_unsent = false;
};

Detail detail_of(const Error& error) {
  Detail detail;
  const Result<Json> json = parse_json(error.detail_json);
  if (!json.ok() || !json->is_object()) return detail;
  if (const auto name = json_string(*json, "failure"); name.ok()) detail.failure = name->value_or("");
  if (const auto count = json_integer(*json, "attempts", 0, INT32_MAX); count.ok()) detail.attempts = *count;
  if (const auto wait = json_integer(*json, "retry_after_ms", 0, INT64_MAX); wait.ok())
    detail.retry_after_ms = *wait;
  if (const auto unsent = json_bool(*json, "unsent"); unsent.ok()) detail.is_unsent = unsent->value_or(false);
  return detail;
}

Verdict retry(std::string text, int64_t retry_after_ms = 0) {
  return {.fate = Fate::kRetry, .text = std::move(text), .retry_after_ms = retry_after_ms, .rest = {}};
}

Verdict put_back(std::string text, std::optional<Rest> rest) {
  return {.fate = Fate::kPutBack, .text = std::move(text), .retry_after_ms = 0, .rest = rest};
}

Verdict put_back(std::string text, PauseReason reason, int64_t for_ms, bool is_for_all) {
  const int64_t bounded_ms = std::clamp(for_ms, kShortRestMs, kLongestWaitMs);
  return put_back(std::move(text), Rest{reason, bounded_ms, is_for_all});
}

bool is_passing(int status) {
  switch (status) {
    case 302:  // somewhere else, for now
    case 303:
    case 307:
    case 401:  // the credential's fault, as 407
    case 407:
    case 408:
    case 409:  // the same key is under way
    case 425:
    case 429:
      return true;
    default:
      return status >= 500;
  }
}

Verdict judge_response(const Response& response, int64_t wall_ms) {
  const int status = response.status;
  if (status >= 200 && status < 300) return {.fate = Fate::kDelivered, .text = {}, .rest = {}};
  std::string text = "the server answered " + std::to_string(status);
  if (!is_passing(status)) {
    text += "; correct the request, or remove it";
    return {.fate = Fate::kDead, .text = std::move(text), .rest = {}};
  }
  const std::optional<std::string_view> after = response.headers.get("retry-after");
  const int64_t asked_ms = after ? parse_retry_after(*after, wall_ms).value_or(0) : 0;
  Verdict verdict = retry(text + "; it is sent again later", asked_ms);
  // One key's conflict says nothing about the others.
  if (asked_ms > 0 && status != 409) verdict.rest = Rest{PauseReason::kUnavailable, asked_ms, false};
  if (status == 401) verdict.rest = Rest{PauseReason::kUnauthorized, std::max(asked_ms, kLongRestMs), false};
  return verdict;
}

Verdict judge_network(const Error& error, const Detail& detail) {
  if (detail.retry_after_ms)
    return put_back(error.text, PauseReason::kOffline, *detail.retry_after_ms, /*is_for_all=*/true);
  if (detail.failure == "no_route" && detail.is_unsent)
    return put_back(error.text, PauseReason::kOffline, kShortRestMs, /*is_for_all=*/true);
  return retry(error.text);
}

Verdict judge_error(const Error& error) {
  const Detail detail = detail_of(error);
  switch (error.code) {
    case ErrorCode::kUNAVAILABLE:
      return put_back(error.text, PauseReason::kUnavailable, detail.retry_after_ms.value_or(kUnknownRestMs),
                      /*is_for_all=*/false);
    case ErrorCode::kNETWORK:
      return judge_network(error, detail);
    case ErrorCode::kTIMEOUT:
      // Its turn, or a credential, did not come.
      if (detail.attempts == 0) return put_back(error.text, std::nullopt);
      return retry(error.text);
    case ErrorCode::kBUSY:
      return put_back(error.text, PauseReason::kBusy, kBusyRestMs, /*is_for_all=*/false);
    case ErrorCode::kNO_MEMORY:
      return put_back(error.text, PauseReason::kBusy, kBusyRestMs, /*is_for_all=*/true);
    case ErrorCode::kUNAUTHORIZED:
      return put_back(error.text, PauseReason::kUnauthorized, kLongRestMs, /*is_for_all=*/true);
    case ErrorCode::kSTATE:
    case ErrorCode::kFORKED:
      return put_back(error.text, PauseReason::kClosed, kLongRestMs, /*is_for_all=*/true);
    case ErrorCode::kARG:
      return {.fate = Fate::kDead, .text = error.text, .rest = {}};
    case ErrorCode::kCANCELLED:
      return retry(error.text, 1);
    default:
      return retry(error.text);
  }
}

}  // namespace

std::string_view pause_reason_name(PauseReason reason) {
  switch (reason) {
    case PauseReason::kOffline:
      return "offline";
    case PauseReason::kUnavailable:
      return "unavailable";
    case PauseReason::kUnauthorized:
      return "unauthorized";
    case PauseReason::kBusy:
      return "busy";
    case PauseReason::kClosed:
      return "closed";
    case PauseReason::kStore:
      return "store";
    case PauseReason::kConsent:
      break;
  }
  return "consent";
}

Verdict judge(const Result<Response>& ended, int64_t wall_ms) {
  return ended.ok() ? judge_response(*ended, wall_ms) : judge_error(ended.error());
}

}  // namespace tessera::http
