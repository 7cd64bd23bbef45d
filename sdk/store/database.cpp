#include "store/database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/files.hpp"
#include "store/application.hpp"
#include "store/connection_state.hpp"
#include "store/core.hpp"
#include "store/errors.hpp"
#include "store/migrations.hpp"
#include "store/rows.hpp"
#include "store/transaction.hpp"

namespace tessera::store {
namespace {

constexpr int64_t kFreeMs = 1000;  // for what still runs when nobody has closed

int64_t size_of(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 ? int64_t{status.st_size} : 0;
}

/// The writer alone, for the life of this.
class Turn {
 public:
  static Result<Turn> take(Core& core, const WorkOptions& options = {}) {
    TSR_RETURN_IF_ERROR(core.writer.take_turn(options, true));
    return Turn(core);
  }
  Turn(Turn&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (core_ != nullptr && !core_->in_child()) core_->writer.give_turn();
  }

 private:
  explicit Turn(Core& core) : core_(&core) {}
  Core* core_;
};

class Implementation final : public Database {
 public:
  explicit Implementation(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;
  ~Implementation() override {
    if (core_->in_child())
      leak(std::move(core_));
    else
      static_cast<void>(core_->close(kFreeMs));
  }

  Result<Outcome> execute(std::string_view sql, const Parameters& parameters,
                          const CallOptions& options) override {
    Outcome outcome;
    const auto work = [&](WriteScope& scope) -> Status {
      TSR_ASSIGN_OR_RETURN(outcome,
                           execute_on(scope.connection(), core_->policy, sql, parameters, options.tenant));
      return {};
    };
    WorkOptions how = work_options(options);
    how.single_statement = how.repeatable = true;
    how.alone = may_roll_back(sql);
    TSR_RETURN_IF_ERROR(run(WorkRef(work), how));
    return outcome;
  }

  Result<Outcome> execute_many(std::string_view sql, std::span<const Value> values, size_t width,
                               const CallOptions& options) override {
    Outcome outcome;
    const auto work = [&](WriteScope& scope) -> Status {
      TSR_ASSIGN_OR_RETURN(
          outcome, execute_many_on(scope.connection(), core_->policy, sql, values, width, options.tenant));
      return {};
    };
    WorkOptions how = work_options(options);
    how.repeatable = true;
    how.alone = may_roll_back(sql);
    TSR_RETURN_IF_ERROR(run(WorkRef(work), how));
    return outcome;
  }

  Status execute_script(std::string_view sql, const CallOptions& options) override {
    const auto work = [&](WriteScope& scope) -> Status {
      PolicyScope policy(core_->policy, scope.connection(), options.tenant);
      TSR_ASSIGN_OR_RETURN(const std::string_view text, policy.rewrite(sql));
      return scope.connection().run(text, Origin::kApplication);
    };
    WorkOptions how = work_options(options);
    how.repeatable = true;
    how.alone = may_roll_back(sql);
    return run(WorkRef(work), how);
  }

  Result<std::unique_ptr<Rows>> query(std::string_view sql, const Parameters& parameters,
                                      const CallOptions& options) override {
    TSR_RETURN_IF_ERROR(core_->usable());
    if (!core_->in_memory()) {
      auto rows = std::make_unique<ReaderRows>(core_);
      TSR_ASSIGN_OR_RETURN(const bool is_reading, rows->open(sql, parameters, options));
      if (is_reading) return std::unique_ptr<Rows>(std::move(rows));
    }
    RowSet copied;
    const auto work = [&](WriteScope& scope) -> Status {
      TSR_ASSIGN_OR_RETURN(copied,
                           query_on(scope.connection(), core_->policy, sql, parameters, options.tenant));
      return {};
    };
    WorkOptions how = work_options(options);
    how.single_statement = how.repeatable = true;
    how.alone = may_roll_back(sql);
    TSR_RETURN_IF_ERROR(run(WorkRef(work), how));
    return std::unique_ptr<Rows>(std::make_unique<CopiedRows>(std::move(copied)));
  }

  Result<std::unique_ptr<Transaction>> begin(const TransactionOptions& options) override {
    return begin_transaction(core_, options);
  }

  Status write(const CallOptions& options, const std::function<Status(WriteScope&)>& work) override {
    return run(WorkRef(work), work_options(options));
  }

  Status write_async(const CallOptions& options, std::function<Status(WriteScope&)> work,
                     std::function<void(Status)> done) override {
    TSR_RETURN_IF_ERROR(core_->usable());
    WorkOptions how = work_options(options);
    how.cancel = nullptr;
    return core_->writer.run_async(how, std::move(work), std::move(done));
  }

  Status read(const CallOptions& options, const std::function<Status(Connection&)>& work) override {
    TSR_RETURN_IF_ERROR(core_->usable());
    if (core_->in_memory()) return read_in_memory(options, work);
    const int64_t deadline_ns = core_->query_deadline(options.timeout_ms);
    TSR_ASSIGN_OR_RETURN(Reader* const reader, core_->readers.acquire(deadline_ns, options.cancel));
    Connection& connection = *reader->connection;
    const Status status =
        without_exceptions([&] { return in_snapshot(connection, options, deadline_ns, work); });
    const bool broken =
        sqlite3_get_autocommit(connection.get()) == 0 ||
        (!status && (status.error().code == ErrorCode::kIO || status.error().code == ErrorCode::kCORRUPT));
    core_->readers.release(*reader, broken);
    return status;
  }

  Status exclusive(const CallOptions& options, const std::function<Status(Connection&)>& work) override {
    TSR_RETURN_IF_ERROR(core_->usable());
    TSR_ASSIGN_OR_RETURN(const Turn turn, Turn::take(*core_, turn_options(options)));
    Writer& writer = core_->writer;
    TSR_ASSIGN_OR_RETURN(Connection* const connection, writer.prepare(core_->is_strict(options.durability)));
    TSR_RETURN_IF_ERROR(writer.mark_log());
    Status status = [&] {
      const LimitScope limit(*connection, kNoDeadline, options.cancel);
      return without_exceptions([&] { return work(*connection); });
    }();
    if (sqlite3_get_autocommit(connection->get()) == 0) writer.roll_back();
    writer.settle(status);
    return status;
  }

  Status replace(const Replacement& how) override {
    TSR_RETURN_IF_ERROR(core_->usable());
    if (core_->in_memory())
      return store_error(ErrorCode::kUNSUPPORTED, {}, "a store in memory has no file to replace");
    TSR_ASSIGN_OR_RETURN(const Turn turn, Turn::take(*core_));
    return core_->replace(how);
  }

  Result<std::vector<MigrationState>> migrate(std::span<const Migration> steps, bool dry_run) override {
    TSR_RETURN_IF_ERROR(core_->usable());
    TSR_ASSIGN_OR_RETURN(const Turn turn, Turn::take(*core_));
    return store::migrate(*core_, steps, dry_run);
  }

  Status checkpoint() override {
    TSR_RETURN_IF_ERROR(core_->usable());
    TSR_ASSIGN_OR_RETURN(const Turn turn, Turn::take(*core_));
    TSR_RETURN_IF_ERROR(core_->writer.prepare(core_->is_strict(Durability::kDefault)));
    const Readers::Pause pause(core_->readers);
    return core_->writer.empty_log(
        static_cast<int>(std::clamp<int64_t>(core_->config.busy_timeout_ms, 0, 60'000)));
  }

  Result<DatabaseStats> stats() override {
    TSR_RETURN_IF_ERROR(core_->usable());
    DatabaseStats stats = core_->writer.stats();
    stats.readers_open = core_->readers.open_count();
    stats.readers_busy = core_->readers.busy_count();
    if (!core_->in_memory()) {
      stats.file_bytes = size_of(core_->config.path);
      stats.wal_bytes = size_of(core_->config.path + "-wal");
      stats.is_on_network = is_on_network(core_->config.path);
      core_->readers.count_cache(&stats);
    }
    TSR_RETURN_IF_ERROR(read({}, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(stats.page_count, connection.integer("pragma page_count"));
      TSR_ASSIGN_OR_RETURN(stats.free_pages, connection.integer("pragma freelist_count"));
      TSR_ASSIGN_OR_RETURN(stats.page_size, connection.integer("pragma page_size"));
      return {};
    }));
    return stats;
  }

  Status refresh_policy() override {
    TSR_RETURN_IF_ERROR(core_->usable());
    core_->refresh_policy();
    return {};
  }

  void set_license_row(std::function<RowSet()> row) override {
    if (!core_->in_child()) core_->set_license_row(std::move(row));
  }

  Status close(int64_t timeout_ms) override { return core_->close(timeout_ms); }
  bool closed() const override { return core_->closed(); }
  const DatabaseConfig& config() const override { return core_->config; }
  Clock& clock() override { return *core_->ports.clock; }
  Random& random() override { return *core_->ports.random; }
  Logger& logger() override { return *core_->ports.logger; }

 private:
  WorkOptions work_options(const CallOptions& options) const {
    return {.strict = core_->is_strict(options.durability),
            .deadline_ns = core_->query_deadline(options.timeout_ms),
            .cancel = options.cancel};
  }
  /// What is done in a turn has no limit of its own.
  static WorkOptions turn_options(const CallOptions& options) {
    return {.deadline_ns = options.timeout_ms > 0 ? deadline_after_ms(options.timeout_ms) : kNoDeadline,
            .cancel = options.cancel};
  }

  Status run(const WorkRef& work, const WorkOptions& how) {
    TSR_RETURN_IF_ERROR(core_->usable());
    return core_->writer.run(work, how);
  }

  Status in_snapshot(Connection& connection, const CallOptions& options, int64_t deadline_ns,
                     const std::function<Status(Connection&)>& work) {
    const LimitScope limit(connection, deadline_ns, options.cancel);
    const PolicyScope policy(core_->policy, connection, options.tenant);
    {
      TSR_ASSIGN_OR_RETURN(Statement begin, connection.statement("begin"));
      TSR_RETURN_IF_ERROR(begin.run());
    }
    const Status status = without_exceptions([&] { return work(connection); });
    TSR_ASSIGN_OR_RETURN(Statement end, connection.statement("rollback"));
    const Status ended = end.run();
    return status ? ended : status;
  }

  Status read_in_memory(const CallOptions& options, const std::function<Status(Connection&)>& work) {
    const int64_t deadline_ns = core_->query_deadline(options.timeout_ms);
    TSR_ASSIGN_OR_RETURN(const Turn turn, Turn::take(*core_, turn_options(options)));
    TSR_ASSIGN_OR_RETURN(Connection* const connection, core_->writer.prepare(false));
    return in_snapshot(*connection, options, deadline_ns, work);
  }

  std::shared_ptr<Core> core_;
};

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const DatabaseConfig& config, const DatabaseKey& key,
                                                 const DatabasePorts& ports, SqlPolicy* policy,
                                                 std::unique_ptr<InstanceLock> lock) {
  auto core = std::make_shared<Core>(config, key, ports, policy);
  TSR_RETURN_IF_ERROR(core->open(std::move(lock)));
  return std::unique_ptr<Database>(std::make_unique<Implementation>(std::move(core)));
}

}  // namespace tessera::store
