#include "keys/unlock.hpp"

#include <algorithm>

#include "keys/failure.hpp"
#include "keys/recovery_key.hpp"

namespace tessera::keys {
namespace {

constexpr SlotType kOrder[] = {SlotType::kKeystore,   SlotType::kRecovery,         SlotType::kAppKey,
                               SlotType::kPassphrase, SlotType::kPassphraseDevice, SlotType::kDevice};

/// Why nothing opened.
struct Attempts {
  bool keystore_locked = false;
  bool keystore_empty = false;
  bool device_changed = false;
  bool device_changed_beside_passphrase = false;
  std::optional<Error> probe_failure;

  void note(SlotKeys::Outcome outcome, SlotType type) {
    keystore_locked = keystore_locked || outcome == SlotKeys::Outcome::kKeystoreLocked;
    keystore_empty = keystore_empty || outcome == SlotKeys::Outcome::kKeystoreEmpty;
    if (outcome == SlotKeys::Outcome::kHardwareChanged)
      (type == SlotType::kDevice ? device_changed : device_changed_beside_passphrase) = true;
  }
};

bool any(const Secrets& secrets) { return secrets.passphrase || secrets.app_key || secrets.recovery; }

std::string types_of(const Record& record) {
  std::string types;
  for (const SlotType type : kOrder) {
    if (std::ranges::find(record.slots, type, &Slot::type) == record.slots.end()) continue;
    types.append(types.empty() ? "" : ", ").append(slot_type_name(type));
  }
  return types;
}

Error hardware_changed(const std::string& path) {
  return failure(
      ErrorCode::kCRYPTO,
      "the device slot in " + path +
          " does not open because too much of this machine's hardware has changed; give the passphrase "
          "or the recovery key, then bind the slot to the machine again",
      reason::kHardwareChanged);
}

Error why_not(Attempts attempts, const Record& record, const Secrets& secrets, const std::string& path) {
  if (attempts.device_changed_beside_passphrase) return hardware_changed(path);
  const std::string kinds = " (the store has slots of type " + types_of(record) + ")";
  if (any(secrets))
    return failure(
        ErrorCode::kCRYPTO,
        "what was given opens no key slot in " + path + kinds + "; check it, or use the recovery key",
        reason::kWrongKey);
  if (attempts.keystore_locked)
    return failure(ErrorCode::kBUSY,
                   "the operating system's keystore, which holds the key of " + path +
                       ", is locked or away; unlock it and try again, or give another key",
                   reason::kKeystoreLocked);
  if (attempts.device_changed) return hardware_changed(path);
  if (attempts.probe_failure) return std::move(*attempts.probe_failure);
  if (attempts.keystore_empty)
    return failure(
        ErrorCode::kCRYPTO,
        "the operating system's keystore no longer holds the key of " + path + kinds + "; give another key",
        reason::kWrongKey);
  return failure(ErrorCode::kCRYPTO, "no key was given for " + path + kinds + "; give one of them",
                 reason::kWrongKey);
}

}  // namespace

Status check_passphrase(ByteView passphrase) {
  if (passphrase.empty())
    return failure(ErrorCode::kARG, "the passphrase is empty; give one of at least one byte");
  if (passphrase.size() > kMaxPassphraseBytes)
    return failure(ErrorCode::kLIMIT, "the passphrase is longer than 1 MiB; give a shorter one");
  return {};
}

Status check_app_key(ByteView app_key) {
  if (app_key.size() == kKeyBytes) return {};
  return failure(ErrorCode::kARG, "the application key has " + std::to_string(app_key.size()) +
                                      " bytes instead of 32; give 32 random bytes");
}

Result<CheckedSecrets> CheckedSecrets::check(const Unlock& unlock) {
  CheckedSecrets checked;
  if (unlock.passphrase) TSR_RETURN_IF_ERROR(check_passphrase(*unlock.passphrase));
  if (unlock.app_key) TSR_RETURN_IF_ERROR(check_app_key(*unlock.app_key));
  if (unlock.recovery_key) {
    TSR_ASSIGN_OR_RETURN(checked.recovery_, parse_recovery_key(*unlock.recovery_key));
  }
  checked.passphrase_ = unlock.passphrase;
  checked.app_key_ = unlock.app_key;
  return checked;
}

Secrets CheckedSecrets::view() const {
  Secrets secrets{passphrase_, app_key_, std::nullopt};
  if (recovery_) secrets.recovery = recovery_->view();
  return secrets;
}

Result<Unlocked> unlock_record(const Record& record, SlotKeys& keys, const Secrets& secrets, bool try_device,
                               bool try_keystore, const std::string& path) {
  Attempts attempts;
  for (const SlotType type : kOrder) {
    if ((type == SlotType::kDevice && !try_device) || (type == SlotType::kKeystore && !try_keystore))
      continue;
    for (const Slot& slot : record.slots) {
      if (slot.type != type) continue;
      auto found = keys.find(slot, secrets, record.store);
      if (!found && found.error().code == ErrorCode::kNO_MEMORY) return std::move(found).error();
      if (!found) {
        attempts.probe_failure = std::move(found).error();
        continue;
      }
      attempts.note(found->outcome, type);
      if (found->outcome != SlotKeys::Outcome::kKey) continue;
      auto data_key = open_slot(slot, record.store, found->key);
      if (!data_key) continue;
      if (!record_fits(record, *data_key))
        return failure(ErrorCode::kCORRUPT,
                       "the key slots in " + path +
                           " are not those that the store wrote; restore the file from a backup of the store",
                       reason::kDamaged);
      return Unlocked{std::move(*data_key), slot.id, std::move(found->key), found->outdated};
    }
  }
  return why_not(std::move(attempts), record, secrets, path);
}

}  // namespace tessera::keys
