#include "keys/slot_keys.hpp"

#include "keys/failure.hpp"
#include "keys/stack_key.hpp"
#include "text/hex.hpp"

namespace tessera::keys {
namespace {

constexpr std::string_view kProduct = "tessera-store";
constexpr std::string_view kKeyDomain = "tessera/slot/key";

/// For secrets that are random already.
SecretBytes derive(ByteView secret, const Salt& salt) {
  const StackKey key(blake2b_256(secret, {as_bytes(kKeyDomain), salt}));
  return SecretBytes(key.bytes);
}

std::optional<ByteView> password_of(SlotType type, const Secrets& secrets, ByteView user) {
  return type == SlotType::kDevice ? user : secrets.passphrase;
}

std::optional<ByteView> random_secret_of(SlotType type, const Secrets& secrets) {
  return type == SlotType::kAppKey ? secrets.app_key : secrets.recovery;
}

Error nothing_given(SlotType type) {
  return failure(ErrorCode::kARG,
                 "a key slot of type " + std::string(slot_type_name(type)) + " needs its secret; give one");
}

}  // namespace

std::string keystore_entry(const Uuid& store) { return std::string(kProduct) + "-" + hex_encode(store); }

Result<SecretBytes> SlotKeys::stretch(ByteView password, const Salt& salt, const Argon2Cost& cost) const {
  TSR_ASSIGN_OR_RETURN(Bytes stretched, argon2id(password, salt, cost, kKeyBytes));
  SecretBytes key(stretched);
  wipe(stretched.data(), stretched.size());
  return key;
}

Result<BoundHardware> SlotKeys::hardware(const Salt& salt) const {
  TSR_ASSIGN_OR_RETURN(const auto factors, ports_.probe->probe());
  return factors->bind(kProduct, salt);
}

Result<SlotKeys::Fresh> SlotKeys::make(SlotType type, const Secrets& secrets, const Uuid& store) {
  Fresh fresh;
  fresh.slot.type = type;
  ports_.random->fill(fresh.slot.salt);
  if (type == SlotType::kKeystore) {
    StackKey key;
    ports_.random->fill(key.bytes);
    TSR_RETURN_IF_ERROR(ports_.keystore->save(keystore_entry(store), key.bytes));
    fresh.key = derive(key.bytes, fresh.slot.salt);
    return fresh;
  }
  if (kdf_of(type) == Kdf::kBlake2b) {
    const auto secret = random_secret_of(type, secrets);
    if (!secret) return nothing_given(type);
    fresh.key = derive(*secret, fresh.slot.salt);
    return fresh;
  }
  const auto password = password_of(type, secrets, as_bytes(user_));
  if (!password) return nothing_given(type);
  if (has_device_shares(type) && ports_.probe == nullptr)
    return failure(
        ErrorCode::kSTATE,
        "this build can't identify the machine, so there can be no device slot; use a passphrase or an "
        "application key");
  fresh.slot.cost = cost_;
  TSR_ASSIGN_OR_RETURN(fresh.key, stretch(*password, fresh.slot.salt, cost_));
  if (!has_device_shares(type)) return fresh;
  TSR_ASSIGN_OR_RETURN(const BoundHardware bound, hardware(fresh.slot.salt));
  TSR_ASSIGN_OR_RETURN(BoundDevice device, bind_device(bound, fresh.key.view(), *ports_.random));
  fresh.slot.device = std::move(device.shares);
  fresh.key = std::move(device.key);
  return fresh;
}

Result<SlotKeys::Found> SlotKeys::find(const Slot& slot, const Secrets& secrets, const Uuid& store) {
  if (slot.type == SlotType::kKeystore) return find_in_keystore(slot, store);
  if (kdf_of(slot.type) == Kdf::kBlake2b) {
    const auto secret = random_secret_of(slot.type, secrets);
    if (!secret) return Found{};
    return Found{Outcome::kKey, derive(*secret, slot.salt), false};
  }
  const auto password = password_of(slot.type, secrets, as_bytes(user_));
  if (!password || (has_device_shares(slot.type) && ports_.probe == nullptr)) return Found{};
  return find_stretched(slot, *password);
}

Result<SlotKeys::Found> SlotKeys::find_in_keystore(const Slot& slot, const Uuid& store) {
  if (ports_.keystore->access() != Keystore::Access::kReady)
    return Found{Outcome::kKeystoreLocked, {}, false};
  auto loaded = ports_.keystore->load(keystore_entry(store));
  if (!loaded) return Found{Outcome::kKeystoreLocked, {}, false};
  if (!*loaded) return Found{Outcome::kKeystoreEmpty, {}, false};
  Found found{Outcome::kKey, derive(**loaded, slot.salt), false};
  wipe((*loaded)->data(), (*loaded)->size());
  return found;
}

Result<SlotKeys::Found> SlotKeys::find_stretched(const Slot& slot, ByteView password) {
  TSR_ASSIGN_OR_RETURN(SecretBytes stretched, stretch(password, slot.salt, slot.cost));
  Found found{Outcome::kKey, {}, false};
  found.outdated = slot.cost.passes < cost_.passes || slot.cost.memory_bytes < cost_.memory_bytes;
  if (!has_device_shares(slot.type)) {
    found.key = std::move(stretched);
    return found;
  }
  TSR_ASSIGN_OR_RETURN(const BoundHardware now, hardware(slot.salt));
  DeviceOpening opening = open_device(slot.device, now, stretched.view());
  found.outdated = found.outdated || opening.some_kind_differs;
  found.key = std::move(opening.key);
  if (found.key.empty()) {
    // Nothing fits a wrong passphrase either.
    const bool tells_apart = slot.type == SlotType::kDevice || opening.any_kind_fits;
    found.outcome = tells_apart ? Outcome::kHardwareChanged : Outcome::kWrong;
  }
  return found;
}

}  // namespace tessera::keys
