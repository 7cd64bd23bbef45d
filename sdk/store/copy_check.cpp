#include "store/copy_check.hpp"

#include <sqlite3.h>

#include "store/page_file.hpp"

namespace tessera::store {
namespace {

constexpr uint32_t kPagesBetweenReports = 256;

}  // namespace

Status check_tags(const std::string& path, const DatabaseKey& key, Meter& meter) {
  TSR_ASSIGN_OR_RETURN(PageFile pages, PageFile::open(path, key));
  if (pages.page_count() == 0) return damaged(path + " is empty");
  const int64_t before = meter.done();
  for (uint32_t number = 1; number <= pages.page_count(); ++number) {
    if (!PageFile::is_lock_page(number) && !pages.authentic(number)) {
      return damaged("page " + std::to_string(number) + " of " + path +
                     " is damaged or was written under another key; do not use this file");
    }
    if (number % kPagesBetweenReports == 0) TSR_RETURN_IF_ERROR(meter.report(before + number));
  }
  return meter.report(before + pages.page_count());
}

std::string sql_name(std::string_view name) {
  std::string text = "\"";
  for (const char letter : name) {
    if (letter == '"') text += '"';
    text += letter;
  }
  return text + '"';
}

bool holds_keys(std::string_view table) { return table.starts_with("tsr_secret"); }

Result<std::vector<TableRows>> count_rows(Connection& connection, Meter& meter, std::string_view schema) {
  const SqlMeter sql_meter(connection.get(), meter);
  std::vector<TableRows> counts;
  {
    TSR_ASSIGN_OR_RETURN(
        Statement tables,
        connection.statement("select name from " + sql_name(schema) +
                             ".sqlite_schema where type = 'table' and rootpage > 0 order by name"));
    while (true) {
      TSR_ASSIGN_OR_RETURN(const bool row, tables.step());
      if (!row) break;
      counts.push_back({std::string(tables.column(0).text()), 0});
    }
  }
  for (TableRows& table : counts) {
    const auto rows =
        connection.integer("select count(*) from " + sql_name(schema) + "." + sql_name(table.table));
    if (!rows) return meter.explain(rows.error());
    table.rows = *rows;
  }
  return counts;
}

Result<std::string> first_complaint(Connection& connection, std::string_view pragma) {
  auto answer = connection.text("pragma " + std::string(pragma) + "(1)");
  if (answer && *answer == "ok") answer->clear();
  return answer;
}

Status check_copy(const std::string& path, const DatabaseKey* key, const std::vector<TableRows>& expected,
                  Meter& meter) {
  if (key != nullptr) TSR_RETURN_IF_ERROR(check_tags(path, *key, meter));
  TSR_ASSIGN_OR_RETURN(
      const auto connection,
      Connection::open({.path = path, .role = Role::kTool, .create = false, .read_only = true}, key));
  {
    const SqlMeter sql_meter(connection->get(), meter);
    const auto complaint = first_complaint(*connection, "quick_check");
    if (!complaint) return meter.explain(complaint.error());
    if (!complaint->empty())
      return damaged("the copy is damaged (" + *complaint + "); check the store, then copy it again");
  }
  TSR_ASSIGN_OR_RETURN(const auto counts, count_rows(*connection, meter));
  if (counts.size() != expected.size())
    return damaged("the copy has " + std::to_string(counts.size()) + " tables instead of " +
                   std::to_string(expected.size()) + "; copy the store again");
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i].table == expected[i].table && counts[i].rows == expected[i].rows) continue;
    return damaged("the copy has other rows in " + expected[i].table +
                   "; check the store, then copy it again");
  }
  return {};
}

Result<std::unique_ptr<Connection>> open_beside(const Database& database, const DatabaseKey& key) {
  TSR_ASSIGN_OR_RETURN(
      auto connection,
      Connection::open({.path = database.config().path, .role = Role::kReader, .key_is_known = true}, &key));
  // The log is the store's to empty.
  sqlite3_db_config(connection->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return connection;
}

Status require_file(const Database& database) {
  if (!database.config().path.empty()) return {};
  return store_error(ErrorCode::kUNSUPPORTED, {},
                     "a store in memory has no file to copy; query it and write the rows to another store");
}

}  // namespace tessera::store
