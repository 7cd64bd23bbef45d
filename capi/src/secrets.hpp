// Secrets that come in, for calls that outlast their arguments.
#pragma once

#include <memory>
#include <optional>

#include "app/store_core.hpp"
#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "tessera/store.h"

namespace tessera::capi {

/// Copies in locked memory, wiped when they go.
class SecretsCopy {
 public:
  explicit SecretsCopy(const StoreSecrets& secrets);
  StoreSecrets view() const;

 private:
  std::optional<SecretBytes> passphrase_, app_key_, recovery_key_;
};
using SecretsPtr = std::shared_ptr<const SecretsCopy>;

/// `secrets` may be null: none.
Result<SecretsPtr> secrets_in(const tsr_store_secrets* secrets);
/// ARG unless it is 1 byte to 1 MiB.
Result<std::shared_ptr<const SecretBytes>> passphrase_in(const void* data, size_t len, const char* name);

}  // namespace tessera::capi
