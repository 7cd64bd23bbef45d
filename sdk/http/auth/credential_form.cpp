#include "http/auth/credential_form.hpp"

#include <atomic>

#include "http/fields/headers.hpp"

namespace tessera::http {
namespace {

// Of all providers, so that a 401 to a credential of one says nothing about that of another.
constinit std::atomic<uint64_t> last_generation{0};

}  // namespace

Credential HeldCredential::as_field(const CredentialForm& form) const {
  Credential field;
  field.name = form.header;
  field.value.reserve(form.prefix.size() + secret.size());
  field.value.append(form.prefix).append(as_text(secret.view()));
  field.generation = generation;
  return field;
}

Result<HeldCredential> hold_credential(const CredentialForm& form, ByteView secret) {
  if (secret.empty()) {
    return Error{ErrorCode::kARG, "http", "the secret of the credential is empty; pass the one to send", {}};
  }
  TSR_RETURN_IF_ERROR(check_field(form.header, form.prefix));
  TSR_RETURN_IF_ERROR(check_field(form.header, as_text(secret)));
  return HeldCredential{SecretBytes(secret), ++last_generation};
}

void wipe_text(std::string& text) {
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace tessera::http
