// What a caller knows that opens a store.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "keys/unlock.hpp"

namespace tessera {

/// Borrowed for the call; nothing: not given. With any of them only they are tried, and with none the device
/// and the operating system's keystore.
struct StoreSecrets {
  std::optional<ByteView> passphrase;
  std::optional<ByteView> app_key;
  std::optional<std::string_view> recovery_key;

  bool any() const { return passphrase || app_key || recovery_key; }
  keys::Unlock unlock() const {
    return {.passphrase = passphrase,
            .app_key = app_key,
            .recovery_key = recovery_key,
            .try_device = !any(),
            .try_keystore = !any()};
  }
};

}  // namespace tessera
