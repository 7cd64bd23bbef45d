// Where the random key of a state file lives: the OS keystore, or an owner-only file beside it.
#pragma once

#include <string>

#include "base/files.hpp"
#include "crypto/crypto.hpp"
#include "crypto/keystore.hpp"
#include "license/config.hpp"

namespace tessera {

/// Recorded in the state file's header; values are part of the format.
enum class KeyPlace : uint8_t { kFile = 1, kOsKeystore = 2 };

class KeyVault {
 public:
  KeyVault(Files& files, Random& random, Keystore& keystore, const LicenseConfig& config);
  /// STORE_KEY when there is none, STORE_LOCKED when the keystore is locked or away.
  Result<Key256> load(KeyPlace place);
  /// load() without asking the keystore again, which is another process: the key may have been replaced
  /// since.
  Result<Key256> load_known(KeyPlace place);
  /// The existing key at the configured place, or a new one there.
  Result<Key256> load_or_create(KeyPlace* place);

 private:
  Result<Key256> load_file();
  Files* files_;
  Random* random_;
  Keystore* keystore_;
  KeyLocation location_;
  std::string path_;
  std::string name_;
  SecretBytes known_;  // the keystore's key, once it was loaded
};

}  // namespace tessera
