// The key by which a server knows the repetition of a request (draft-ietf-httpapi-idempotency-key-header).
#pragma once

#include <string>
#include <string_view>

#include "base/random.hpp"

namespace tessera::http {

struct IdempotencyConfig {
  /// Off, because a call with a key is retried, and a server that does not know the header then does it
  /// twice.
  bool is_automatic = false;
  std::string header = "Idempotency-Key";
};

/// A call of this method gets a key of its own unless the caller gave one: POST and PATCH. The others can be
/// repeated, or change nothing.
bool needs_key(std::string_view method, const IdempotencyConfig& config);
/// UUIDv4 text; one per logical call, kept for its retries and after a restart.
std::string make_key(Random& random);

}  // namespace tessera::http
