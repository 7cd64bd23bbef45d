#include "secrets.hpp"

#include "convert.hpp"
#include "keys/types.hpp"
#include "options.hpp"

namespace tessera::capi {
namespace {

constexpr size_t kFirstSize =
    offsetof(tsr_store_secrets, recovery_key) + sizeof(tsr_store_secrets::recovery_key);

std::optional<SecretBytes> copy_of(const std::optional<ByteView>& secret) {
  if (!secret.has_value()) return std::nullopt;
  return SecretBytes(*secret);
}

std::optional<ByteView> view_of(const std::optional<SecretBytes>& secret) {
  if (!secret.has_value()) return std::nullopt;
  return secret->view();
}

/// Nothing when absent; ARG when its length is not from `least` to `most`.
Result<std::optional<ByteView>> secret_in(const void* data, size_t len, size_t least, size_t most,
                                          const char* name, const char* rule) {
  TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, name));
  if (data == nullptr) return std::optional<ByteView>();
  if (len < least || len > most) return argument_error(std::string(name) + rule);
  return std::optional(as_bytes(bytes));
}

Result<std::optional<ByteView>> optional_passphrase_in(const void* data, size_t len, const char* name) {
  return secret_in(data, len, 1, keys::kMaxPassphraseBytes, name, " is empty or longer than 1 MiB");
}

}  // namespace

SecretsCopy::SecretsCopy(const StoreSecrets& secrets)
    : passphrase_(copy_of(secrets.passphrase)), app_key_(copy_of(secrets.app_key)) {
  if (secrets.recovery_key.has_value()) recovery_key_ = SecretBytes(as_bytes(*secrets.recovery_key));
}

StoreSecrets SecretsCopy::view() const {
  StoreSecrets secrets{.passphrase = view_of(passphrase_), .app_key = view_of(app_key_), .recovery_key = {}};
  if (recovery_key_.has_value()) secrets.recovery_key = as_text(recovery_key_->view());
  return secrets;
}

Result<SecretsPtr> secrets_in(const tsr_store_secrets* secrets) {
  TSR_ASSIGN_OR_RETURN(const auto own, options_in(secrets, kFirstSize, "secrets", "tsr_store_secrets_init"));
  if (own.flags != 0) return argument_error("secrets.flags has an unknown bit");
  StoreSecrets given;
  TSR_ASSIGN_OR_RETURN(given.passphrase,
                       optional_passphrase_in(own.passphrase, own.passphrase_len, "secrets.passphrase"));
  TSR_ASSIGN_OR_RETURN(given.app_key, secret_in(own.app_key, own.app_key_len, keys::kKeyBytes,
                                                keys::kKeyBytes, "secrets.app_key", " is not 32 bytes long"));
  TSR_ASSIGN_OR_RETURN(const auto recovery_key, optional_text_in(own.recovery_key, "secrets.recovery_key"));
  if (!recovery_key.empty()) {
    given.recovery_key = recovery_key;
  } else if (own.recovery_key.data != nullptr) {
    return argument_error("secrets.recovery_key is empty; pass an absent text when there is none");
  }
  return std::make_shared<const SecretsCopy>(given);
}

Result<std::shared_ptr<const SecretBytes>> passphrase_in(const void* data, size_t len, const char* name) {
  TSR_ASSIGN_OR_RETURN(const auto given, optional_passphrase_in(data, len, name));
  if (!given.has_value()) return argument_error(std::string(name) + " is required");
  return std::make_shared<const SecretBytes>(*given);
}

}  // namespace tessera::capi
