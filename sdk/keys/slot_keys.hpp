// The key that seals a slot, from whatever opens a slot of its type.
#pragma once

#include <optional>

#include "keys/slot_file.hpp"

namespace tessera::keys {

/// What a person or an application brought; checked for its length before.
struct Secrets {
  std::optional<ByteView> passphrase = std::nullopt;
  std::optional<ByteView> app_key = std::nullopt;
  std::optional<ByteView> recovery = std::nullopt;  // the bits of a recovery key
};

/// Under which name the operating system's keystore holds the store's key.
std::string keystore_entry(const Uuid& store);

class SlotKeys {
 public:
  SlotKeys(const Config& config, const Ports& ports)
      : user_(config.user), cost_(cost_of(config.kdf)), ports_(ports) {}

  struct Fresh {
    Slot slot;  // without id, name, dates and content
    SecretBytes key;
  };
  /// A new slot of a type whose secret `secrets` hold. A keystore slot leaves its key in the keystore. STATE
  /// when the type is not to be had here, BUSY (KEYSTORE_LOCKED), NO_MEMORY, LIMIT, or the probe's error.
  Result<Fresh> make(SlotType type, const Secrets& secrets, const Uuid& store);

  enum class Outcome {
    kKey,             // `key` may be the slot's
    kNothingGiven,    // `secrets` hold nothing for a slot of this type, or there is no probe
    kWrong,           // what was given is not the slot's
    kKeystoreLocked,  // or away
    kKeystoreEmpty,   // it doesn't hold the store's key
    kHardwareChanged,
  };
  struct Found {
    Outcome outcome = Outcome::kNothingGiven;
    SecretBytes key;
    bool outdated = false;  // cheaper than the policy, or the hardware has drifted: make the slot anew
  };
  /// NO_MEMORY, or the probe's error. Never derives with less than the slot says.
  Result<Found> find(const Slot& slot, const Secrets& secrets, const Uuid& store);

 private:
  Result<SecretBytes> stretch(ByteView password, const Salt& salt, const Argon2Cost& cost) const;
  Result<BoundHardware> hardware(const Salt& salt) const;
  Result<Found> find_in_keystore(const Slot& slot, const Uuid& store);
  Result<Found> find_stretched(const Slot& slot, ByteView password);

  std::string user_;
  Argon2Cost cost_;
  Ports ports_;
};

}  // namespace tessera::keys
