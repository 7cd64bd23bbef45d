// What a Connection keeps beside SQLite's handle: cached statements, whose SQL runs, and its time limit.
#pragma once

#include <sqlite3.h>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/fork_guard.hpp"
#include "store/binding.hpp"
#include "store/connection.hpp"
#include "store/database.hpp"

namespace tessera::store {

inline constexpr size_t kCachedStatements = 64;

/// A prepared statement and what is known about it. Uncached ones end when they are given back.
struct StatementSlot {
  std::string sql;
  Origin origin = Origin::kSdk;
  sqlite3_stmt* statement = nullptr;
  int parameters = 0;
  bool in_use = false;
  bool cached = false;
  std::shared_ptr<const std::vector<std::string>> names;
  int named_at = -1;  // how often it had been prepared anew when the names were read
};

/// The statements of one connection by text, the least recently used one leaves first.
class StatementCache {
 public:
  ~StatementCache() { clear(); }
  /// Null when absent or in use.
  StatementSlot* find(std::string_view sql, Origin origin);
  /// Keeps a prepared statement; uncached when the same text is in use.
  StatementSlot& add(std::string_view sql, Origin origin, sqlite3_stmt* statement);
  void give_back(StatementSlot& slot);
  void clear();

 private:
  using Slots = std::list<StatementSlot>;
  struct Key {
    std::string_view sql;
    Origin origin;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const {
      return std::hash<std::string_view>()(key.sql) ^ static_cast<size_t>(key.origin);
    }
  };
  void shrink();
  Slots used_;      // most recent first
  Slots uncached_;  // also those in use that left the cache
  std::unordered_map<Key, Slots::iterator, Hash> by_text_;
};

/// What the authorizer can't see: reserved names in a foreign key of CREATE TABLE, and ALTER TABLE's new
/// name.
enum class TextCheck { kNone, kAllButLicense, kAll };

enum class Stop { kNone, kDeadline, kCancel };

struct ConnectionState {
  static ConnectionState* of(sqlite3* database);
  static ConnectionState& of(Connection& connection) { return *connection.state_; }

  StatementCache statements;
  SqlPolicy* policy = nullptr;
  Connection* connection = nullptr;
  Origin origin = Origin::kSdk;             // whose SQL is being prepared or run
  TextCheck text_check = TextCheck::kNone;  // of what was just prepared
  std::optional<Error> refusal;             // why the authorizer said no
  bool changes_schema = false;              // the application's SQL did; until the writer has told the policy
  int64_t deadline_ns = kNoDeadline;
  const Cancel* cancel = nullptr;
  Stop stop = Stop::kNone;  // why the time limit ended a statement
  ForkGuard fork;
};

/// Whether what waits may begin: CANCELLED, or TIMEOUT from the deadline on. `what`: "the write".
Status check_limit(int64_t deadline_ns, const Cancel* cancel, std::string_view what);

/// Ends the connection's statements at a deadline or when they are cancelled. Costs nothing without either.
void set_limit(Connection& connection, int64_t deadline_ns, const Cancel* cancel);
inline void clear_limit(Connection& connection) { set_limit(connection, kNoDeadline, nullptr); }

class LimitScope {
 public:
  LimitScope(Connection& connection, int64_t deadline_ns, const Cancel* cancel) : connection_(connection) {
    set_limit(connection, deadline_ns, cancel);
  }
  LimitScope(const LimitScope&) = delete;
  LimitScope& operator=(const LimitScope&) = delete;
  ~LimitScope() { clear_limit(connection_); }

 private:
  Connection& connection_;
};

/// Every parameter of the statement, or ARG: one that is left out is a mistake, not null.
Status bind_parameters(Statement& statement, const Parameters& parameters, Lifetime lifetime);

Status check_text(std::string_view sql, TextCheck check);

/// SQLite's authorizer of every connection; `state` is the ConnectionState.
int authorize(void* state, int action, const char* first, const char* second, const char* database,
              const char* source);

}  // namespace tessera::store
