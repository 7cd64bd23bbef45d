// How a secret travels: in which field, behind which word.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "http/client/auth.hpp"

namespace tessera::http {

struct CredentialForm {
  std::string header = "Authorization";
  std::string prefix = "Bearer ";
};

/// A secret that is ready to be sent, and its number.
struct HeldCredential {
  SecretBytes secret;
  uint64_t generation = 0;

  Credential as_field(const CredentialForm& form) const;
};

/// ARG for an empty secret, or a field that HTTP does not allow; the text names the field, never the secret.
Result<HeldCredential> hold_credential(const CredentialForm& form, ByteView secret);

/// Overwrites `text` before it goes.
void wipe_text(std::string& text);

}  // namespace tessera::http
