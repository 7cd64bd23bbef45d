// One SQLCipher connection, opened the one safe way, and its cached statements. One thread at a time.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "store/value.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tessera::store {

class SqlPolicy;
struct StatementSlot;

/// Nanoseconds of the steady clock, for deadlines.
int64_t steady_ns();
inline constexpr int64_t kNoDeadline = INT64_MAX;
inline int64_t deadline_after_ms(int64_t ms) { return steady_ns() + ms * 1'000'000; }

/// Borrowed raw key and database salt; goes to sqlite3_key_v2 as raw key + salt, never into SQL text.
struct DatabaseKey {
  ByteView key;   // 32 bytes
  ByteView salt;  // 16 bytes
};

enum class Role {
  kWriter,  // the store's one read-write connection: WAL, all checkpoints
  kReader,  // read-only, of the pool
  kTool,    // alone on a file that no store has open: targets and sources of care
};

struct ConnectionOptions {
  std::string path;  // empty: a private in-memory database
  Role role = Role::kTool;
  bool create = false;
  bool read_only = false;
  bool key_is_known = false;  // its check value fitted: what it does not open is DAMAGED, not WRONG_KEY
  int64_t cache_bytes = int64_t{16} << 20;
  uint32_t application_id = kApplicationId;               // 0: any
  static constexpr uint32_t kApplicationId = 0x54535244;  // "TSRD"
};

/// Whose SQL it is. The application's is kept from the SDK's tables, from what would harm a pooled connection
/// (ATTACH, temporary tables, most pragmas, BEGIN and COMMIT), and asked of the policy.
enum class Origin { kSdk, kApplication };

/// The Error of the connection's last failure with SQLite result `code`: CORRUPT (DAMAGED), DISK_FULL, IO,
/// BUSY, LIMIT, TIMEOUT (a deadline's interrupt) or CANCELLED, STATE (CONSTRAINT), ARG (SQL), NO_MEMORY.
/// `what` names the operation. SQL text of the caller may be quoted, parameters never.
Error error_of(sqlite3* database, int code, std::string_view what);

/// A cached statement in use; resets and gives it back when destroyed.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();
  /// Index counts from 1. Text and bytes must live until the statement was stepped for the last time.
  Status bind(int index, const Value& value);
  Status bind(const Parameters& parameters);
  template <class... Values>
  Status bind_all(const Values&... values) {
    int index = 0;
    Status status;
    ((status.ok() ? void(status = bind(++index, Value::of(values))) : void()), ...);
    return status;
  }
  /// True with a row, false at the end.
  Result<bool> step();
  /// Steps to the end.
  Status run();
  Value column(int index) const;
  int columns() const;
  int parameters() const;
  sqlite3_stmt* get() const { return statement_; }
  /// Names of the columns, right once it was stepped; shared, for they outlive the statement.
  std::shared_ptr<const std::vector<std::string>> names() const;

 private:
  friend class Connection;
  Statement(class Connection& owner, StatementSlot& slot);
  class Connection* owner_;
  StatementSlot* slot_;
  sqlite3_stmt* statement_;
};

class Connection {
 public:
  /// Without a key the file is plain SQLite: for imports and audited plain exports only.
  static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options, const DatabaseKey* key);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sqlite3* get() const { return database_; }
  /// Prepares or takes from the cache. ARG with SQLite's message when the text is not one statement.
  Result<Statement> statement(std::string_view sql, Origin origin = Origin::kSdk);
  /// Runs a script of statements without parameters.
  Status run(std::string_view sql, Origin origin = Origin::kSdk);
  /// First column of the first row; NOT_FOUND without a row.
  Result<int64_t> integer(std::string_view sql);
  Result<std::string> text(std::string_view sql);
  int64_t changes() const;
  int64_t last_row_id() const;
  /// Finalises every cached statement that is not in use.
  void forget_statements();
  /// Whom the authorizer asks about the application's SQL; null: nobody.
  void set_policy(SqlPolicy* policy);

 private:
  Connection();
  friend class Statement;
  friend struct ConnectionState;
  sqlite3* database_ = nullptr;
  std::unique_ptr<struct ConnectionState> state_;
};

}  // namespace tessera::store
