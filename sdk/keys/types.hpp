// What the key hierarchy of a store is made of, as its callers see it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/device.hpp"
#include "base/files.hpp"
#include "base/random.hpp"
#include "crypto/crypto.hpp"
#include "crypto/keystore.hpp"
#include "text/uuid.hpp"

namespace tessera::keys {

using Salt = std::array<uint8_t, 16>;

inline constexpr size_t kKeyBytes = 32;
inline constexpr size_t kMaxPassphraseBytes = size_t{1} << 20;
inline constexpr size_t kMaxSlots = 16;
inline constexpr size_t kMaxSlotName = 64;

/// The key of a database and the salt at its front, as SQLCipher takes them.
struct DataKey {
  SecretBytes key;
  Salt salt{};
};

/// Values are part of the file format.
enum class SlotType : uint8_t {
  kPassphrase = 1,
  kAppKey = 2,            // 32 bytes that the application keeps
  kDevice = 3,            // this machine's hardware: anti-copy, not secrecy
  kPassphraseDevice = 4,  // both of them
  kRecovery = 5,
  kKeystore = 6,  // the operating system's
};
/// "passphrase", "app_key", "device", "passphrase_device", "recovery", "keystore".
std::string_view slot_type_name(SlotType type);

/// A slot without its secret.
struct SlotInfo {
  int id = 0;  // stays the same while the slot is there; freed ones are used again
  SlotType type = SlotType::kPassphrase;
  std::string name;
  std::string kdf;  // "argon2id t=3 m=64MiB", "blake2b"
  int64_t created_ms = 0;
};

/// Argon2id with one lane: 19 MiB and 2 passes (OWASP's floor), 64 MiB and 3 (RFC 9106's second choice), 256
/// MiB and 3.
enum class KdfLevel { kLow, kDefault, kHigh };

/// All but `probe` are needed; without a probe there are no device slots. They outlive what uses them.
struct Ports {
  Clock* clock = nullptr;
  Random* random = nullptr;
  Files* files = nullptr;
  Keystore* keystore = nullptr;
  DeviceProbe* probe = nullptr;
};

struct Config {
  std::string path;  // of the slot file
  std::string user;  // what a device slot is bound to beside the hardware; not a secret, may be empty
  KdfLevel kdf = KdfLevel::kDefault;
};

}  // namespace tessera::keys
