// A bare SQLCipher connection over the store's VFS, for tests of what lies below the engine.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "store/local_vfs.hpp"

namespace tessera::store::test {

/// Raw key and salt, as sqlite3_key() takes them.
inline constexpr char kKeyText[] =
    "x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef'";

class Sql {
 public:
  explicit Sql(const std::string& path, int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {
    const auto vfs = local_vfs();
    if (!vfs) throw std::runtime_error(vfs.error().text);
    open_code_ = sqlite3_open_v2(path.c_str(), &database_, flags, *vfs);
    if (open_code_ == SQLITE_OK) sqlite3_key(database_, kKeyText, sizeof(kKeyText) - 1);
  }
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;
  ~Sql() { close(); }

  /// In the write-ahead log; `synchronous` is FULL or NORMAL.
  static constexpr const char* kWal = "pragma journal_mode = wal";

  void close() {
    sqlite3_close_v2(database_);
    database_ = nullptr;
  }
  sqlite3* get() { return database_; }
  int open_code() const { return open_code_; }
  /// The extended result code.
  int run(const std::string& sql) {
    const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? code : sqlite3_extended_errcode(database_);
  }
  /// First column of the first row; -1 when there is none.
  int64_t number(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    int64_t value = -1;
    if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
      value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
  }

 private:
  sqlite3* database_ = nullptr;
  int open_code_ = SQLITE_OK;
};

}  // namespace tessera::store::test
