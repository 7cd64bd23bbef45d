#include "keys/key_ring.hpp"

#include <algorithm>
#include <utility>

#include "keys/failure.hpp"
#include "keys/recovery_key.hpp"
#include "text/utf8.hpp"

namespace tessera::keys {
namespace {

/// From the weakest.
constexpr SlotType kByStrength[] = {SlotType::kDevice,           SlotType::kKeystore, SlotType::kPassphrase,
                                    SlotType::kPassphraseDevice, SlotType::kAppKey,   SlotType::kRecovery};

DataKey new_data_key(Random& random) {
  DataKey data_key{SecretBytes(kKeyBytes), {}};
  random.fill(data_key.key.writable());
  random.fill(data_key.salt);
  return data_key;
}

Result<Record> load(Files& files, const std::string& path) {
  auto content = files.read_secret(path, kMaxSlotFileBytes);
  if (content) return read_slot_file(*content, path);
  if (content.error().code == ErrorCode::kLIMIT) return damaged_slots(path);
  if (content.error().code != ErrorCode::kNOT_FOUND) return std::move(content).error();
  return failure(
      ErrorCode::kNOT_FOUND,
      "the file of key slots " + path +
          " is missing, and without it the store can't be opened; restore it from a backup of the store",
      reason::kSlotsMissing);
}

Result<bool> exists(Files& files, const std::string& path) {
  const auto content = files.read(path, kMaxSlotFileBytes);
  if (content || content.error().code == ErrorCode::kLIMIT) return true;
  if (content.error().code == ErrorCode::kNOT_FOUND) return false;
  return content.error();
}

/// Fine when it is not there.
Status remove_file(Files& files, const std::string& path) {
  Status removed = files.remove(path);
  if (!removed && removed.error().code != ErrorCode::kNOT_FOUND) return removed;
  return {};
}

Status destroy(Files& files, Random& random, const std::string& path) {
  const auto content = files.read(path, kMaxSlotFileBytes);
  if (!content && content.error().code == ErrorCode::kNOT_FOUND) return {};
  // A file that can't be read is still overwritten as far as its slots may reach.
  const size_t size = content ? content->size() : kMaxSlotFileBytes;
  TSR_RETURN_IF_ERROR(files.overwrite(path, random_bytes(random, size)));
  TSR_RETURN_IF_ERROR(files.sync(path));
  return files.remove(path);
}

uint8_t free_id(const Record& record) {
  uint8_t id = 0;
  while (std::ranges::find(record.slots, id, &Slot::id) != record.slots.end()) ++id;
  return id;
}

std::string kdf_text(const Slot& slot) {
  if (kdf_of(slot.type) == Kdf::kBlake2b) return "blake2b";
  return "argon2id t=" + std::to_string(slot.cost.passes) +
         " m=" + std::to_string(slot.cost.memory_bytes >> 20) + "MiB";
}

bool may_repeat(SlotType type) { return type == SlotType::kPassphrase || type == SlotType::kAppKey; }

Error keystore_locked() {
  return failure(
      ErrorCode::kBUSY,
      "the operating system's keystore is locked or away, so it can't hold the store's key; unlock it and "
      "try again",
      reason::kKeystoreLocked);
}

Error wrong_passphrase(const std::string& path) {
  return failure(ErrorCode::kCRYPTO, "the old passphrase opens no key slot in " + path + "; check it",
                 reason::kWrongKey);
}

std::vector<SlotType> wanted_types(const CreateOptions& options, Keystore& keystore) {
  std::vector<SlotType> types;
  if (options.passphrase)
    types.push_back(options.passphrase_needs_device ? SlotType::kPassphraseDevice : SlotType::kPassphrase);
  if (options.app_key) types.push_back(SlotType::kAppKey);
  if (options.device) types.push_back(SlotType::kDevice);
  if (options.keystore) types.push_back(SlotType::kKeystore);
  if (types.empty())
    types.push_back(keystore.access() == Keystore::Access::kReady ? SlotType::kKeystore : SlotType::kDevice);
  return types;
}

}  // namespace

// Not ".new": that is write_atomic()'s, and a crash may leave it.
std::string KeyRing::staged_path(const std::string& path) { return path + ".rotated"; }

Result<KeyRing> KeyRing::create(const Config& config, const Ports& ports, const CreateOptions& options) {
  const Unlock given{options.passphrase, options.app_key, std::nullopt, false, false};
  TSR_ASSIGN_OR_RETURN(const CheckedSecrets secrets, CheckedSecrets::check(given));
  if (options.passphrase_needs_device && !options.passphrase)
    return failure(ErrorCode::kARG, "a slot of passphrase and device needs a passphrase; give one");
  TSR_ASSIGN_OR_RETURN(const bool is_there, exists(*ports.files, config.path));
  if (is_there)
    return failure(ErrorCode::kSTATE,
                   "there are key slots in " + config.path +
                       " already, and replacing them would lose what they protect; open that store, "
                       "or use another path");
  if (options.keystore && ports.keystore->access() != Keystore::Access::kReady) return keystore_locked();

  KeyRing ring(config, ports);
  ring.data_key_ = new_data_key(*ports.random);
  ring.record_.store = make_uuid4(*ports.random);
  Record record = ring.next_record();
  for (const SlotType type : wanted_types(options, *ports.keystore)) {
    TSR_ASSIGN_OR_RETURN(SlotKeys::Fresh fresh, ring.slot_keys_.make(type, secrets.view(), record.store));
    const uint8_t id = free_id(record);
    ring.place(record, fresh, id, {});
    ring.wrap_keys_[id] = std::move(fresh.key);
  }
  const Status written = ring.write(std::move(record));
  if (!written) {
    static_cast<void>(ports.keystore->remove(keystore_entry(ring.record_.store)));
    return written.error();
  }
  return ring;
}

Result<KeyRing> KeyRing::open_file(const std::string& file, const Config& config, const Ports& ports,
                                   const CheckedSecrets& secrets, const Unlock& unlock) {
  KeyRing ring(config, ports);
  TSR_ASSIGN_OR_RETURN(ring.record_, load(*ports.files, file));
  TSR_ASSIGN_OR_RETURN(Unlocked unlocked, unlock_record(ring.record_, ring.slot_keys_, secrets.view(),
                                                        unlock.try_device, unlock.try_keystore, file));
  ring.data_key_ = std::move(unlocked.data_key);
  ring.opened_by_ = unlocked.slot;
  ring.wrap_keys_[unlocked.slot] = std::move(unlocked.wrap_key);
  ring.is_outdated_ = unlocked.outdated;
  return ring;
}

Result<KeyRing> KeyRing::open(const Config& config, const Ports& ports, const Unlock& unlock) {
  TSR_ASSIGN_OR_RETURN(const CheckedSecrets secrets, CheckedSecrets::check(unlock));
  TSR_ASSIGN_OR_RETURN(KeyRing ring, open_file(config.path, config, ports, secrets, unlock));
  if (ring.is_outdated_) ring.upgrade_opened_slot(secrets.view());
  return ring;
}

Result<bool> KeyRing::rotation_pending(Files& files, const std::string& path) {
  return exists(files, staged_path(path));
}

Result<KeyRing> KeyRing::open_staged(const Config& config, const Ports& ports, const Unlock& unlock) {
  TSR_ASSIGN_OR_RETURN(const CheckedSecrets secrets, CheckedSecrets::check(unlock));
  TSR_ASSIGN_OR_RETURN(KeyRing ring, open_file(staged_path(config.path), config, ports, secrets, unlock));
  ring.is_staged_file_ = true;
  return ring;
}

Status KeyRing::erase(const std::string& path, const Ports& ports) {
  // Before the file is gone: it names the entry.
  if (const auto record = load(*ports.files, path); record)
    static_cast<void>(ports.keystore->remove(keystore_entry(record->store)));
  for (const std::string& file : {path, staged_path(path)}) {
    TSR_RETURN_IF_ERROR(destroy(*ports.files, *ports.random, file));
    TSR_RETURN_IF_ERROR(destroy(*ports.files, *ports.random, file + ".new"));  // of an interrupted write
  }
  return ports.files->sync_directory(parent_directory(path));
}

Status KeyRing::import(const std::string& path, Files& files, ByteView content) {
  if (content.size() > kMaxSlotFileBytes) return damaged_slots(path);
  const auto record = read_slot_file(content, path);
  if (!record) return record.error();
  return write_atomic(files, path, content);
}

Status KeyRing::require_generation(uint64_t at_least) const {
  if (record_.generation >= at_least) return {};
  return failure(
      ErrorCode::kCORRUPT,
      "the key slots in " + config_.path +
          " are older than those the store was last used with; restore the newer file, or the whole store "
          "from one backup",
      reason::kSlotsOld);
}

SlotInfo KeyRing::info_of(const Slot& slot) const {
  return {slot.id, slot.type, slot.name, kdf_text(slot), slot.created_ms};
}

std::optional<SlotInfo> KeyRing::opened_by() const {
  if (!opened_by_) return std::nullopt;
  return info_of(*std::ranges::find(record_.slots, *opened_by_, &Slot::id));
}

std::vector<SlotInfo> KeyRing::slots() const {
  std::vector<SlotInfo> infos;
  infos.reserve(record_.slots.size());
  for (const Slot& slot : record_.slots) infos.push_back(info_of(slot));
  return infos;
}

const Slot* KeyRing::find_slot(SlotType type) const {
  const auto found = std::ranges::find(record_.slots, type, &Slot::type);
  return found == record_.slots.end() ? nullptr : &*found;
}

SlotType KeyRing::protection() const {
  return *std::ranges::find_if(kByStrength, [&](SlotType type) { return find_slot(type) != nullptr; });
}

RecoveryState KeyRing::recovery_state() const {
  return find_slot(SlotType::kRecovery) != nullptr ? RecoveryState::kPresent : RecoveryState::kMissing;
}

Bytes KeyRing::export_bytes() const { return write_slot_file(record_).value(); }

Status KeyRing::require_settled() const {
  if (!staged_ && !is_staged_file_) return {};
  return failure(ErrorCode::kSTATE, "a rotation of the data key of " + config_.path +
                                        " is under way; commit or abandon it before changing slots");
}

Record KeyRing::next_record() const {
  Record next = record_;
  ++next.generation;
  return next;
}

void KeyRing::place(Record& record, SlotKeys::Fresh& fresh, uint8_t id, std::string name) const {
  fresh.slot.id = id;
  fresh.slot.name = std::move(name);
  fresh.slot.created_ms = ports_.clock->wall_ms();
  fresh.slot.generation = record.generation;
  seal_slot(fresh.slot, record.store, fresh.key, data_key_, *ports_.random);
  const auto old = std::ranges::find(record.slots, id, &Slot::id);
  if (old != record.slots.end()) {
    *old = std::move(fresh.slot);
  } else {
    record.slots.push_back(std::move(fresh.slot));
  }
}

Status KeyRing::write(Record record) {
  seal_record(record, data_key_);
  TSR_ASSIGN_OR_RETURN(const Bytes content, write_slot_file(record));
  Status written = write_atomic(*ports_.files, config_.path, content);
  if (!written) {
    put_back(content);
    return written;
  }
  record_ = std::move(record);
  return {};
}

/// A file whose name could not be synced is there: the caller is told that nothing has changed.
void KeyRing::put_back(const Bytes& content) {
  const auto there = ports_.files->read(config_.path, kMaxSlotFileBytes);
  if (!there || *there != content) return;
  if (record_.slots.empty())
    static_cast<void>(ports_.files->remove(config_.path));
  else
    static_cast<void>(write_atomic(*ports_.files, config_.path, export_bytes()));
}

Status KeyRing::replace_slot(const Slot& old, const Secrets& secrets) {
  const uint8_t id = old.id;
  TSR_ASSIGN_OR_RETURN(SlotKeys::Fresh fresh, slot_keys_.make(old.type, secrets, record_.store));
  Record next = next_record();
  place(next, fresh, id, old.name);
  TSR_RETURN_IF_ERROR(write(std::move(next)));
  wrap_keys_[id] = std::move(fresh.key);
  return {};
}

Result<SlotInfo> KeyRing::append_slot(SlotType type, const Secrets& secrets, std::string name) {
  if (record_.slots.size() == kMaxSlots)
    return failure(ErrorCode::kLIMIT,
                   "the store in " + config_.path + " has 16 key slots, which is the most; remove one first");
  if (type == SlotType::kKeystore && ports_.keystore->access() != Keystore::Access::kReady)
    return keystore_locked();
  TSR_ASSIGN_OR_RETURN(SlotKeys::Fresh fresh, slot_keys_.make(type, secrets, record_.store));
  Record next = next_record();
  const uint8_t id = free_id(next);
  place(next, fresh, id, std::move(name));
  const Status written = write(std::move(next));
  if (!written) {
    if (type == SlotType::kKeystore)
      static_cast<void>(ports_.keystore->remove(keystore_entry(record_.store)));
    return written.error();
  }
  wrap_keys_[id] = std::move(fresh.key);
  return info_of(record_.slots.back());
}

void KeyRing::upgrade_opened_slot(const Secrets& secrets) {
  const Slot& slot = *std::ranges::find(record_.slots, *opened_by_, &Slot::id);
  upgrade_ = replace_slot(slot, secrets).ok() ? Upgrade::kDone : Upgrade::kFailed;
}

Result<SlotInfo> KeyRing::add_slot(const NewSlot& slot) {
  TSR_RETURN_IF_ERROR(require_settled());
  const Unlock given{slot.passphrase, slot.app_key, std::nullopt, false, false};
  TSR_ASSIGN_OR_RETURN(const CheckedSecrets secrets, CheckedSecrets::check(given));
  if (slot.name.size() > kMaxSlotName || !is_utf8(slot.name))
    return failure(ErrorCode::kARG, "the name of a key slot needs up to 64 bytes of UTF-8; give another");
  if (slot.type == SlotType::kRecovery)
    return failure(ErrorCode::kARG, "a recovery slot can't be added; create a recovery key instead");
  if (!may_repeat(slot.type) && find_slot(slot.type) != nullptr)
    return failure(ErrorCode::kSTATE, "the store in " + config_.path + " has a key slot of type " +
                                          std::string(slot_type_name(slot.type)) +
                                          " already, and one is the most; remove it first");
  return append_slot(slot.type, secrets.view(), slot.name);
}

Status KeyRing::remove_slot(int id) {
  TSR_RETURN_IF_ERROR(require_settled());
  const auto has_id = [&](const Slot& slot) { return slot.id == id; };
  const auto found = std::ranges::find_if(record_.slots, has_id);
  if (found == record_.slots.end())
    return failure(ErrorCode::kNOT_FOUND, "there is no key slot " + std::to_string(id) + " in " +
                                              config_.path + "; list the slots to see which there are");
  if (record_.slots.size() == 1)
    return failure(ErrorCode::kSTATE, "this is the last key slot in " + config_.path +
                                          ", and without one the store can't be opened; add another first");
  const SlotType type = found->type;
  Record next = next_record();
  std::erase_if(next.slots, has_id);
  TSR_RETURN_IF_ERROR(write(std::move(next)));
  wrap_keys_.erase(static_cast<uint8_t>(id));
  if (opened_by_ == id) opened_by_.reset();  // the number may be another slot's soon
  if (type == SlotType::kKeystore) static_cast<void>(ports_.keystore->remove(keystore_entry(record_.store)));
  return {};
}

Status KeyRing::change_passphrase(ByteView old_passphrase, ByteView new_passphrase) {
  TSR_RETURN_IF_ERROR(require_settled());
  TSR_RETURN_IF_ERROR(check_passphrase(old_passphrase));
  TSR_RETURN_IF_ERROR(check_passphrase(new_passphrase));
  const Secrets old_secrets{old_passphrase, std::nullopt, std::nullopt};
  for (const SlotType type : {SlotType::kPassphrase, SlotType::kPassphraseDevice}) {
    for (const Slot& slot : record_.slots) {
      if (slot.type != type) continue;
      TSR_ASSIGN_OR_RETURN(const SlotKeys::Found found, slot_keys_.find(slot, old_secrets, record_.store));
      if (found.outcome == SlotKeys::Outcome::kHardwareChanged)
        return failure(ErrorCode::kCRYPTO,
                       "the slot of passphrase and device in " + config_.path +
                           " does not fit this machine's hardware any more; bind it to the machine again",
                       reason::kHardwareChanged);
      if (found.outcome == SlotKeys::Outcome::kKey && open_slot(slot, record_.store, found.key))
        return replace_slot(slot, {new_passphrase, std::nullopt, std::nullopt});
    }
  }
  return wrong_passphrase(config_.path);
}

Status KeyRing::rewrap_device(std::optional<ByteView> passphrase) {
  TSR_RETURN_IF_ERROR(require_settled());
  if (passphrase) TSR_RETURN_IF_ERROR(check_passphrase(*passphrase));
  const Secrets secrets{passphrase, std::nullopt, std::nullopt};
  Record next = next_record();
  std::map<uint8_t, SecretBytes> keys;
  for (const SlotType type : {SlotType::kDevice, SlotType::kPassphraseDevice}) {
    const Slot* slot = find_slot(type);
    if (slot == nullptr) continue;
    TSR_ASSIGN_OR_RETURN(SlotKeys::Fresh fresh, slot_keys_.make(type, secrets, record_.store));
    place(next, fresh, slot->id, slot->name);
    keys[slot->id] = std::move(fresh.key);
  }
  if (keys.empty())
    return failure(ErrorCode::kNOT_FOUND,
                   "the store in " + config_.path + " has no device slot; add one instead");
  TSR_RETURN_IF_ERROR(write(std::move(next)));
  for (auto& [id, key] : keys) wrap_keys_[id] = std::move(key);
  return {};
}

Result<SecretBytes> KeyRing::create_recovery_key() {
  TSR_RETURN_IF_ERROR(require_settled());
  SecretBytes bits(kRecoveryBytes);
  ports_.random->fill(bits.writable());
  const Secrets secrets{std::nullopt, std::nullopt, bits.view()};
  if (const Slot* slot = find_slot(SlotType::kRecovery); slot != nullptr) {
    TSR_RETURN_IF_ERROR(replace_slot(*slot, secrets));
  } else {
    TSR_RETURN_IF_ERROR(append_slot(SlotType::kRecovery, secrets, {}));
  }
  return recovery_text(bits);
}

/// The key that `slot` is sealed with; empty when it can't be had.
Result<SecretBytes> KeyRing::known_key(const Slot& slot, const Secrets& secrets) {
  if (const auto known = wrap_keys_.find(slot.id); known != wrap_keys_.end())
    return SecretBytes(known->second.view());
  auto found = slot_keys_.find(slot, secrets, record_.store);
  if (!found && found.error().code == ErrorCode::kNO_MEMORY) return std::move(found).error();
  const bool opens =
      found && found->outcome == SlotKeys::Outcome::kKey && open_slot(slot, record_.store, found->key).ok();
  return opens ? std::move(found->key) : SecretBytes();
}

Result<std::vector<SlotInfo>> KeyRing::stage_rotation(const Unlock& unlock, bool drop_unavailable) {
  TSR_RETURN_IF_ERROR(require_settled());
  TSR_ASSIGN_OR_RETURN(const CheckedSecrets secrets, CheckedSecrets::check(unlock));
  Rotation rotation{next_record(), new_data_key(*ports_.random), {}};
  rotation.record.slots.clear();
  std::vector<SlotInfo> dropped;
  for (const Slot& slot : record_.slots) {
    SlotKeys::Fresh next{slot, {}};
    TSR_ASSIGN_OR_RETURN(next.key, known_key(slot, secrets.view()));
    if (next.key.empty() && slot.type == SlotType::kDevice) {
      // Hardware that changed meanwhile is no reason to lose the slot.
      if (auto bound = slot_keys_.make(slot.type, secrets.view(), record_.store); bound) {
        next = std::move(*bound);
        next.slot.id = slot.id;
        next.slot.name = slot.name;
        next.slot.created_ms = slot.created_ms;
      }
    }
    if (next.key.empty()) {
      dropped.push_back(info_of(slot));
      continue;
    }
    next.slot.generation = rotation.record.generation;
    seal_slot(next.slot, record_.store, next.key, rotation.data_key, *ports_.random);
    rotation.wrap_keys[slot.id] = std::move(next.key);
    rotation.record.slots.push_back(std::move(next.slot));
  }
  if (!dropped.empty() && (!drop_unavailable || rotation.record.slots.empty())) {
    std::string types;
    for (const SlotInfo& info : dropped)
      types.append(types.empty() ? "" : ", ").append(slot_type_name(info.type));
    return failure(ErrorCode::kSTATE,
                   "rotating the data key of " + config_.path + " would lose the slots of type " + types +
                       ", whose secrets were not given; give them, or accept that these slots go",
                   "SLOTS_UNAVAILABLE");
  }
  seal_record(rotation.record, rotation.data_key);
  TSR_ASSIGN_OR_RETURN(const Bytes content, write_slot_file(rotation.record));
  TSR_RETURN_IF_ERROR(write_atomic(*ports_.files, staged_path(config_.path), content));
  staged_ = std::move(rotation);
  return dropped;
}

Status KeyRing::move_to(const std::string& path) {
  TSR_RETURN_IF_ERROR(ports_.files->rename(config_.path, path));
  config_.path = path;
  return ports_.files->sync_directory(parent_directory(path));
}

Status KeyRing::commit_rotation() {
  if (!staged_ && !is_staged_file_)
    return failure(ErrorCode::kSTATE,
                   "no rotation of the data key of " + config_.path + " is staged; stage one first");
  TSR_RETURN_IF_ERROR(ports_.files->rename(staged_path(config_.path), config_.path));
  if (staged_) {
    record_ = std::move(staged_->record);
    data_key_ = std::move(staged_->data_key);
    wrap_keys_ = std::move(staged_->wrap_keys);
    staged_.reset();
  }
  is_staged_file_ = false;
  return ports_.files->sync_directory(parent_directory(config_.path));
}

Status KeyRing::abandon_rotation() {
  if (is_staged_file_)
    return failure(ErrorCode::kSTATE, "these are the staged key slots of " + config_.path +
                                          "; open the others to abandon the rotation");
  TSR_RETURN_IF_ERROR(remove_file(*ports_.files, staged_path(config_.path)));
  staged_.reset();
  return ports_.files->sync_directory(parent_directory(config_.path));
}

}  // namespace tessera::keys
