// The key slots of one store: whatever opens one of them gives the store's data key. Changing a slot replaces
// one small file and never touches the data.
//
// The caller holds the store's lock: one thread, one process at a time. No text, error or log of this area
// holds a secret. Every write raises generation(), which the caller then keeps inside the database
// (require_generation()); a file that was written but not yet noted there is fine.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "keys/unlock.hpp"

namespace tessera::keys {

struct CreateOptions {
  std::optional<ByteView> passphrase = std::nullopt;
  std::optional<ByteView> app_key = std::nullopt;
  bool device = false;
  bool keystore = false;
  /// The passphrase opens the store on this machine only.
  bool passphrase_needs_device = false;
};

struct NewSlot {
  SlotType type = SlotType::kPassphrase;
  std::optional<ByteView> passphrase = std::nullopt;
  std::optional<ByteView> app_key = std::nullopt;
  std::string name;  // for people: up to 64 bytes of UTF-8, not a secret
};

enum class RecoveryState { kMissing, kPresent };

/// What became of the slot that opened the store, where the policy had risen or the hardware had drifted.
enum class Upgrade { kNone, kDone, kFailed };

class KeyRing {
 public:
  /// A new data key, and slots as asked for; nothing asked for: the operating system's keystore where it is
  /// ready, else the device. STATE when there is a slot file already or the machine offers neither.
  static Result<KeyRing> create(const Config& config, const Ports& ports, const CreateOptions& options);

  /// Errors: NOT_FOUND (SLOTS_MISSING), CORRUPT (DAMAGED), UNSUPPORTED (NEWER_FORMAT), CRYPTO (WRONG_KEY,
  /// HARDWARE_CHANGED), BUSY (KEYSTORE_LOCKED), ARG and LIMIT for a secret that can't be one, NO_MEMORY,
  /// those of the files and of the probe. The first slot that opens is taken: to make sure that it is the
  /// passphrase, set try_device and try_keystore to false.
  static Result<KeyRing> open(const Config& config, const Ports& ports, const Unlock& unlock);

  /// Of the slots that take the place of those at `path` once the database is theirs.
  static std::string staged_path(const std::string& path);
  /// True when a rotation was staged but neither committed nor abandoned, as by a crash. The caller asks
  /// which key opens the database: open()'s, then abandon_rotation(), or open_staged()'s, then
  /// commit_rotation().
  static Result<bool> rotation_pending(Files& files, const std::string& path);
  /// As open(), from the staged file; only reading and commit_rotation() are possible until that is called.
  static Result<KeyRing> open_staged(const Config& config, const Ports& ports, const Unlock& unlock);

  /// Destroys the slots and with them the data: overwrites and removes the file, a staged one and the entry
  /// in the keystore. What the file system or the medium keep elsewhere is out of reach. Fine when there is
  /// none.
  static Status erase(const std::string& path, const Ports& ports);
  /// Puts `content` of export_bytes() in the place of the slot file, once it has been read as one.
  static Status import(const std::string& path, Files& files, ByteView content);

  const DataKey& data_key() const { return data_key_; }
  const Uuid& store_id() const { return record_.store; }
  uint64_t generation() const { return record_.generation; }
  /// CORRUPT (SLOTS_OLD) when the file is older than the one the database has seen.
  Status require_generation(uint64_t at_least) const;
  /// Nothing once that slot was removed.
  std::optional<SlotInfo> opened_by() const;
  Upgrade upgrade() const { return upgrade_; }
  std::vector<SlotInfo> slots() const;
  /// The weakest way in, in this order: device (whoever runs on this machine), keystore (whoever is logged
  /// in), passphrase, passphrase with device, application key, recovery key.
  SlotType protection() const;
  RecoveryState recovery_state() const;
  /// Renames the slot file, for a store that is complete only now.
  Status move_to(const std::string& path);
  /// The slot file as it is, for a backup of the store.
  Bytes export_bytes() const;

  // All of these: STATE while a rotation is staged; on any error nothing has changed.

  /// There may be several passphrases and application keys, but one slot of each other type (STATE). A
  /// recovery slot comes from create_recovery_key() (ARG here). LIMIT when there are 16.
  Result<SlotInfo> add_slot(const NewSlot& slot);
  /// NOT_FOUND, or STATE for the last one. An older copy of the file still opens by it: see rotation.
  Status remove_slot(int id);
  /// CRYPTO (WRONG_KEY) when no slot opens with `old_passphrase`.
  Status change_passphrase(ByteView old_passphrase, ByteView new_passphrase);
  /// Binds the device slots to this machine as it is now. A slot of passphrase and device needs
  /// `passphrase`, which is taken as its new one. NOT_FOUND when there is no device slot.
  Status rewrap_device(std::optional<ByteView> passphrase);
  /// The text of a new recovery key, which nothing can show again. Replaces an older one.
  Result<SecretBytes> create_recovery_key();

  /// Writes slots with a new data key beside the file. Needs the secret of each slot, except of those that
  /// were opened or made through this object and of device and keystore; gives the slots that are left out
  /// for want of it. Unless `drop_unavailable`, that is STATE.
  Result<std::vector<SlotInfo>> stage_rotation(const Unlock& secrets, bool drop_unavailable);
  /// Of the staged rotation; null without one.
  const DataKey* staged_key() const { return staged_ ? &staged_->data_key : nullptr; }
  /// The staged slots become the store's. STATE without a staged rotation.
  Status commit_rotation();
  /// Removes the staged file, also one that a crash has left. Fine when there is none.
  Status abandon_rotation();

 private:
  struct Rotation {
    Record record;
    DataKey data_key;
    std::map<uint8_t, SecretBytes> wrap_keys;
  };

  KeyRing(const Config& config, const Ports& ports)
      : config_(config), ports_(ports), slot_keys_(config, ports) {}
  static Result<KeyRing> open_file(const std::string& file, const Config& config, const Ports& ports,
                                   const CheckedSecrets& secrets, const Unlock& unlock);

  Status require_settled() const;
  Record next_record() const;
  SlotInfo info_of(const Slot& slot) const;
  const Slot* find_slot(SlotType type) const;
  /// Seals `fresh` into `record`, in the place of the slot `id` where there is one.
  void place(Record& record, SlotKeys::Fresh& fresh, uint8_t id, std::string name) const;
  Status write(Record record);
  void put_back(const Bytes& content);
  Status replace_slot(const Slot& old, const Secrets& secrets);
  Result<SlotInfo> append_slot(SlotType type, const Secrets& secrets, std::string name);
  void upgrade_opened_slot(const Secrets& secrets);
  Result<SecretBytes> known_key(const Slot& slot, const Secrets& secrets);

  Config config_;
  Ports ports_;
  SlotKeys slot_keys_;
  Record record_;
  DataKey data_key_;
  /// By slot: of those that were opened or made here.
  std::map<uint8_t, SecretBytes> wrap_keys_;
  std::optional<uint8_t> opened_by_ = 0;
  Upgrade upgrade_ = Upgrade::kNone;
  std::optional<Rotation> staged_;
  bool is_staged_file_ = false;
  bool is_outdated_ = false;  // the slot that opened it
};

}  // namespace tessera::keys
