// The answer of an OAuth token endpoint (RFC 6749 sections 5.1 and 5.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tessera::http {

constexpr size_t kLargestOAuthAnswer = size_t{64} << 10;

/// Either `error` or `access_token` is there, never both.
struct OAuthAnswer {
  // Secrets: never log them.
  std::string access_token, refresh_token;

  std::string token_type;  // as it came; empty when the server did not say
  std::string scope;
  std::optional<int64_t> expires_in;  // seconds, at most 2^31

  std::string error;              // "invalid_grant"
  std::string error_description;  // printable, at most 512 bytes

  bool is_error() const { return !error.empty(); }
};

/// ARG for what is no JSON object, names neither an error nor a token, or holds a token that no field value
/// can carry; LIMIT past kLargestOAuthAnswer. The text holds nothing of the body. Other members of a wrong
/// type are passed over.
Result<OAuthAnswer> parse_oauth_answer(std::string_view body);

}  // namespace tessera::http
