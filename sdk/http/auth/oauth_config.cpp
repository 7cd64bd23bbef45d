#include "http/auth/oauth_config.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace tessera::http {
namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr size_t kMostText = 2048;
constexpr size_t kMostParameters = 32;

constexpr std::array<std::string_view, 7> kSecrets{"access_token",  "client_assertion", "client_secret",
                                                   "code_verifier", "password",         "refresh_token",
                                                   "secret"};
/// Of the form, and written by other members.
constexpr std::array<std::string_view, 5> kOwnParameters{"assertion", "client_id", "code", "grant_type",
                                                         "scope"};

Error malformed(std::string_view name, std::string_view rule) {
  return {ErrorCode::kARG, "http", "the member \"" + std::string(name) + "\" " + std::string(rule), {}};
}

Status refuse_secrets(const Json& object) {
  for (const std::string_view name : kSecrets) {
    if (object.contains(name)) {
      return malformed(name,
                       "must not be here: secrets never travel in configuration; pass it as bytes to the "
                       "function that needs it");
    }
  }
  return {};
}

bool is_printable(std::string_view text) {
  return !text.empty() && text.size() <= kMostText &&
         std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; });
}

Status read_text(const Json& object, std::string_view name, std::string* out) {
  TSR_ASSIGN_OR_RETURN(auto text, json_string(object, name));
  if (!text) return {};
  if (!is_printable(*text)) {
    return malformed(name, "must be a text of 1 to 2048 bytes without control characters");
  }
  *out = std::move(*text);
  return {};
}

Status read_span(const Json& object, std::string_view name, int64_t least, int64_t most, int64_t* out) {
  TSR_ASSIGN_OR_RETURN(const auto number, json_integer(object, name, least, most));
  if (number) *out = *number;
  return {};
}

Status read_url(const Json& object, Url* out) {
  std::string text;
  TSR_RETURN_IF_ERROR(read_text(object, "token_url", &text));
  if (text.empty()) return malformed("token_url", "is required");
  const Result<Url> url = parse_url(text);
  if (!url.ok()) return malformed("token_url", "can't be used: " + url.error().text);
  if (url->scheme != "https" && url->scheme != "http") {
    return malformed("token_url", "must be a URL of https, or of http on a host that the client trusts");
  }
  *out = *url;
  return {};
}

Status read_parameters(const Json& object, OAuthConfig* out) {
  TSR_ASSIGN_OR_RETURN(const Json* given, json_object(object, "parameters"));
  if (given == nullptr) return {};
  TSR_RETURN_IF_ERROR(refuse_secrets(*given));
  if (given->size() > kMostParameters) return malformed("parameters", "must hold at most 32 texts");
  for (const auto& [name, value] : given->items()) {
    if (std::ranges::find(kOwnParameters, name) != kOwnParameters.end()) {
      return malformed(name, "of \"parameters\" is the grant's own; set it beside \"parameters\"");
    }
    if (!is_printable(name)) return malformed("parameters", "has a name that can't be used");
    std::string text;
    TSR_RETURN_IF_ERROR(read_text(*given, name, &text));
    out->parameters.emplace_back(name, std::move(text));
  }
  return {};
}

Status read_kind(const Json& object, OAuthConfig* out) {
  std::string grant = "refresh_token", client_auth = "basic";
  TSR_RETURN_IF_ERROR(read_text(object, "grant", &grant));
  TSR_RETURN_IF_ERROR(read_text(object, "client_auth", &client_auth));
  if (grant != "refresh_token" && grant != "client_credentials") {
    return malformed("grant", R"(must be one of "refresh_token", "client_credentials")");
  }
  if (client_auth != "basic" && client_auth != "post" && client_auth != "none") {
    return malformed("client_auth", R"(must be one of "basic", "post", "none")");
  }
  out->grant = grant == "refresh_token" ? OAuthGrant::kRefreshToken : OAuthGrant::kClientCredentials;
  out->client_auth = client_auth == "basic"  ? OAuthClientAuth::kBasic
                     : client_auth == "post" ? OAuthClientAuth::kPost
                                             : OAuthClientAuth::kNone;
  TSR_RETURN_IF_ERROR(read_text(object, "client_id", &out->client_id));
  if (out->client_id.empty() && out->client_auth != OAuthClientAuth::kNone) {
    return malformed("client_id", R"(is required unless "client_auth" is "none")");
  }
  return read_text(object, "scope", &out->scope);
}

Status read_times(const Json& object, OAuthConfig* out) {
  RenewalConfig& renewal = out->renewal;
  TSR_RETURN_IF_ERROR(read_span(object, "renew_percent", 50, 100, &renewal.percent));
  TSR_RETURN_IF_ERROR(read_span(object, "renew_margin_ms", 0, kDayMs, &renewal.margin_ms));
  TSR_RETURN_IF_ERROR(read_span(object, "backoff_ms", 1, kHourMs, &renewal.backoff_ms));
  renewal.max_backoff_ms = std::max(renewal.backoff_ms, renewal.max_backoff_ms);
  TSR_RETURN_IF_ERROR(
      read_span(object, "max_backoff_ms", renewal.backoff_ms, kDayMs, &renewal.max_backoff_ms));
  TSR_RETURN_IF_ERROR(read_span(object, "timeout_ms", 1, kHourMs, &out->timeout_ms));
  return read_span(object, "commit_grace_ms", 0, kHourMs, &out->commit_grace_ms);
}

Status read_all(const Json& object, OAuthConfig* out) {
  if (object.is_object()) TSR_RETURN_IF_ERROR(refuse_secrets(object));
  TSR_RETURN_IF_ERROR(json_only(
      object, {"token_url", "grant", "client_id", "client_auth", "scope", "parameters", "renew_percent",
               "renew_margin_ms", "backoff_ms", "max_backoff_ms", "timeout_ms", "commit_grace_ms"}));
  TSR_RETURN_IF_ERROR(read_url(object, &out->token_url));
  TSR_RETURN_IF_ERROR(read_kind(object, out));
  TSR_RETURN_IF_ERROR(read_parameters(object, out));
  return read_times(object, out);
}

}  // namespace

Result<OAuthConfig> read_oauth_config(const Json& object) {
  OAuthConfig config;
  const Status status = read_all(object, &config);
  if (status.ok()) return config;
  return Error{ErrorCode::kARG, "http", "the OAuth configuration can't be used: " + status.error().text, {}};
}

}  // namespace tessera::http
