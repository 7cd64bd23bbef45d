// An encrypted database in a folder of its own, and short words for what tests ask of it.
#pragma once

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "fakes.hpp"
#include "store/database.hpp"
#include "store/errors.hpp"
#include "temp_dir.hpp"

namespace tessera::store_test {

using namespace store;

/// The value, or an exception with the error's text.
template <class T>
T require(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().text);
  return std::move(result).value();
}
inline void require(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error().text);
}

/// "ok", or the error's name and the store's reason: "crypto WRONG_KEY".
template <class T>
std::string outcome_of(const Result<T>& result) {
  if (result.ok()) return "ok";
  const std::string reason = reason_of(result.error());
  return std::string(error_name(result.error().code)) + (reason.empty() ? "" : " " + reason);
}

/// Positional parameters of a call.
template <class... Values>
std::vector<Value> list(const Values&... values) {
  return {Value::of(values)...};
}

inline std::string as_string(const Value& cell) {
  switch (cell.type) {
    case ValueType::kInteger:
    case ValueType::kBool:
      return std::to_string(cell.integer);
    case ValueType::kReal:
      return std::to_string(cell.real);
    case ValueType::kNull:
      return "null";
    default:
      return std::string(cell.text());
  }
}

/// Every row of a query, its cells joined by "|" and the rows by " ".
inline std::string rows_of(Result<std::unique_ptr<Rows>> rows) {
  const auto opened = require(std::move(rows));
  std::string all;
  for (;;) {
    const Value* const row = require(opened->next());
    if (row == nullptr) return all;
    if (!all.empty()) all += ' ';
    for (size_t index = 0; index < opened->columns().size(); ++index) {
      if (index != 0) all += '|';
      all += as_string(row[index]);
    }
  }
}

struct Store {
  Store() { config.path = folder / "app.tdb"; }
  Store(const Store&) = delete;

  Result<std::unique_ptr<Database>> try_open() {
    return Database::open(config, {key, salt}, {.clock = &clock, .random = &random, .logger = &logger},
                          policy);
  }
  void open() {
    database.reset();
    database = require(try_open());
  }
  void close() { require(database->close(1000)); }

  Result<Outcome> run(std::string_view sql, const std::vector<Value>& values = {}) {
    return database->execute(sql, {.values = values, .names = {}}, {});
  }
  Outcome execute(std::string_view sql, const std::vector<Value>& values = {}) {
    return require(run(sql, values));
  }
  Result<std::unique_ptr<Rows>> try_query(std::string_view sql, const std::vector<Value>& values = {},
                                          const CallOptions& options = {}) {
    return database->query(sql, {.values = values, .names = {}}, options);
  }
  std::string query(std::string_view sql, const std::vector<Value>& values = {}) {
    return rows_of(try_query(sql, values));
  }

  test::TempDir folder;
  test::FakeClock clock;
  test::FakeRandom random;
  Logger logger;
  SqlPolicy* policy = nullptr;
  Bytes key = Bytes(32, 0x42);
  Bytes salt = Bytes(16, 0x24);
  DatabaseConfig config;
  std::unique_ptr<Database> database;
};

/// With a table t(id, text).
struct OpenStore : Store {
  OpenStore() {
    open();
    execute("create table t(id integer primary key, text text)");
  }
};

}  // namespace tessera::store_test
