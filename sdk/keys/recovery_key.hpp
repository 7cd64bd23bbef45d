// The recovery key: 160 random bits that a person writes down, as 32 symbols of Crockford's base 32 and two
// that tell a mistyped one: "XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XX".
#pragma once

#include <string_view>

#include "crypto/crypto.hpp"

namespace tessera::keys {

inline constexpr size_t kRecoveryBytes = 20;

/// `bits` has 20 bytes.
SecretBytes recovery_text(const SecretBytes& bits);
/// Reads either case, O for 0, I and L for 1, with or without hyphens and spaces. ARG when it is not a
/// recovery key: the check symbols catch every single wrong symbol and any two that changed places.
Result<SecretBytes> parse_recovery_key(std::string_view typed);

}  // namespace tessera::keys
