// How an OAuth 2.0 token endpoint is asked. The client's secret and the tokens come apart from it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "http/auth/token_life.hpp"
#include "http/fields/url.hpp"
#include "text/json.hpp"

namespace tessera::http {

enum class OAuthGrant : uint8_t { kRefreshToken, kClientCredentials };
/// Where the client's name and secret go (RFC 6749 section 2.3.1).
enum class OAuthClientAuth : uint8_t {
  kBasic,  // the Authorization field
  kPost,   // the form
  kNone,   // only the name, in the form
};

struct OAuthConfig {
  Url token_url;
  OAuthGrant grant = OAuthGrant::kRefreshToken;
  std::string client_id;
  OAuthClientAuth client_auth = OAuthClientAuth::kBasic;
  std::string scope;                                            // empty: the server's default
  std::vector<std::pair<std::string, std::string>> parameters;  // more of the form: "audience"
  RenewalConfig renewal;
  int64_t timeout_ms = 30'000;      // of a token request, with what the client does for it
  int64_t commit_grace_ms = 2'000;  // for another process to keep the pair that made ours invalid
};

/// {"token_url", "grant": "refresh_token" or "client_credentials", "client_id", "client_auth": "basic",
/// "post" or "none", "scope", "parameters": {name: text}, "renew_percent", "renew_margin_ms", "backoff_ms",
/// "max_backoff_ms", "timeout_ms", "commit_grace_ms"}; the first is required, and client_id but for "none".
/// ARG names the member and its range, never a value; a secret is refused.
Result<OAuthConfig> read_oauth_config(const Json& object);

}  // namespace tessera::http
