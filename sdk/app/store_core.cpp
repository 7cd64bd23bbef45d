#include "app/store_core.hpp"

#include "app/store_files.hpp"
#include "base/clock.hpp"
#include "base/files.hpp"
#include "crypto/crypto.hpp"
#include "crypto/keystore.hpp"
#include "hwid/device_probe.hpp"
#include "store/file_names.hpp"

namespace tessera {

using store::Value;

StoreCore::StoreCore(StoreConfig config, Surroundings surroundings)
    : config_(std::move(config)), surroundings_(std::move(surroundings)) {}

StoreCore::~StoreCore() = default;

Result<std::shared_ptr<StoreCore>> StoreCore::open(std::string_view config_json,
                                                   const StoreSecrets& secrets) {
  TSR_ASSIGN_OR_RETURN(StoreConfig config, read_store_config(config_json));
  std::shared_ptr<DeviceProbe> probe = hwid::make_device_probe(config.app_factors);
  return open(std::move(config), {.probe = std::move(probe), .license_row = {}}, secrets);
}

Result<std::shared_ptr<StoreCore>> StoreCore::open(StoreConfig config, Surroundings surroundings,
                                                   const StoreSecrets& secrets) {
  const std::shared_ptr<StoreCore> core(new StoreCore(std::move(config), std::move(surroundings)));
  TSR_RETURN_IF_ERROR(core->start(secrets));
  return core;
}

Status StoreCore::start(const StoreSecrets& secrets) {
  if (config_.in_memory()) return open_database(nullptr, /*create=*/true);
  if (config_.database.create) TSR_RETURN_IF_ERROR(make_directories(parent_directory(config_.database.path)));
  TSR_ASSIGN_OR_RETURN(auto lock, store::InstanceLock::acquire(config_.beside(store::kLock),
                                                               config_.database.busy_timeout_ms));
  StoreFiles files(config_, key_ports());
  TSR_ASSIGN_OR_RETURN(StoreFiles::Keys keys, files.unlock(secrets));
  ring_.emplace(std::move(keys.ring));
  if (keys.moved_aside) TSR_RETURN_IF_ERROR(files.start_anew(key(), *keys.moved_aside));
  TSR_RETURN_IF_ERROR(open_database(std::move(lock), keys.is_new));
  files.discard_replaced();
  if (keys.is_new) TSR_RETURN_IF_ERROR(files.finish_creation(&*ring_));
  TSR_RETURN_IF_ERROR(check_generation());
  return note_slots();
}

Status StoreCore::open_database(std::unique_ptr<store::InstanceLock> lock, bool create) {
  tenants_ = store::Tenants::make();
  store::DatabaseConfig config = config_.database;
  config.create = create;
  config.key_is_known = true;
  const store::DatabasePorts ports{.clock = &system_clock(), .random = &system_random(), .logger = &logger_};
  TSR_ASSIGN_OR_RETURN(database_,
                       store::Database::open(config, key(), ports, tenants_.get(), std::move(lock)));
  if (surroundings_.license_row) database_->set_license_row(surroundings_.license_row);
  roots_ = std::make_unique<SealingRoots>(*database_);
  TSR_RETURN_IF_ERROR(roots_->prepare());
  TSR_ASSIGN_OR_RETURN(settings_, store::Settings::open(*database_));
  TSR_ASSIGN_OR_RETURN(cache_, store::Cache::open(*database_, config_.cache));
  TSR_ASSIGN_OR_RETURN(outbox_, store::Outbox::open(*database_, config_.outbox));
  return {};
}

Status StoreCore::prepare_parts() {
  TSR_RETURN_IF_ERROR(roots_->prepare());
  TSR_RETURN_IF_ERROR(settings_->prepare());
  TSR_RETURN_IF_ERROR(cache_->prepare());
  return outbox_->prepare();
}

Status StoreCore::check_generation() {
  if (!ring_) return {};
  constexpr std::string_view kRead =
      "select coalesce(max(value), 0) from tsr_meta where key = 'slots_generation'";
  int64_t noted = 0;
  TSR_RETURN_IF_ERROR(database_->read({}, [&](store::Connection& connection) -> Status {
    TSR_ASSIGN_OR_RETURN(noted, connection.integer(kRead));
    return {};
  }));
  return ring_->require_generation(static_cast<uint64_t>(noted));
}

Status StoreCore::note_slots() {
  if (!ring_) return {};
  {
    const std::lock_guard lock(slots_mutex_);
    slots_ = std::make_shared<const Slots>(
        Slots{.all = ring_->slots(),
              .opened_by = ring_->opened_by(),
              .weakest = ring_->protection(),
              .has_recovery_key = ring_->recovery_state() == keys::RecoveryState::kPresent});
  }
  const auto generation = static_cast<int64_t>(ring_->generation());
  return database_->write(
      {.durability = store::Durability::kStrict}, [&](store::WriteScope& scope) -> Status {
        TSR_ASSIGN_OR_RETURN(
            store::Statement statement,
            scope.connection().statement("insert into tsr_meta(key, value) values ('slots_generation', ?) "
                                         "on conflict(key) do update set value = excluded.value"));
        TSR_RETURN_IF_ERROR(statement.bind(1, Value::of(generation)));
        return statement.run();
      });
}

keys::Ports StoreCore::key_ports() {
  return {.clock = &system_clock(),
          .random = &system_random(),
          .files = &system_files(),
          .keystore = &os_keystore(),
          .probe = surroundings_.probe.get()};
}

store::DatabaseKey StoreCore::key() const {
  if (!ring_) return {};
  return {.key = ring_->data_key().key.view(), .salt = ring_->data_key().salt};
}

Status StoreCore::check_open() const {
  if (!database_->closed()) return {};
  return Error{ErrorCode::kSTATE, "store", "the store is closed; open it again", {}};
}

Status StoreCore::close(int64_t timeout_ms) { return database_->close(timeout_ms); }

}  // namespace tessera
