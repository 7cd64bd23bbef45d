// Slots, recovery key and rotation of a store.
#include <algorithm>

#include "app/store_core.hpp"
#include "store/copy_check.hpp"

namespace tessera {

using store::Value;

namespace {

Error no_keys() {
  return {ErrorCode::kUNSUPPORTED, "store", "a store in memory has no keys; give the store a path", {}};
}

}  // namespace

Result<keys::KeyRing*> StoreCore::ring() {
  TSR_RETURN_IF_ERROR(check_open());
  if (!ring_) return no_keys();
  return &*ring_;
}

Result<std::shared_ptr<const StoreCore::Slots>> StoreCore::slots_now() {
  TSR_RETURN_IF_ERROR(check_open());
  const std::lock_guard lock(slots_mutex_);
  if (slots_ == nullptr) return no_keys();
  return slots_;
}

Result<store::RowSet> StoreCore::slots() {
  TSR_ASSIGN_OR_RETURN(const auto now, slots_now());
  store::RowSet rows({"slot", "type", "name", "kdf", "created_ms", "opened"});
  for (const keys::SlotInfo& slot : now->all) {
    const bool opened = now->opened_by && slot.id == now->opened_by->id;
    const Value cells[] = {Value::of(int64_t{slot.id}),
                           Value::of(keys::slot_type_name(slot.type)),
                           Value::of(std::string_view(slot.name)),
                           Value::of(std::string_view(slot.kdf)),
                           Value::of(slot.created_ms),
                           Value::of(int64_t{opened ? 1 : 0})};
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
  return note_slots();
}

Status StoreCore::remove_slot(int64_t slot) {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  TSR_RETURN_IF_ERROR(ring->remove_slot(static_cast<int>(std::clamp<int64_t>(slot, -1, keys::kMaxSlots))));
  return note_slots();
}

Status StoreCore::change_passphrase(ByteView old_passphrase, ByteView new_passphrase) {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  TSR_RETURN_IF_ERROR(ring->change_passphrase(old_passphrase, new_passphrase));
  return note_slots();
}

Result<SecretBytes> StoreCore::create_recovery_key() {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  TSR_ASSIGN_OR_RETURN(SecretBytes text, ring->create_recovery_key());
  TSR_RETURN_IF_ERROR(note_slots());
  return text;
}

bool StoreCore::has_recovery_key() {
  const auto now = slots_now();
  return now.ok() && (*now)->has_recovery_key;
}

std::optional<keys::SlotType> StoreCore::protection() {
  const auto now = slots_now();
  return now.ok() ? std::optional((*now)->weakest) : std::nullopt;
}

Status StoreCore::rebind_device() {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(keys::KeyRing* const ring, this->ring());
  TSR_RETURN_IF_ERROR(ring->rewrap_device(std::nullopt));
  return note_slots();
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
    // On a failing disk the new content may have stayed; then both slot files do, and the next open settles
    // it.
    if (store::open_beside(*database_, key()).ok()) TSR_RETURN_IF_ERROR(ring->abandon_rotation());
    return replaced;
  }
  // Until here a crash leaves both slot files, and opening takes the one that fits the database.
  TSR_RETURN_IF_ERROR(ring->commit_rotation());
  return note_slots();
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
