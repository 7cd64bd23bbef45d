// A database on disk with a clock that tests set, and short ways to use it.
#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fakes.hpp"
#include "store/database.hpp"
#include "temp_dir.hpp"

namespace tessera {

inline std::ostream& operator<<(std::ostream& out, ErrorCode code) { return out << error_name(code); }

namespace store::feature_test {

template <class T>
std::string message_of(const Result<T>& result) {
  return result.ok() ? "it worked" : result.error().text;
}
template <class T>
ErrorCode error_of(const Result<T>& result) {
  return result.ok() ? ErrorCode::kOk : result.error().code;
}
template <class T>
T require(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.ok(), message_of(result));
  return std::move(result).value();
}
inline void require(const Status& status) { BOOST_REQUIRE_MESSAGE(status.ok(), message_of(status)); }

inline constexpr int64_t kSecondMs = 1000, kMinuteMs = 60 * kSecondMs, kHourMs = 60 * kMinuteMs,
                         kDayMs = 24 * kHourMs;

struct World {
  explicit World(SqlPolicy* asked = nullptr) : policy(asked) { open(); }
  World(const World&) = delete;

  void open() {
    DatabaseConfig config;
    config.path = folder / "store.tdb";
    config.commit = Durability::kRelaxed;
    database = require(Database::open(config, {raw_key, salt}, {&clock, &random, &logger}, policy));
  }
  /// As after a crash of the process: what was acknowledged is there.
  void reopen() {
    database.reset();
    open();
  }
  void script(std::string_view sql) { require(database->execute_script(sql, {})); }

  SqlPolicy* policy;
  test::TempDir folder;
  Bytes raw_key = Bytes(32, 7);
  Bytes salt = Bytes(16, 9);
  test::FakeClock clock;
  test::FakeRandom random;
  Logger logger;
  std::unique_ptr<Database> database;
};

inline std::string shown(const Value& value) {
  switch (value.type) {
    case ValueType::kNull:
      return "null";
    case ValueType::kInteger:
      return std::to_string(value.integer);
    case ValueType::kReal:
      return std::to_string(value.real);
    case ValueType::kBool:
      return value.integer != 0 ? "true" : "false";
    case ValueType::kText:
    case ValueType::kBlob:
    case ValueType::kJson:
      return std::string(value.text());
  }
  return "?";
}

/// Cells separated by "|", rows by a blank.
inline Result<std::string> rows_of(Result<std::unique_ptr<Rows>> rows) {
  if (!rows) return rows.error();
  std::string text;
  for (;;) {
    const auto row = (*rows)->next();
    if (!row) return row.error();
    if (*row == nullptr) return text;
    if (!text.empty()) text += " ";
    for (size_t i = 0; i < (*rows)->columns().size(); ++i) text += (i == 0 ? "" : "|") + shown((*row)[i]);
  }
}

}  // namespace store::feature_test
}  // namespace tessera
