// A database as another program makes it: on the stock VFS, without anything of the store's.
#pragma once

#include <sqlite3.h>

#include "care_fixture.hpp"
#include "store/local_vfs.hpp"

namespace tessera::store_test {

class Foreign {
 public:
  explicit Foreign(const std::string& path) {
    BOOST_REQUIRE(local_vfs().ok());  // configures SQLite
    BOOST_REQUIRE(sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                  nullptr) == SQLITE_OK);
  }
  Foreign(const Foreign&) = delete;
  Foreign& operator=(const Foreign&) = delete;
  ~Foreign() { sqlite3_close_v2(database_); }

  void key(ByteView key, int compatibility = 4) {
    BOOST_REQUIRE(sqlite3_key_v2(database_, "main", key.data(), static_cast<int>(key.size())) == SQLITE_OK);
    run("pragma cipher_compatibility = " + std::to_string(compatibility));
  }
  void run(const std::string& sql) {
    char* message = nullptr;
    const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message);
    BOOST_REQUIRE_MESSAGE(code == SQLITE_OK, (message == nullptr ? "" : message));
  }
  /// First column of the first row as text.
  std::string text(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    BOOST_REQUIRE(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::string found = "no row";
    if (sqlite3_step(statement) == SQLITE_ROW) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
      found = text == nullptr ? "null" : text;
    }
    sqlite3_finalize(statement);
    return found;
  }

 private:
  sqlite3* database_ = nullptr;
};

/// "x'...'", as SQLCipher takes a raw key with its salt.
inline std::string key_text(const OwnedKey& key) {
  std::string text = "x'";
  for (const Bytes* part : {&key.key, &key.salt}) {
    for (const uint8_t byte : *part) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
  }
  return text + '\'';
}

}  // namespace tessera::store_test
