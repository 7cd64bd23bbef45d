#include "store/copies.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <memory>

#include "crypto/page_cipher.hpp"
#include "store/part_file.hpp"

namespace tessera::store {
namespace {

constexpr int kPagesInStep = 256;

struct FinishBackup {
  void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

/// SQLCipher tells a damaged page of the source by the general error.
Error copy_failure(sqlite3* target, int code) {
  if (code != SQLITE_ERROR && code != SQLITE_CORRUPT && code != SQLITE_NOTADB)
    return error_of(target, code, "copy the store");
  return damaged(
      "a page of the store is damaged, so it can't be copied; run a check, then salvage or restore it");
}

/// `source` has a transaction open. It must have read, or every commit would start the copy anew.
Status copy_pages(Connection& source, Connection& target, int passes, Meter& meter) {
  TSR_RETURN_IF_ERROR(source.integer("select count(*) from sqlite_schema"));
  const std::unique_ptr<sqlite3_backup, FinishBackup> backup(
      sqlite3_backup_init(target.get(), "main", source.get(), "main"));
  if (!backup) return error_of(target.get(), sqlite3_errcode(target.get()), "start to copy the store");
  while (true) {
    const int code = sqlite3_backup_step(backup.get(), kPagesInStep);
    if (code != SQLITE_OK && code != SQLITE_DONE) return copy_failure(target.get(), code);
    const int64_t pages = sqlite3_backup_pagecount(backup.get());
    meter.expect(pages * passes);
    TSR_RETURN_IF_ERROR(meter.report(pages - sqlite3_backup_remaining(backup.get())));
    if (code == SQLITE_DONE) return {};
  }
}

/// The header that was copied says that there is a log.
Status leave_log_mode(Connection& connection) {
  TSR_RETURN_IF_ERROR(connection.integer("select count(*) from sqlite_schema"));
  TSR_ASSIGN_OR_RETURN(const std::string mode, connection.text("pragma journal_mode = delete"));
  if (mode == "delete") return {};
  return store_error(ErrorCode::kIO, {}, "the copy could not be closed without a log; try again");
}

int64_t pages_of(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return 0;
  return static_cast<int64_t>(status.st_size) / static_cast<int64_t>(PageCipher::kPageBytes);
}

Status vacuum_into(Connection& source, const std::string& path, Meter& meter) {
  const SqlMeter sql_meter(source.get(), meter, [&path] { return pages_of(path); });
  TSR_ASSIGN_OR_RETURN(Statement vacuum, source.statement("vacuum into ?"));
  TSR_RETURN_IF_ERROR(vacuum.bind(1, Value::of(std::string_view(path))));
  const Status done = vacuum.run();
  return done ? done : Status(meter.explain(done.error()));
}

}  // namespace

Result<std::vector<TableRows>> copy_snapshot(Database& database, const std::string& path,
                                             const DatabaseKey& key, int passes, Meter& meter) {
  TSR_ASSIGN_OR_RETURN(const auto target,
                       Connection::open({.path = path, .role = Role::kTool, .create = true}, &key));
  std::vector<TableRows> counts;
  const Status copied = database.read({}, [&](Connection& source) -> Status {
    TSR_RETURN_IF_ERROR(copy_pages(source, *target, passes, meter));
    TSR_ASSIGN_OR_RETURN(counts, count_rows(source, meter));
    return {};
  });
  TSR_RETURN_IF_ERROR(copied);
  TSR_RETURN_IF_ERROR(leave_log_mode(*target));
  return counts;
}

Status back_up(Database& database, const std::string& target, const DatabaseKey& target_key,
               const Progress& progress, const std::function<Status(const std::string&)>& last) {
  TSR_RETURN_IF_ERROR(require_file(database));
  TSR_ASSIGN_OR_RETURN(PartFile part, PartFile::create(target, database.config().path));
  Meter meter(progress, &database);
  TSR_ASSIGN_OR_RETURN(const auto counts, copy_snapshot(database, part.path(), target_key, 2, meter));
  TSR_RETURN_IF_ERROR(check_copy(part.path(), &target_key, counts, meter));
  if (last) TSR_RETURN_IF_ERROR(last(part.path()));
  return part.publish();
}

Status copy_compact(Database& database, const DatabaseKey& key, const std::string& target,
                    const Progress& progress) {
  TSR_RETURN_IF_ERROR(require_file(database));
  TSR_ASSIGN_OR_RETURN(PartFile part, PartFile::create(target, database.config().path));
  Meter meter(progress, &database);
  // The reader of the pool keeps the store open; the copy itself needs a connection without a transaction.
  const Status copied = database.read({}, [&](Connection&) -> Status {
    TSR_ASSIGN_OR_RETURN(const auto source, open_beside(database, key));
    TSR_ASSIGN_OR_RETURN(const int64_t pages, source->integer("pragma page_count"));
    meter.expect(2 * pages);
    return vacuum_into(*source, part.path(), meter);
  });
  TSR_RETURN_IF_ERROR(copied);
  std::vector<TableRows> counts;
  {
    TSR_ASSIGN_OR_RETURN(const auto copy,
                         Connection::open({.path = part.path(), .role = Role::kTool, .create = false}, &key));
    TSR_RETURN_IF_ERROR(leave_log_mode(*copy));
    TSR_ASSIGN_OR_RETURN(counts, count_rows(*copy, meter));
  }
  TSR_RETURN_IF_ERROR(check_copy(part.path(), &key, counts, meter));
  return part.publish();
}

}  // namespace tessera::store
