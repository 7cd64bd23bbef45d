// The tokens of one account, as they are kept.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "crypto/crypto.hpp"

namespace tessera::http {

struct TokenRecord {
  SecretBytes access_token, refresh_token;  // either may be empty
  int64_t expires_at_ms = 0;                // of the access token, of the wall clock; 0: unknown
  std::string token_type = "Bearer";
  std::string scope;
  uint64_t version = 0;  // grows with each change; from 1

  TokenRecord copy() const;
};

/// {"access_token", "refresh_token", "expires_at_ms", "token_type", "scope", "version"}, for whoever keeps
/// it. A secret.
SecretBytes token_record_json(const TokenRecord& record);
/// CORRUPT for what is no such object; the text holds nothing of it. Unknown members are passed over.
Result<TokenRecord> parse_token_record(ByteView json);
/// The same of what an authorisation gave, which has no version yet. ARG; the text holds nothing of it.
Result<TokenRecord> parse_new_tokens(ByteView json);

}  // namespace tessera::http
