#include "http/auth/token_request.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "http/auth/credential_form.hpp"
#include "http/fields/cursor.hpp"
#include "http/fields/headers.hpp"
#include "http/fields/retry_after.hpp"
#include "text/base64url.hpp"
#include "text/json.hpp"

namespace tessera::http {
namespace {

constexpr int kMostAttempts = 2;  // the second only when the first can't have arrived

enum class Meaning : uint8_t { kOwner, kClient, kPassing };

struct Known {
  std::string_view name;
  Meaning meaning;
};
constexpr std::array<Known, 13> kKnown{{
    {"invalid_grant", Meaning::kOwner},
    {"interaction_required", Meaning::kOwner},
    {"login_required", Meaning::kOwner},
    {"consent_required", Meaning::kOwner},
    {"invalid_request", Meaning::kClient},
    {"invalid_client", Meaning::kClient},
    {"unauthorized_client", Meaning::kClient},
    {"unsupported_grant_type", Meaning::kClient},
    {"invalid_scope", Meaning::kClient},
    {"invalid_target", Meaning::kClient},
    {"temporarily_unavailable", Meaning::kPassing},
    {"server_error", Meaning::kPassing},
    {"slow_down", Meaning::kPassing},
}};

/// application/x-www-form-urlencoded, which takes %20 for a space as well.
void append_encoded(std::string_view text, std::string* out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || is_one_of(c, "-._~")) {
      *out += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      *out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
}

void append_member(std::string_view name, std::string_view value, std::string* form) {
  if (!form->empty()) *form += '&';
  append_encoded(name, form);
  *form += '=';
  append_encoded(value, form);
}

std::string basic_credentials(std::string_view name, std::string_view secret) {
  std::string pair;
  append_encoded(name, &pair);
  pair += ':';
  append_encoded(secret, &pair);
  std::string text = base64url_encode(as_bytes(pair));
  wipe_text(pair);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

const Known* known(std::string_view name) {
  const auto* const found = std::ranges::find(kKnown, name, &Known::name);
  return found == kKnown.end() ? nullptr : found;
}

/// The member "error" of a form.
std::string_view error_of_form(std::string_view body) {
  constexpr std::string_view kName = "error=";
  while (!body.empty()) {
    const std::string_view member = body.substr(0, body.find('&'));
    if (member.starts_with(kName)) return member.substr(kName.size());
    body.remove_prefix(std::min(body.size(), member.size() + 1));
  }
  return {};
}

bool is_passing(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

Error failure(ErrorCode code, std::string_view what, std::string_view remedy, int status,
              std::string_view name) {
  std::string text = "the access token could not be renewed: the token endpoint ";
  text.append(what).append("; ").append(remedy);
  Json detail = {{"status", status}};
  if (!name.empty()) detail["oauth_error"] = name;
  return {code, "http", std::move(text), dump_json(detail)};
}

TokenAnswer passing(const Response& response, int64_t wall_ms, std::string_view name) {
  TokenAnswer answer;
  const std::optional<std::string_view> after = response.headers.get("retry-after");
  if (after) answer.retry_after_ms = parse_retry_after(*after, wall_ms).value_or(0);
  answer.error = failure(ErrorCode::kUNAVAILABLE, "does not serve now", "try later", response.status, name);
  return answer;
}

TokenAnswer invalid_grant(int status, std::string_view name) {
  TokenAnswer answer;
  answer.kind = TokenAnswer::Kind::kInvalidGrant;
  answer.error = failure(ErrorCode::kUNAUTHORIZED, "accepts the account's grant no more",
                         "authorise the account again and set its new tokens", status, name);
  return answer;
}

TokenAnswer refused(int status, std::string_view name) {
  TokenAnswer answer;
  std::string what = "refused the request";
  if (!name.empty()) what.append(" (").append(name).append(")");
  answer.error =
      failure(ErrorCode::kUNAUTHORIZED, what, "check the client's name, secret and scope", status, name);
  return answer;
}

TokenAnswer strange(int status, std::string_view what) {
  TokenAnswer answer;
  answer.error = failure(ErrorCode::kPROTOCOL, what, "check that token_url is right", status, {});
  return answer;
}

TokenAnswer failed(const Response& response, int64_t wall_ms, std::string_view name) {
  if (is_passing(response.status)) return passing(response, wall_ms, {});
  const Known* const error = known(name);
  if (error == nullptr) {
    return response.status >= 400
               ? refused(response.status, {})
               : strange(response.status, "answered with neither a token nor a known error");
  }
  switch (error->meaning) {
    case Meaning::kOwner:
      return invalid_grant(response.status, error->name);
    case Meaning::kPassing:
      return passing(response, wall_ms, error->name);
    case Meaning::kClient:
      break;
  }
  return refused(response.status, error->name);
}

}  // namespace

Request make_token_request(const OAuthConfig& config, ByteView client_secret, ByteView refresh_token) {
  Request request;
  request.method = "POST";
  request.url = config.token_url.text();
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  std::string form;
  if (config.grant == OAuthGrant::kRefreshToken) {
    append_member("grant_type", "refresh_token", &form);
    append_member("refresh_token", as_text(refresh_token), &form);
  } else {
    append_member("grant_type", "client_credentials", &form);
  }
  if (!config.scope.empty()) append_member("scope", config.scope, &form);
  for (const auto& [name, value] : config.parameters) append_member(name, value, &form);
  if (config.client_auth == OAuthClientAuth::kBasic) {
    std::string field = "Basic " + basic_credentials(config.client_id, as_text(client_secret));
    request.headers.add("Authorization", field);
    wipe_text(field);
  } else {
    if (!config.client_id.empty()) append_member("client_id", config.client_id, &form);
    if (config.client_auth == OAuthClientAuth::kPost)
      append_member("client_secret", as_text(client_secret), &form);
  }
  request.body = to_bytes(form);
  wipe_text(form);
  request.total_ms = config.timeout_ms;
  request.max_attempts = kMostAttempts;
  request.max_body_bytes = static_cast<int64_t>(kLargestOAuthAnswer);
  request.max_redirects = 0;
  request.cache = CacheMode::kNoStore;
  request.skips_auth = true;
  return request;
}

TokenAnswer read_token_answer(const Response& response, int64_t wall_ms) {
  const std::string_view body = as_text(response.body);
  Result<OAuthAnswer> parsed = parse_oauth_answer(body);
  const bool is_ok = response.status >= 200 && response.status < 300;
  if (!parsed.ok()) {
    const bool is_form = response.status >= 400 && body.size() <= kLargestOAuthAnswer;
    return failed(response, wall_ms, is_form ? error_of_form(body) : std::string_view());
  }
  if (!is_ok || parsed->is_error()) return failed(response, wall_ms, parsed->error);
  if (!parsed->token_type.empty() && !same_name(parsed->token_type, "bearer"))
    return strange(response.status, "gives tokens of another type than Bearer");
  TokenAnswer answer;
  answer.kind = TokenAnswer::Kind::kTokens;
  answer.tokens = std::move(parsed).value();
  return answer;
}

}  // namespace tessera::http
