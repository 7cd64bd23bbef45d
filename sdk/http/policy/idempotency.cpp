#include "http/policy/idempotency.hpp"

#include "text/uuid.hpp"

namespace tessera::http {

bool needs_key(std::string_view method, const IdempotencyConfig& config) {
  return config.is_automatic && (method == "POST" || method == "PATCH");
}

std::string make_key(Random& random) { return uuid_text(make_uuid4(random)); }

}  // namespace tessera::http
