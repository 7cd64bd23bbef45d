// The operating system's keystore, where the keys of the licence state and of the store live when there is
// one.
#pragma once

#include <optional>
#include <string>

#include "crypto/crypto.hpp"

namespace tessera {

class Keystore {
 public:
  enum class Access { kAbsent, kLocked, kReady };

  virtual ~Keystore() = default;
  /// Never prompts, never starts a process, never waits for a person.
  virtual Access access() = 0;
  /// Nothing when there is no such entry. BUSY with the reason KEYSTORE_LOCKED, here and below, when the
  /// keystore is locked or away.
  virtual Result<std::optional<Key256>> load(const std::string& name) = 0;
  virtual Status save(const std::string& name, const Key256& key) = 0;
  /// Fine when there is no such entry.
  virtual Status remove(const std::string& name) = 0;
};

/// libsecret where it is installed and a session bus runs, else one that is absent. Valid for the process's
/// life.
Keystore& os_keystore();

}  // namespace tessera
