#include "store/application.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "store/binding.hpp"
#include "store/connection_state.hpp"
#include "store/errors.hpp"
#include "store/rows.hpp"

namespace tessera::store {
namespace {

/// What statements change between its making and outcome().
class Count {
 public:
  explicit Count(sqlite3* database) : database_(database), before_(sqlite3_total_changes64(database)) {
    sqlite3_set_last_insert_rowid(database_, 0);
  }
  bool has_changes() const { return sqlite3_total_changes64(database_) != before_; }
  Outcome outcome() const {
    if (!has_changes()) return {};
    return {sqlite3_changes64(database_), sqlite3_last_insert_rowid(database_)};
  }

 private:
  sqlite3* const database_;
  const int64_t before_;
};

}  // namespace

Result<Outcome> execute_on(Connection& connection, SqlPolicy* policy, std::string_view sql,
                           const Parameters& parameters, const std::string* tenant) {
  PolicyScope scope(policy, connection, tenant);
  TSR_ASSIGN_OR_RETURN(const std::string_view text, scope.rewrite(sql));
  TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement(text, Origin::kApplication));
  TSR_RETURN_IF_ERROR(statement.bind(parameters));
  const Count count(connection.get());
  TSR_RETURN_IF_ERROR(statement.run());
  return count.outcome();
}

Result<Outcome> execute_many_on(Connection& connection, SqlPolicy* policy, std::string_view sql,
                                std::span<const Value> values, size_t width, const std::string* tenant) {
  if (width == 0 ? !values.empty() : values.size() % width != 0)
    return store_error(ErrorCode::kARG, {}, "the values do not fill whole rows");
  PolicyScope scope(policy, connection, tenant);
  TSR_ASSIGN_OR_RETURN(const std::string_view text, scope.rewrite(sql));
  TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement(text, Origin::kApplication));
  if (values.empty()) return Outcome{};
  if (static_cast<size_t>(statement.parameters()) != width)
    return store_error(ErrorCode::kARG, "SQL",
                       "the SQL has " + std::to_string(statement.parameters()) +
                           " parameters, but rows have " + std::to_string(width) + " values");
  sqlite3* const database = connection.get();
  sqlite3_stmt* const prepared = statement.get();
  const int count = static_cast<int>(width);
  Outcome outcome;
  const Count total(database);
  for (const Value* row = values.data(); row != values.data() + values.size(); row += width) {
    for (int index = 0; index < count; ++index)
      if (const int code = bind_value(prepared, index + 1, row[index], Lifetime::kBorrowed);
          code != SQLITE_OK)
        return error_of(database, code, "bind a parameter");
    const int64_t before = sqlite3_total_changes64(database);
    int code = sqlite3_step(prepared);
    while (code == SQLITE_ROW) code = sqlite3_step(prepared);
    if (code != SQLITE_DONE) {
      Error error = error_of(database, code, "run the SQL");
      error.text += " (row " + std::to_string(static_cast<size_t>(row - values.data()) / width + 1) + ")";
      return error;
    }
    sqlite3_reset(prepared);
    if (sqlite3_total_changes64(database) != before) outcome.changes += sqlite3_changes64(database);
  }
  outcome.last_row_id = total.outcome().last_row_id;
  return outcome;
}

Result<RowSet> query_on(Connection& connection, SqlPolicy* policy, std::string_view sql,
                        const Parameters& parameters, const std::string* tenant) {
  PolicyScope scope(policy, connection, tenant);
  TSR_ASSIGN_OR_RETURN(const std::string_view text, scope.rewrite(sql));
  TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement(text, Origin::kApplication));
  TSR_RETURN_IF_ERROR(statement.bind(parameters));
  return copy_rows(statement);
}

bool may_roll_back(std::string_view sql) {
  constexpr std::string_view kWord = "rollback";
  const auto same_letter = [](char a, char b) { return (a | 0x20) == b; };
  return std::search(sql.begin(), sql.end(), kWord.begin(), kWord.end(), same_letter) != sql.end();
}

}  // namespace tessera::store
