#include "app/store_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "app/sealing_roots.hpp"
#include "base/files.hpp"
#include "store/care.hpp"
#include "store/errors.hpp"
#include "store/file_names.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using keys::KeyRing;
using keys::SlotType;
using store::kSlots;
using store::kUnfinishedSlots;

constexpr std::string_view kPlainMagic{"SQLite format 3\0", 16};

bool is_there(const std::string& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() > fs::file_type::not_found;
}

bool has_content(const std::string& path) {
  std::error_code failure;
  return is_there(path) && (fs::file_size(path, failure) > 0 || failure);
}

bool is_plain_database(const std::string& path) {
  std::array<char, kPlainMagic.size()> head{};
  return std::ifstream(path, std::ios::binary).read(head.data(), head.size()) &&
         std::string_view(head.data(), head.size()) == kPlainMagic;
}

/// A database that has just been put in place may need its journal rolled back, which only the right key may
/// do.
enum class Recovery { kNone, kRollBack };

bool opens(const std::string& path, const keys::DataKey& key, Recovery recovery) {
  const store::DatabaseKey raw{.key = key.key.view(), .salt = key.salt};
  return store::Connection::open({.path = path, .read_only = true}, &raw).ok() ||
         (recovery == Recovery::kRollBack && store::Connection::open({.path = path}, &raw).ok());
}

/// Of a new store, by its configuration and the secrets at hand.
Result<keys::CreateOptions> creation(const std::vector<SlotType>& wanted, const StoreSecrets& secrets) {
  keys::CreateOptions options;
  if (wanted.empty()) {
    options.passphrase = secrets.passphrase;
    options.app_key = secrets.app_key;
    return options;
  }
  const auto wants = [&wanted](SlotType type) { return std::ranges::find(wanted, type) != wanted.end(); };
  const bool wants_passphrase = wants(SlotType::kPassphrase) || wants(SlotType::kPassphraseDevice);
  if ((wants_passphrase && !secrets.passphrase) || (wants(SlotType::kAppKey) && !secrets.app_key)) {
    return Error{ErrorCode::kARG,
                 "store",
                 "the configuration asks for a slot whose secret was not given; pass the passphrase or the "
                 "application's key when the store is made",
                 {}};
  }
  if (wants(SlotType::kPassphrase) && wants(SlotType::kPassphraseDevice)) {
    return Error{
        ErrorCode::kARG,
        "store",
        "a new store takes \"passphrase\" or \"passphrase_device\", not both; add the other slot later",
        {}};
  }
  if (wants_passphrase) options.passphrase = secrets.passphrase;
  options.passphrase_needs_device = wants(SlotType::kPassphraseDevice);
  if (wants(SlotType::kAppKey)) options.app_key = secrets.app_key;
  options.device = wants(SlotType::kDevice);
  options.keystore = wants(SlotType::kKeystore);
  return options;
}

}  // namespace

Result<StoreFiles::Keys> StoreFiles::unlock(const StoreSecrets& secrets) {
  const std::string& data = config_.database.path;
  const std::string slots = config_.beside(kSlots);
  // A new copy may have got no further than its database.
  const bool has_slots = is_there(slots) || (has_content(data) && is_there(KeyRing::staged_path(slots)));
  if (!has_slots) {
    TSR_RETURN_IF_ERROR(discard_unfinished());
    if (has_content(data)) {
      TSR_RETURN_IF_ERROR(missing_slots());
    }
    if (!config_.database.create || (secrets.recovery_key && !secrets.passphrase && !secrets.app_key)) {
      return Error{ErrorCode::kNOT_FOUND, "store", "there is no store at " + data + "; check the path", {}};
    }
    TSR_ASSIGN_OR_RETURN(KeyRing ring, create(secrets));
    return Keys{.ring = std::move(ring), .is_new = true, .moved_aside = {}};
  }
  TSR_ASSIGN_OR_RETURN(auto moved_aside, store::resume_move_aside(data));
  if (moved_aside) {
    TSR_ASSIGN_OR_RETURN(KeyRing ring, KeyRing::open(key_config(slots), ports_, secrets.unlock()));
    return Keys{.ring = std::move(ring), .is_new = false, .moved_aside = std::move(moved_aside)};
  }
  if (!has_content(data)) {
    return store::store_error(ErrorCode::kCORRUPT, "DATA_MISSING",
                              "the key slots of the store are there but its database " + data +
                                  " is missing or empty; put the file back or restore a backup");
  }
  TSR_ASSIGN_OR_RETURN(KeyRing ring, settle_rotation(secrets));
  TSR_RETURN_IF_ERROR(remove(store::leftovers_of(data)));
  return Keys{.ring = std::move(ring), .is_new = false, .moved_aside = {}};
}

