// Opening a record by one of its slots.
#pragma once

#include <optional>
#include <string_view>

#include "keys/slot_keys.hpp"

namespace tessera::keys {

/// What may open a store. Views must live as long as the call.
struct Unlock {
  std::optional<ByteView> passphrase = std::nullopt;  // 1 byte to 1 MiB, taken as it is
  std::optional<ByteView> app_key = std::nullopt;     // 32 random bytes
  std::optional<std::string_view> recovery_key = std::nullopt;
  bool try_device = true;
  bool try_keystore = true;
};

/// ARG when it is empty, LIMIT when it is longer than 1 MiB.
Status check_passphrase(ByteView passphrase);
/// ARG unless it has 32 bytes.
Status check_app_key(ByteView app_key);

/// The secrets of an Unlock, each of a length that can be right.
class CheckedSecrets {
 public:
  static Result<CheckedSecrets> check(const Unlock& unlock);
  Secrets view() const;

 private:
  std::optional<ByteView> passphrase_;
  std::optional<ByteView> app_key_;
  std::optional<SecretBytes> recovery_;
};

struct Unlocked {
  DataKey data_key;
  uint8_t slot = 0;
  SecretBytes wrap_key;
  bool outdated = false;  // see SlotKeys::Found
};

/// Slots that cost nothing come first (keystore, recovery key, application key), then a given passphrase,
/// then the device. CRYPTO with WRONG_KEY or HARDWARE_CHANGED, BUSY with KEYSTORE_LOCKED, CORRUPT with
/// DAMAGED when a key opens a slot but not the record, NO_MEMORY, or the probe's error.
Result<Unlocked> unlock_record(const Record& record, SlotKeys& keys, const Secrets& secrets, bool try_device,
                               bool try_keystore, const std::string& path);

}  // namespace tessera::keys
