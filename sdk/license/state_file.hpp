// The encrypted state file of one data folder: XChaCha20-Poly1305 under a random key (decision 9). Callers
// hold the folder's lock while they write; reading needs none, because a write replaces the file as a whole.
#pragma once

#include <optional>
#include <string>

#include "base/files.hpp"
#include "license/key_vault.hpp"
#include "license/state.hpp"

namespace tessera {

class StateFile {
 public:
  StateFile(Files& files, Random& random, Keystore& keystore, const LicenseConfig& config);
  /// Nothing when there is no file. STORE_CORRUPT, STORE_KEY, STORE_LOCKED, or the file system's error.
  Result<std::optional<LicenseState>> load();
  Status store(const LicenseState& state);
  /// Keeps an unreadable file as `license.state.damaged` so that a fresh one can take its place.
  Status set_aside();

 private:
  Files* files_;
  Random* random_;
  KeyVault vault_;
  std::string path_;
};

}  // namespace tessera
