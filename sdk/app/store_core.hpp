// The store as one thing: keys, database, settings, cache, outbox, encrypted files, care. Wires the areas.
// Safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "app/sealing_roots.hpp"
#include "app/store_config.hpp"
#include "app/store_secrets.hpp"
#include "base/device.hpp"
#include "base/executor.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "keys/key_ring.hpp"
#include "store/cache.hpp"
#include "store/care.hpp"
#include "store/database.hpp"
#include "store/instance_lock.hpp"
#include "store/outbox.hpp"
#include "store/settings.hpp"
#include "store/tenants.hpp"

namespace tessera {

enum class ImportKind : int32_t { kTessera = 0, kPlain = 1, kSqlcipher = 2 };

class StoreCore {
 public:
  /// What an application lends its store: the probe of the device, and what "tsr_license" says.
  struct Surroundings {
    std::shared_ptr<DeviceProbe> probe;
    std::function<store::RowSet()> license_row;
  };

  static Result<std::shared_ptr<StoreCore>> open(std::string_view config_json, const StoreSecrets& secrets);
  static Result<std::shared_ptr<StoreCore>> open(StoreConfig config, Surroundings surroundings,
                                                 const StoreSecrets& secrets);
  StoreCore(const StoreCore&) = delete;
  StoreCore& operator=(const StoreCore&) = delete;
  ~StoreCore();

  /// STATE once closed.
  Status check_open() const;
  store::Database& database() { return *database_; }
  store::Settings& settings() { return *settings_; }
  store::Cache& cache() { return *cache_; }
  store::Outbox& outbox() { return *outbox_; }
  store::Tenants& tenants() { return *tenants_; }
  sealed::Roots& roots() { return *roots_; }
  Logger& logger() { return logger_; }
  Strand& strand() { return strand_; }
  Status close(int64_t timeout_ms);

  // Keys; see tessera/store_keys.h. A store in memory has none (UNSUPPORTED).
  /// Rows (slot, type, name, kdf, created_ms, opened).
  Result<store::RowSet> slots();
  Status add_slot(keys::SlotType type, const StoreSecrets& secrets);
  Status remove_slot(int64_t slot);
  Status change_passphrase(ByteView old_passphrase, ByteView new_passphrase);
  Result<SecretBytes> create_recovery_key();
  bool has_recovery_key();
  /// The weakest way in; nothing when closed or in memory.
  std::optional<keys::SlotType> protection();
  Status rebind_device();
  Status rotate_data_key(const StoreSecrets& secrets, bool drop_slots, const store::Progress& progress);
  /// "x'" and 96 hex digits and "'"; audited.
  Result<SecretBytes> export_data_key(std::string_view reason);

  // Care; see tessera/store_care.h.
  Status back_up(const std::string& path, const store::Progress& progress);
  Status compact(const store::Progress& progress);
  Status export_to(const std::string& path, const StoreSecrets& secrets, const store::Progress& progress);
  Status export_plain(const std::string& path, std::string_view reason, const store::Progress& progress);
  Status import_from(const std::string& path, ImportKind kind, const StoreSecrets& secrets,
                     const store::Progress& progress);
  /// Rows (problem).
  Result<store::RowSet> check(const store::Progress& progress);
  /// docs/reference/store-stats.md is its shape.
  Result<std::string> stats_json();
  /// Rows (at_ms, action, reason).
  Result<store::RowSet> audit();
  /// One row (tables, rows, pages_read, pages_damaged, damaged_tables).
  static Result<store::RowSet> salvage(std::string_view config_json, const StoreSecrets& secrets,
                                       const std::string& json_lines, const store::Progress& progress);
  static Status erase(std::string_view config_json);

 private:
  struct Slots {
    std::vector<keys::SlotInfo> all;
    std::optional<keys::SlotInfo> opened_by;
    keys::SlotType weakest = keys::SlotType::kDevice;
    bool has_recovery_key = false;
  };

  StoreCore(StoreConfig config, Surroundings surroundings);
  Status start(const StoreSecrets& secrets);
  Status open_database(std::unique_ptr<store::InstanceLock> lock, bool create);
  /// Makes the tables that an imported database may lack.
  Status prepare_parts();
  /// CORRUPT (SLOTS_OLD) when the database has seen newer slots.
  Status check_generation();
  /// After each change of the slots: tells them to slots() and its like, and to check_generation() from now
  /// on.
  Status note_slots();
  keys::Ports key_ports();
  Result<keys::KeyRing*> ring();
  /// STATE once closed, UNSUPPORTED in memory.
  Result<std::shared_ptr<const Slots>> slots_now();
  store::DatabaseKey key() const;
  /// Puts the file that `make` writes to its argument in the place of the database.
  Status replace_database(const std::function<Status(const std::string& path)>& make,
                          const store::DatabaseKey& new_key);

  const StoreConfig config_;
  const Surroundings surroundings_;
  Logger logger_;
  Strand strand_;
  std::mutex keys_mutex_;  // guards ring_; held for as long as a copy or a key derivation takes
  std::optional<keys::KeyRing> ring_;
  std::mutex slots_mutex_;
  std::shared_ptr<const Slots> slots_;  // as of the last change, for who must not wait; null in memory
  // In the order of their use: the database is destroyed before what it refers to.
  std::unique_ptr<store::Tenants> tenants_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Settings> settings_;
  std::unique_ptr<store::Cache> cache_;
  std::unique_ptr<store::Outbox> outbox_;
  std::unique_ptr<SealingRoots> roots_;
};

}  // namespace tessera
