#include "store/migrations.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/crypto.hpp"
#include "store/errors.hpp"

namespace tessera::store {
namespace {

struct Applied {
  std::string name;
  Bytes hash;
};

constexpr std::string_view kTable =
    "create table if not exists tsr_migrations("
    "number integer primary key, name text not null, sha256 blob not null, applied_ms integer not null) "
    "strict";

Result<std::vector<Applied>> read_applied(Connection& connection) {
  std::vector<Applied> applied;
  TSR_ASSIGN_OR_RETURN(
      const int64_t exists,
      connection.integer("select count(*) from sqlite_master where name = 'tsr_migrations'"));
  if (exists == 0) return applied;
  TSR_ASSIGN_OR_RETURN(Statement rows,
                       connection.statement("select name, sha256 from tsr_migrations order by number"));
  for (;;) {
    TSR_ASSIGN_OR_RETURN(const bool has_row, rows.step());
    if (!has_row) return applied;
    const ByteView hash = rows.column(1).bytes();
    applied.push_back({std::string(rows.column(0).text()), Bytes(hash.begin(), hash.end())});
  }
}

Status check(std::span<const Migration> steps, const std::vector<Applied>& applied, int64_t version) {
  const auto known = static_cast<int64_t>(steps.size());
  if (version > known || static_cast<int64_t>(applied.size()) > known)
    return store_error(ErrorCode::kUNSUPPORTED, "NEWER_SCHEMA",
                       "the database has schema version " + std::to_string(version) +
                           ", but this application knows only " + std::to_string(known) +
                           "; use a newer version of the application");
  if (version != static_cast<int64_t>(applied.size()))
    return store_error(ErrorCode::kSTATE, "MIGRATION_CHANGED",
                       "the database's user_version is " + std::to_string(version) + ", but " +
                           std::to_string(applied.size()) +
                           " migrations were applied; leave user_version to the migrations");
  for (size_t place = 0; place < applied.size(); ++place) {
    const Sha256 hash = sha256(as_bytes(steps[place].sql));
    if (std::equal(hash.begin(), hash.end(), applied[place].hash.begin(), applied[place].hash.end()))
      continue;
    return store_error(
        ErrorCode::kSTATE, "MIGRATION_CHANGED",
        "the migration \"" + std::string(steps[place].name) +
            "\" was changed after it had been applied; restore its text and add a new migration");
  }
  return {};
}

Error in_step(const Migration& step, Error error) {
  error.text = "the migration \"" + std::string(step.name) + "\" failed and was undone: " + error.text;
  return error;
}

/// Foreign keys are not enforced in a migration, or a table that others refer to could not be rebuilt.
Status check_foreign_keys(Connection& connection) {
  TSR_ASSIGN_OR_RETURN(Statement rows, connection.statement("pragma foreign_key_check"));
  TSR_ASSIGN_OR_RETURN(const bool has_row, rows.step());
  if (!has_row) return {};
  return store_error(
      ErrorCode::kSTATE, "CONSTRAINT",
      "a row of the table \"" + std::string(rows.column(0).text()) + "\" refers to one that does not exist");
}

class Migrations {
 public:
  Migrations(Core& core, std::span<const Migration> steps, bool dry_run)
      : core_(core), steps_(steps), dry_run_(dry_run) {}

  Result<std::vector<MigrationState>> run() {
    TSR_ASSIGN_OR_RETURN(Connection* const connection, core_.writer.prepare(is_strict()));
    TSR_ASSIGN_OR_RETURN(const std::vector<Applied> applied, read_applied(*connection));
    TSR_ASSIGN_OR_RETURN(const int64_t version, connection->integer("pragma user_version"));
    TSR_RETURN_IF_ERROR(check(steps_, applied, version));
    for (size_t place = 0; place < steps_.size(); ++place)
      states_.push_back({std::string(steps_[place].name), place < applied.size(), false});
    if (applied.size() == steps_.size()) return std::move(states_);
    TSR_RETURN_IF_ERROR(connection->run("pragma foreign_keys=off"));
    Status status = dry_run_ ? rehearse(applied.size()) : apply(applied.size());
    // A writer that met a read error is another one by now.
    if (Connection* const current = core_.writer.connection())
      if (Status on = current->run("pragma foreign_keys=on"); status && !on) status = on;
    if (!status) return std::move(status).error();
    return std::move(states_);
  }

 private:
  bool is_strict() const { return core_.is_strict(Durability::kDefault); }

  Status apply(size_t from) {
    for (size_t place = from; place < steps_.size(); ++place) {
      TSR_RETURN_IF_ERROR(core_.writer.begin(is_strict()));
      Status status = run_step(place);
      if (status)
        status = core_.writer.commit(is_strict());
      else
        core_.writer.roll_back();
      if (!status) return in_step(steps_[place], std::move(status).error());
      states_[place].applied_now = true;
    }
    return {};
  }

  Status rehearse(size_t from) {
    TSR_RETURN_IF_ERROR(core_.writer.begin(false));
    Status status;
    size_t place = from;
    for (; place < steps_.size() && status; ++place) status = run_step(place);
    core_.writer.roll_back();
    if (!status) return in_step(steps_[place - 1], std::move(status).error());
    for (place = from; place < steps_.size(); ++place) states_[place].applied_now = true;
    return {};
  }

  Status run_step(size_t place) {
    Connection& connection = *core_.writer.connection();
    const Migration& step = steps_[place];
    // The owner of the schema changes rows of every tenant.
    connection.set_policy(nullptr);
    Status status = connection.run(step.sql, Origin::kApplication);
    connection.set_policy(core_.policy);
    TSR_RETURN_IF_ERROR(status);
    TSR_RETURN_IF_ERROR(check_foreign_keys(connection));
    TSR_RETURN_IF_ERROR(connection.run(kTable));
    const Sha256 hash = sha256(as_bytes(step.sql));
    TSR_ASSIGN_OR_RETURN(Statement insert,
                         connection.statement("insert into tsr_migrations values(?, ?, ?, ?)"));
    TSR_RETURN_IF_ERROR(insert.bind_all(static_cast<int64_t>(place) + 1, step.name, ByteView(hash),
                                        core_.ports.clock->wall_ms()));
    TSR_RETURN_IF_ERROR(insert.run());
    return connection.run("pragma user_version=" + std::to_string(place + 1));
  }

  Core& core_;
  const std::span<const Migration> steps_;
  const bool dry_run_;
  std::vector<MigrationState> states_;
};

}  // namespace

Result<std::vector<MigrationState>> migrate(Core& core, std::span<const Migration> steps, bool dry_run) {
  return Migrations(core, steps, dry_run).run();
}

}  // namespace tessera::store
