// Backup, copies, import, checks, salvage and erasing of a store.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "app/store_core.hpp"
#include "app/store_files.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "crypto/crypto.hpp"
#include "crypto/keystore.hpp"
#include "hwid/device_probe.hpp"
#include "store/errors.hpp"
#include "store/file_names.hpp"

namespace tessera {
namespace {

using keys::KeyRing;
using store::kFreshData;
using store::kOldData;
using store::kSlots;
using store::kUnfinishedSlots;
using store::Value;

/// The stem of another store's files.
Result<std::string> stem_of_copy(const std::string& path) {
  if (!path.ends_with(store::kData) || path.size() == store::kData.size()) {
    return Error{
        ErrorCode::kARG, "store", "a copy of the store must have a path that ends with \".tdb\"", {}};
  }
  return store::stem_of(path);
}

/// 0 when there is none.
ino_t file_number(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

store::DatabaseKey raw(const keys::DataKey& key) { return {.key = key.key.view(), .salt = key.salt}; }

Status link_or_copy(const std::string& from, const std::string& to) {
  std::error_code failure;
  std::filesystem::remove(to, failure);
  std::filesystem::create_hard_link(from, to, failure);
  if (failure) std::filesystem::copy_file(from, to, failure);  // a file system without links
  if (failure) return error_from_errno("store", "keep the old database", failure.value());
  return {};
}

/// Makes a copy of another store's content this store's: the number of that one's slots goes, `roots` join.
Status adopt(const std::string& path, const store::DatabaseKey& key, const std::vector<sealed::Root>& roots) {
  TSR_ASSIGN_OR_RETURN(const auto file, store::Connection::open({.path = path, .key_is_known = true}, &key));
  TSR_RETURN_IF_ERROR(file->run(store::kMakeMarks));  // a foreign database has none
  TSR_RETURN_IF_ERROR(file->run("delete from tsr_meta where key = 'slots_generation'"));
  return write_sealing_roots(*file, roots);
}

store::RowSet rows_of(const store::SalvageReport& report) {
  store::RowSet rows({"tables", "rows", "pages_read", "pages_damaged", "damaged_tables"});
  const std::string damaged = dump_json(Json(report.damaged_tables));
  const Value cells[] = {Value::of(report.tables), Value::of(report.rows), Value::of(report.pages_read),
                         Value::of(report.pages_damaged), Value::of(std::string_view(damaged))};
  rows.add(cells);
  return rows;
}

}  // namespace

Status StoreCore::replace_database(const std::function<Status(const std::string& path)>& make,
                                   const store::DatabaseKey& new_key) {
  const std::string& path = config_.database.path;
  const std::string fresh = path + std::string(kFreshData);
  const std::string old = path + std::string(kOldData);
  Files& files = system_files();
  const Status replaced = database_->replace({.prepare = [&] { return make(fresh); },
                                              .swap = [&]() -> Status {
                                                TSR_RETURN_IF_ERROR(link_or_copy(path, old));
                                                TSR_RETURN_IF_ERROR(files.rename(fresh, path));
                                                Status synced = files.sync_directory(parent_directory(path));
                                                if (!synced.ok()) (void)files.rename(old, path);
                                                return synced;
                                              },
                                              .undo = [&] { return files.rename(old, path); },
                                              .key = new_key});
  std::error_code ignored;
  std::filesystem::remove(replaced.ok() ? old : fresh, ignored);
  return replaced;
}

Status StoreCore::back_up(const std::string& path, const store::Progress& progress) {
  const std::lock_guard lock(keys_mutex_);
  TSR_ASSIGN_OR_RETURN(KeyRing* const ring, this->ring());
  TSR_ASSIGN_OR_RETURN(const std::string stem, stem_of_copy(path));
  // An earlier backup may be there, even under another data key: like a rotation, so that whatever ends this,
  // opening takes the slots that fit the database.
  const std::string slots = stem + std::string(kSlots);
  const std::string staged = KeyRing::staged_path(slots);
  TSR_RETURN_IF_ERROR(KeyRing::import(staged, system_files(), ring->export_bytes()));
  const ino_t earlier = file_number(path);
  Status copied = store::back_up(*database_, path, key(), progress);
  if (!copied.ok()) {
    if (file_number(path) == earlier) (void)system_files().remove(staged);
    return copied;
  }
  TSR_RETURN_IF_ERROR(system_files().rename(staged, slots));
  return system_files().sync_directory(parent_directory(path));
}

Status StoreCore::compact(const store::Progress& progress) {
  const std::lock_guard lock(keys_mutex_);
  const auto ring = this->ring();
  if (!ring.ok()) return ring.error();
  return replace_database(
      [&](const std::string& fresh) { return store::copy_compact(*database_, key(), fresh, progress); },
      key());
}

Status StoreCore::export_to(const std::string& path, const StoreSecrets& secrets,
                            const store::Progress& progress) {
  const std::lock_guard lock(keys_mutex_);
  const auto own = this->ring();
  if (!own.ok()) return own.error();
  if (!secrets.passphrase && !secrets.app_key) {
    return Error{
        ErrorCode::kARG, "store", "an export needs a passphrase or an application's key of its own", {}};
  }
  TSR_ASSIGN_OR_RETURN(const std::string stem, stem_of_copy(path));
  // As in back_up().
  const std::string slots = stem + std::string(kSlots);
  const std::string staged = KeyRing::staged_path(slots);
  TSR_RETURN_IF_ERROR(KeyRing::erase(staged, key_ports()));
  TSR_ASSIGN_OR_RETURN(
      KeyRing ring, KeyRing::create({.path = staged, .user = config_.user, .kdf = config_.kdf}, key_ports(),
                                    {.passphrase = secrets.passphrase, .app_key = secrets.app_key}));
  const ino_t earlier = file_number(path);
  const store::DatabaseKey new_key = raw(ring.data_key());
  Status made = store::back_up(*database_, path, new_key, progress,
                               [&](const std::string& copy) { return adopt(copy, new_key, {}); });
  if (!made.ok()) {
    if (file_number(path) == earlier) (void)KeyRing::erase(staged, key_ports());
    return made;
  }
  return ring.move_to(slots);
}

Status StoreCore::export_plain(const std::string& path, std::string_view reason,
                               const store::Progress& progress) {
  TSR_RETURN_IF_ERROR(check_open());
  return store::export_plain(*database_, path, reason, progress);
}

Status StoreCore::import_from(const std::string& path, ImportKind kind, const StoreSecrets& secrets,
                              const store::Progress& progress) {
  const std::lock_guard lock(keys_mutex_);
  const auto ring = this->ring();
  if (!ring.ok()) return ring.error();
  store::ForeignSource source;
  std::optional<KeyRing> source_ring;
  if (kind != ImportKind::kPlain) source.kind = store::ForeignSource::Kind::kSqlcipher;
  if (kind == ImportKind::kSqlcipher) {
    source.passphrase = secrets.passphrase.value_or(ByteView());
    source.raw_key = secrets.app_key.value_or(ByteView());
  }
  if (kind == ImportKind::kTessera) {
    TSR_ASSIGN_OR_RETURN(const std::string stem, stem_of_copy(path));
    TSR_ASSIGN_OR_RETURN(source_ring,
                         KeyRing::open({.path = stem + std::string(kSlots), .user = config_.user, .kdf = {}},
                                       key_ports(), secrets.unlock()));
    source.raw_key = source_ring->data_key().key.view();
  }
  // Files that were sealed before stay readable.
  TSR_ASSIGN_OR_RETURN(const auto roots, roots_->all());
  const auto make = [&](const std::string& fresh) -> Status {
    TSR_RETURN_IF_ERROR(store::import_foreign(path, source, fresh, key(), progress));
    return adopt(fresh, key(), roots);
  };
  TSR_RETURN_IF_ERROR(replace_database(make, key()));
  TSR_RETURN_IF_ERROR(prepare_parts());
  return note_slots();
}

Result<store::RowSet> StoreCore::check(const store::Progress& progress) {
  const std::lock_guard lock(keys_mutex_);  // the key stays the database's
  TSR_RETURN_IF_ERROR(check_open());
  TSR_ASSIGN_OR_RETURN(const store::CheckReport report, store::check(*database_, key(), progress));
  store::RowSet rows({"problem"});
  for (const std::string& problem : report.problems) {
    const Value cell = Value::of(std::string_view(problem));
    rows.add(&cell);
  }
  return rows;
}

Result<std::string> StoreCore::stats_json() {
  TSR_RETURN_IF_ERROR(check_open());
  TSR_ASSIGN_OR_RETURN(const store::DatabaseStats stats, database_->stats());
  TSR_ASSIGN_OR_RETURN(const store::OutboxCounts outbox, outbox_->counts());
  Json json = {{"commits", stats.commits},
               {"group_commits", stats.group_commits},
               {"strict_commits", stats.strict_commits},
               {"rollbacks", stats.rollbacks},
               {"checkpoints", stats.checkpoints},
               {"readers_open", stats.readers_open},
               {"readers_busy", stats.readers_busy},
               {"writer_queue", stats.writer_queue},
               {"file_bytes", stats.file_bytes},
               {"wal_bytes", stats.wal_bytes},
               {"page_count", stats.page_count},
               {"free_pages", stats.free_pages},
               {"page_size", stats.page_size},
               {"cache_hits", stats.cache_hits},
               {"cache_misses", stats.cache_misses},
               {"network_disk", stats.is_on_network}};
  json["outbox"] = {{"pending", outbox.pending},
                    {"leased", outbox.leased},
                    {"ambiguous", outbox.ambiguous},
                    {"dead", outbox.dead},
                    {"bytes", outbox.bytes},
                    {"delivered", outbox.delivered},
                    {"dropped_full", outbox.dropped_full},
                    {"dropped_age", outbox.dropped_age},
                    {"dropped_revoked", outbox.dropped_revoked}};
  return dump_json(json);
}

Result<store::RowSet> StoreCore::audit() {
  TSR_RETURN_IF_ERROR(check_open());
  store::RowSet rows({"at_ms", "action", "reason"});
  TSR_RETURN_IF_ERROR(database_->read({}, [&rows](store::Connection& connection) -> Status {
    // The first entry makes the table.
    TSR_ASSIGN_OR_RETURN(const int64_t tables,
                         connection.integer("select count(*) from sqlite_schema where name = 'tsr_audit'"));
    if (tables == 0) return {};
    TSR_ASSIGN_OR_RETURN(store::Statement entry,
                         connection.statement("select at_ms, event, reason from tsr_audit order by id"));
    for (;;) {
      TSR_ASSIGN_OR_RETURN(const bool has_row, entry.step());
      if (!has_row) return {};
      const Value cells[] = {entry.column(0), entry.column(1), entry.column(2)};
      rows.add(cells);
    }
  }));
  return rows;
}

Result<store::RowSet> StoreCore::salvage(std::string_view config_json, const StoreSecrets& secrets,
                                         const std::string& json_lines, const store::Progress& progress) {
  TSR_ASSIGN_OR_RETURN(StoreConfig config, read_store_config(config_json));
  if (config.in_memory()) {
    return Error{
        ErrorCode::kUNSUPPORTED, "store", "a store in memory has no file; give the store's path", {}};
  }
  config.database.create = false;
  std::shared_ptr<DeviceProbe> probe = hwid::make_device_probe(config.app_factors);
  StoreCore core(std::move(config), {.probe = std::move(probe), .license_row = {}});
  const std::string& path = core.config_.database.path;
  TSR_ASSIGN_OR_RETURN(const auto lock, store::InstanceLock::acquire(core.config_.beside(store::kLock),
                                                                     core.config_.database.busy_timeout_ms));
  StoreFiles files(core.config_, core.key_ports());
  TSR_ASSIGN_OR_RETURN(StoreFiles::Keys keys, files.unlock(secrets));
  // After one that a crash cut short, the same once more: its lines may not have reached anybody.
  std::optional<std::string> moved = std::move(keys.moved_aside);
  TSR_ASSIGN_OR_RETURN(const store::SalvageReport report,
                       store::salvage(moved.value_or(path), raw(keys.ring.data_key()), json_lines, progress));
  if (!moved) {
    TSR_ASSIGN_OR_RETURN(moved, store::move_aside(path, system_clock()));
  }
  // A new database under the same slots, so that the application opens as always.
  TSR_RETURN_IF_ERROR(files.start_anew(raw(keys.ring.data_key()), *moved));
  return rows_of(report);
}

Status StoreCore::erase(std::string_view config_json) {
  TSR_ASSIGN_OR_RETURN(const StoreConfig config, read_store_config(config_json));
  if (config.in_memory()) return {};
  const std::string& path = config.database.path;
  const std::string slots = config.beside(kSlots);
  std::error_code ignored;
  if (!std::filesystem::exists(slots, ignored) && !std::filesystem::exists(path, ignored)) {
    return Error{ErrorCode::kNOT_FOUND, "store", "there is no store at " + path + "; check the path", {}};
  }
  TSR_ASSIGN_OR_RETURN(const auto lock,
                       store::InstanceLock::acquire(config.beside(store::kLock), /*timeout_ms=*/0));
  const keys::Ports ports{.clock = &system_clock(),
                          .random = &system_random(),
                          .files = &system_files(),
                          .keystore = &os_keystore(),
                          .probe = nullptr};
  // First the slots: without them the rest is noise. The database last: while it is there, erasing can go on
  // after a crash.
  for (const std::string_view ending : {kSlots, kUnfinishedSlots})
    TSR_RETURN_IF_ERROR(KeyRing::erase(config.beside(ending), ports));
  std::vector<std::string> rest = store::damaged_files_of(path);
  std::ranges::copy(store::leftovers_of(path), std::back_inserter(rest));
  std::ranges::copy(store::with_logs(path + std::string(store::kPart)), std::back_inserter(rest));
  for (const std::string_view ending : {kOldData, store::kMoveNote})
    rest.push_back(path + std::string(ending));
  std::ranges::reverse_copy(store::data_files_of(path), std::back_inserter(rest));
  rest.push_back(config.beside(store::kLock));
  for (const std::string& file : rest) {
    Status removed = system_files().remove(file);
    if (!removed.ok() && removed.error().code != ErrorCode::kNOT_FOUND) return removed;
  }
  return system_files().sync_directory(parent_directory(path));
}

}  // namespace tessera
