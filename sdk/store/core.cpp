#include "store/core.hpp"

#include <algorithm>

#include "store/connection_state.hpp"
#include "store/errors.hpp"
#include "store/file_names.hpp"
#include "store/license_view.hpp"

namespace tessera::store {
namespace {

constexpr int kSwapMs = 1000;

}  // namespace

Core::Core(const DatabaseConfig& with, const DatabaseKey& key, const DatabasePorts& given, SqlPolicy* asked)
    : config(with),
      ports(given),
      policy(asked),
      readers(*this),
      writer(*this),
      key_(key.key),
      salt_(key.salt) {}

Core::~Core() = default;

Status Core::usable() const {
  if (in_child())
    return store_error(ErrorCode::kFORKED, {},
                       "the store belongs to the parent process; open it again after fork");
  if (closed()) return store_error(ErrorCode::kSTATE, "CLOSED", "the store is closed; open it again");
  return {};
}

Status Core::open(std::unique_ptr<InstanceLock> taken) {
  if (in_memory()) {
    TSR_RETURN_IF_ERROR(writer.open());
    return found();
  }
  lock = std::move(taken);
  if (lock == nullptr) {
    TSR_ASSIGN_OR_RETURN(lock,
                         InstanceLock::acquire(stem_of(config.path).append(kLock), config.busy_timeout_ms));
  }
  TSR_ASSIGN_OR_RETURN(mark, LogMark::open(stem_of(config.path).append(kMark), config.path + "-wal"));
  TSR_RETURN_IF_ERROR(mark->check());
  TSR_RETURN_IF_ERROR(writer.open());
  file_is_known_ = true;
  // What a crash left in the log; when it can't be moved now, it will be later.
  if (const Status emptied = writer.empty_log(0); !emptied)
    ports.logger->write(LogLevel::kWarn, kArea, "log_kept", emptied.error().text);
  return found();
}

/// Makes the table that every part of the SDK keeps its marks in.
Status Core::found() {
  TSR_ASSIGN_OR_RETURN(
      const int64_t exists,
      writer.connection()->integer("select count(*) from sqlite_master where name = 'tsr_meta'"));
  if (exists != 0) return {};
  const auto work = [](WriteScope& scope) { return scope.connection().run(kMakeMarks); };
  return writer.run(WorkRef(work), {.strict = true});
}

Status Core::close(int64_t timeout_ms) {
  if (in_child()) return usable();
  std::unique_lock closing(close_mutex_, std::try_to_lock);
  if (!closing.owns_lock()) {
    if (writer.is_telling()) return store_error(ErrorCode::kBUSY, {}, "another thread is closing the store");
    closing.lock();
  }
  if (closed()) return {};
  const int64_t deadline_ns = deadline_after_ms(std::clamp<int64_t>(timeout_ms, 0, int64_t{1} << 40));
  TSR_RETURN_IF_ERROR(writer.stop(deadline_ns));
  closed_.store(true);
  readers.close(deadline_ns);
  writer.close();
  lock.reset();
  return {};
}

Status Core::replace(const Replacement& how) {
  TSR_RETURN_IF_ERROR(writer.prepare(is_strict(Durability::kDefault)));
  TSR_RETURN_IF_ERROR(how.prepare());
  const Readers::Pause pause(readers);
  TSR_RETURN_IF_ERROR(readers.close_idle(busy_deadline()));
  TSR_RETURN_IF_ERROR(writer.empty_log(kSwapMs));
  writer.disconnect();
  Status swapped = how.swap();
  if (swapped) {
    SecretBytes old_key = std::exchange(key_, SecretBytes(how.key.key));
    SecretBytes old_salt = std::exchange(salt_, SecretBytes(how.key.salt));
    swapped = writer.open();
    // The policy learns the new content's tables before anybody reads them.
    if (swapped) {
      const auto prepared = writer.prepare(is_strict(Durability::kDefault));
      if (!prepared) swapped = prepared.error();
    }
    if (swapped) return {};
    writer.disconnect();
    key_ = std::move(old_key);
    salt_ = std::move(old_salt);
    TSR_RETURN_IF_ERROR(how.undo());
  }
  TSR_RETURN_IF_ERROR(writer.open());
  return swapped;
}

Result<std::unique_ptr<Connection>> Core::connect(Role role) {
  ConnectionOptions options;
  options.path = config.path;
  options.role = role;
  options.create = role == Role::kWriter && config.create && !file_is_known_;
  options.key_is_known = config.key_is_known || file_is_known_;
  options.cache_bytes = config.cache_bytes;
  const DatabaseKey key{key_.view(), salt_.view()};
  TSR_ASSIGN_OR_RETURN(auto connection, Connection::open(options, in_memory() ? nullptr : &key));
  connection->set_policy(policy);
  TSR_RETURN_IF_ERROR(add_license_view(*connection, *this));
  return connection;
}

Status Core::refresh(Connection& connection, uint64_t* epoch) {
  const uint64_t now = epoch_.load(std::memory_order_acquire);
  if (*epoch == now) return {};
  connection.forget_statements();
  if (policy != nullptr) TSR_RETURN_IF_ERROR(policy->install(connection));
  *epoch = now;
  return {};
}

int64_t Core::query_deadline(int64_t timeout_ms) const {
  const int64_t limit_ms = timeout_ms > 0 ? timeout_ms : config.query_timeout_ms;
  return limit_ms > 0 ? deadline_after_ms(limit_ms) : kNoDeadline;
}

int64_t Core::busy_deadline() const {
  return deadline_after_ms(std::max<int64_t>(config.busy_timeout_ms, 0));
}

void Core::set_license_row(std::function<RowSet()> row) {
  const std::lock_guard guard(license_mutex_);
  license_row_ = std::move(row);
}

RowSet Core::license_row() {
  std::function<RowSet()> row;
  {
    const std::lock_guard guard(license_mutex_);
    row = license_row_;
  }
  return row ? row() : RowSet();
}

}  // namespace tessera::store
