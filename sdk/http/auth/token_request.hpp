// What is sent to a token endpoint, and what its answer means (RFC 6749 sections 2.3, 4.4, 5 and 6).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "http/auth/oauth_config.hpp"
#include "http/client/request.hpp"
#include "http/fields/oauth_answer.hpp"

namespace tessera::http {

/// `refresh_token` is of no use to the grant client_credentials.
Request make_token_request(const OAuthConfig& config, ByteView client_secret, ByteView refresh_token);

struct TokenAnswer {
  enum class Kind : uint8_t {
    kTokens,
    kInvalidGrant,  // only the account's owner can help
    kFailed,        // the error says whether it is likely to work later
  };
  Kind kind = Kind::kFailed;
  OAuthAnswer tokens;
  std::optional<Error> error;  // unless kTokens; shows nothing of the body but an error name of the RFC
  int64_t retry_after_ms = 0;  // as the server asked, a day at most
};

/// An answer of any status; an error may also be form-encoded, or under the status 200.
TokenAnswer read_token_answer(const Response& response, int64_t wall_ms);

}  // namespace tessera::http