Status StoreFiles::finish_creation(KeyRing* ring) { return ring->move_to(config_.beside(kSlots)); }

Status StoreFiles::start_anew(const store::DatabaseKey& key, const std::string& moved_aside) {
  const std::string& data = config_.database.path;
  if (!is_there(data)) {
    const std::string fresh = data + std::string(store::kFreshData);
    TSR_RETURN_IF_ERROR(remove(store::with_logs(fresh)));
    {
      TSR_ASSIGN_OR_RETURN(const auto file, store::Connection::open(
                                                {.path = fresh, .create = true, .key_is_known = true}, &key));
      TSR_RETURN_IF_ERROR(file->run(store::kMakeMarks));
      TSR_RETURN_IF_ERROR(write_sealing_roots(*file, read_sealing_roots(moved_aside, key)));
    }
    TSR_RETURN_IF_ERROR(ports_.files->rename(fresh, data));
    TSR_RETURN_IF_ERROR(ports_.files->sync_directory(parent_directory(data)));
  }
  return store::end_move_aside(data);
}

void StoreFiles::discard_replaced() {
  // The next open tries again.
  static_cast<void>(remove({config_.database.path + std::string(store::kOldData)}));
}

Result<KeyRing> StoreFiles::create(const StoreSecrets& secrets) {
  TSR_ASSIGN_OR_RETURN(const keys::CreateOptions options, creation(config_.slots, secrets));
  return KeyRing::create(key_config(config_.beside(kUnfinishedSlots)), ports_, options);
}

/// A crash may have left a rotation, or a backup in the place of another, between its two renames: the key
/// that opens the database is the right one. The slots of neither are thrown away before the others are seen
/// to open it.
Result<KeyRing> StoreFiles::settle_rotation(const StoreSecrets& secrets) {
  const std::string slots = config_.beside(kSlots);
  const std::string& data = config_.database.path;
  const keys::Config config = key_config(slots);
  TSR_ASSIGN_OR_RETURN(const bool pending, KeyRing::rotation_pending(*ports_.files, slots));
  auto ring = KeyRing::open(config, ports_, secrets.unlock());
  if (!pending) return ring;
  if (ring.ok() && opens(data, ring->data_key(), Recovery::kNone)) {
    TSR_RETURN_IF_ERROR(ring->abandon_rotation());
    return ring;
  }
  auto staged = KeyRing::open_staged(config, ports_, secrets.unlock());
  // Secrets that open neither are told by the slots that have the name.
  if (!staged.ok()) return ring.ok() ? std::move(staged) : std::move(ring);
  if (!opens(data, staged->data_key(), Recovery::kRollBack)) return ring;
  TSR_RETURN_IF_ERROR(staged->commit_rotation());
  return staged;
}

/// What a crash left of a store that open() never gave to anybody.
Status StoreFiles::discard_unfinished() {
  const std::string slots = config_.beside(kUnfinishedSlots);
  if (!is_there(slots)) return {};
  TSR_RETURN_IF_ERROR(remove(store::data_files_of(config_.database.path)));
  return KeyRing::erase(slots, ports_);
}

Status StoreFiles::remove(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (is_there(path)) TSR_RETURN_IF_ERROR(ports_.files->remove(path));
  }
  return {};
}

Status StoreFiles::missing_slots() const {
  const std::string& data = config_.database.path;
  if (is_plain_database(data)) {
    return store::store_error(
        ErrorCode::kCRYPTO, "NOT_ENCRYPTED",
        data +
            " is a plain SQLite database, not a store; open a store under another path and "
            "import the file");
  }
  return store::store_error(
      ErrorCode::kNOT_FOUND, "SLOTS_MISSING",
      "the key slots " + config_.beside(kSlots) +
          " of the store are missing and nothing opens it without them; put the file back or "
          "restore a backup");
}

keys::Config StoreFiles::key_config(std::string path) const {
  return {.path = std::move(path), .user = config_.user, .kdf = config_.kdf};
}

}  // namespace tessera
