// A store that is open, with real files.
#pragma once

#include "base/log.hpp"
#include "care_fixture.hpp"
#include "crypto/crypto.hpp"

namespace tessera::store_test {

struct CareStore {
  CareStore() { open(); }

  void open() {
    config.path = path;
    database =
        require(Database::open(config, key.view(), {&system_clock(), &system_random(), &logger}, nullptr));
  }
  void close() {
    require(database->close(5000));
    database.reset();
  }
  Outcome run(std::string_view sql) { return require(database->execute(sql, {}, {})); }
  void script(std::string_view sql) { require(database->execute_script(sql, {})); }
  int64_t number(std::string_view sql) {
    const auto rows = require(database->query(sql, {}, {}));
    const Value* row = require(rows->next());
    BOOST_REQUIRE(row != nullptr);
    return row->integer;
  }
  /// `count` notes of some 300 bytes.
  void add_notes(int count) {
    run("with recursive n(i) as (select 1 union all select i + 1 from n where i < " + std::to_string(count) +
        ") insert into note(title, body) select 'title ' || i, hex(zeroblob(150)) from n");
  }
  /// Files in the folder that are neither the store's nor named here.
  std::vector<std::string> strange_files(const std::set<std::string>& expected) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with("app.") && !expected.contains(name)) found.push_back(name);
    }
    return found;
  }

  test::TempDir dir;
  OwnedKey key;
  OwnedKey other_key{77};
  Logger logger;
  DatabaseConfig config;
  std::string path = dir / "app.tdb";
  std::string target = dir / "copy.tdb";
  std::unique_ptr<Database> database;
};

}  // namespace tessera::store_test
