// What makes a copy trustworthy before it gets its name.
#pragma once

#include <string>
#include <vector>

#include "store/errors.hpp"
#include "store/meter.hpp"

namespace tessera::store {

inline Error damaged(std::string text) {
  return store_error(ErrorCode::kCORRUPT, "DAMAGED", std::move(text));
}

struct TableRows {
  std::string table;
  int64_t rows = 0;
};

/// "name" as SQL text.
std::string sql_name(std::string_view name);
/// Tables that hold the SDK's own keys: they leave the store in encrypted copies only.
bool holds_keys(std::string_view table);
/// Rows of every ordinary table of `schema` on `connection`.
Result<std::vector<TableRows>> count_rows(Connection& connection, Meter& meter,
                                          std::string_view schema = "main");
/// The tag of every page of the file and its log; CORRUPT names the first that does not fit.
Status check_tags(const std::string& path, const DatabaseKey& key, Meter& meter);
/// The tag of every page, then quick_check, then the counts. `key` null: a plain file without tags. Reports
/// the pages from the meter's present step on.
Status check_copy(const std::string& path, const DatabaseKey* key, const std::vector<TableRows>& expected,
                  Meter& meter);
/// Empty, or the first complaint of `pragma` ("quick_check" or "integrity_check").
Result<std::string> first_complaint(Connection& connection, std::string_view pragma);
/// A connection of our own to the file of `database`, which must be kept open by a reader meanwhile.
Result<std::unique_ptr<Connection>> open_beside(const Database& database, const DatabaseKey& key);
/// UNSUPPORTED for a database in memory.
Status require_file(const Database& database);

}  // namespace tessera::store
