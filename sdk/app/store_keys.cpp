// Slots, recovery key and rotation of a store.
#include <algorithm>

#include "app/store_core.hpp"

namespace tessera {

using store::Value;

Result<keys::KeyRing*> StoreCore::ring() {
  TSR_RETURN_IF_ERROR(check_open());
  if (!ring_) {
    return Error{
        ErrorCode::kUNSUPPORTED, "store", "a store in memory has no keys; give the store a path", {}};
  }
  return &*ring_;
}

Result<store::RowSet> StoreCore::slots() {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  store::RowSet rows({"slot", "type", "name", "kdf", "created_ms", "opened"});
  const int opened_by = ring->opened_by().id;
  for (const keys::SlotInfo& slot : ring->slots()) {
    const Value cells[] = {Value::of(int64_t{slot.id}),
                           Value::of(keys::slot_type_name(slot.type)),
                           Value::of(std::string_view(slot.name)),
                           Value::of(std::string_view(slot.kdf)),
                           Value::of(slot.created_ms),
                           Value::of(int64_t{slot.id == opened_by ? 1 : 0})};
    rows.add(cells);
  }
  return rows;
}

Status StoreCore::add_slot(keys::SlotType type, const StoreSecrets& secrets) {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  const auto added = ring->add_slot(
      {.type = type, .passphrase = secrets.passphrase, .app_key = secrets.app_key, .name = {}});
  if (!added.ok()) return added.error();
  return note_generation();
}

Status StoreCore::remove_slot(int64_t slot) {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  TSR_RETURN_IF_ERROR(ring->remove_slot(static_cast<int>(std::clamp<int64_t>(slot, -1, keys::kMaxSlots))));
  return note_generation();
}

Status StoreCore::change_passphrase(ByteView old_passphrase, ByteView new_passphrase) {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  TSR_RETURN_IF_ERROR(ring->change_passphrase(old_passphrase, new_passphrase));
  return note_generation();
}

Result<SecretBytes> StoreCore::create_recovery_key() {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  TSR_ASSIGN_OR_RETURN(SecretBytes text, ring->create_recovery_key());
  TSR_RETURN_IF_ERROR(note_generation());
  return text;
}

bool StoreCore::has_recovery_key() {
  const std::lock_guard lock(keys_mutex_);
  const auto ring = this->ring();
  return ring.ok() && (*ring)->recovery_state() == keys::RecoveryState::kPresent;
}

std::optional<keys::SlotType> StoreCore::protection() {
  const std::lock_guard lock(keys_mutex_);
  const auto ring = this->ring();
  return ring.ok() ? std::optional((*ring)->protection()) : std::nullopt;
}

Status StoreCore::rebind_device() {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  TSR_RETURN_IF_ERROR(ring->rewrap_device(std::nullopt));
  return note_generation();
}

Status StoreCore::rotate_data_key(const StoreSecrets& secrets, bool drop_slots,
                                  const store::Progress& progress) {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  keys::Unlock known = secrets.unlock();
  known.try_device = known.try_keystore = true;
  const auto left_out = ring->stage_rotation(known, drop_slots);
  if (!left_out.ok()) return left_out.error();
  const store::DatabaseKey fresh{.key = ring->staged_key()->key.view(), .salt = ring->staged_key()->salt};
  Status replaced = replace_database(
      [&](const std::string& path) { return store::back_up(*database_, path, fresh, progress); }, fresh);
  if (!replaced.ok()) {
    TSR_RETURN_IF_ERROR(ring->abandon_rotation());
    return replaced;
  }
  // Until here a crash leaves both slot files, and opening takes the one that fits the database.
  TSR_RETURN_IF_ERROR(ring->commit_rotation());
  return note_generation();
}

Result<SecretBytes> StoreCore::export_data_key(std::string_view reason) {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  TSR_RETURN_IF_ERROR(store::record_audit(*database_, "export_data_key", reason));
  constexpr std::string_view kOpen = "x'";
  constexpr std::string_view kClose = "'";
  const ByteView key = ring->data_key().key.view();
  const ByteView salt = ring->data_key().salt;
  SecretBytes text(kOpen.size() + 2 * (key.size() + salt.size()) + kClose.size());
  const auto out = text.writable();
  auto at = std::ranges::copy(kOpen, out.begin()).out;
  constexpr char kDigits[] = "0123456789abcdef";
  for (const ByteView part : {key, salt}) {
    for (const uint8_t byte : part) {
      *at++ = static_cast<uint8_t>(kDigits[byte >> 4U]);
      *at++ = static_cast<uint8_t>(kDigits[byte & 0xFU]);
    }
  }
  std::ranges::copy(kClose, at);
  return text;
}

}  // namespace tessera
