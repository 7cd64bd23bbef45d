#include "keys/types.hpp"

namespace tessera::keys {

std::string_view slot_type_name(SlotType type) {
  switch (type) {
    case SlotType::kPassphrase:
      return "passphrase";
    case SlotType::kAppKey:
      return "app_key";
    case SlotType::kDevice:
      return "device";
    case SlotType::kPassphraseDevice:
      return "passphrase_device";
    case SlotType::kRecovery:
      return "recovery";
    case SlotType::kKeystore:
      return "keystore";
  }
  return "unknown";
}

}  // namespace tessera::keys
