// The encrypted database of a store: one writer with group commit, a pool of readers, transactions, rows.
// Thread-safe unless a class says otherwise.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "store/connection.hpp"
#include "store/instance_lock.hpp"
#include "store/value.hpp"

namespace tessera::store {

struct DatabasePorts {
  Clock* clock = nullptr;
  Random* random = nullptr;
  Logger* logger = nullptr;
};

enum class Durability : int32_t { kDefault = 0, kRelaxed = 1, kStrict = 2 };

struct DatabaseConfig {
  std::string path;  // "<stem>.tdb"; "<stem>.tsq" and "<stem>.lock" lie beside it; empty: in memory
  bool create = true;
  bool key_is_known = false;  // the key's check value fitted: a file that it does not open is DAMAGED
  Durability commit = Durability::kStrict;  // what kDefault means
  int readers = 4;                          // kept open
  int max_readers = 16;                     // then BUSY
  int64_t cache_bytes = int64_t{16} << 20;
  int64_t query_timeout_ms = 0;           // 0: none
  int64_t transaction_limit_ms = 30'000;  // a transaction held longer is rolled back (TIMEOUT)
  int64_t busy_timeout_ms = 5'000;        // waiting for the writer, a reader, a closing instance
};

/// Ends running calls from another thread.
class Cancel {
 public:
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

struct CallOptions {
  Durability durability = Durability::kDefault;
  int64_t timeout_ms = 0;  // from the call to the last row, waiting included; 0: the configured one
  const std::string* tenant = nullptr;  // the scope that the caller's handle has
  const Cancel* cancel = nullptr;       // lives until the call has ended
};

struct Outcome {
  int64_t changes = 0;
  int64_t last_row_id = 0;
};

struct TransactionOptions {
  Durability durability = Durability::kDefault;
  bool any_thread = false;  // else a call from another thread than begin()'s is STATE
  int64_t timeout_ms = 0;   // for the writer to become free; 0: busy_timeout_ms
  const std::string* tenant = nullptr;
  const Cancel* cancel = nullptr;  // of the waiting
};

/// A question of SQLite's authorizer (sqlite3_set_authorizer): null or the text that belongs to `action`.
struct AccessRequest {
  int action = 0;
  const char* first = nullptr;
  const char* second = nullptr;
  const char* database = nullptr;
  const char* source = nullptr;  // innermost trigger, view or alias that leads to the access
};

/// What the SQL of an application must pass before it is prepared; see tenants.hpp. Migrations are the
/// owner's of the whole schema: they run outside enter() and leave() and are not asked about.
class SqlPolicy {
 public:
  virtual ~SqlPolicy() = default;
  /// Once for each connection after it was opened; tables may have been declared since for another one.
  virtual Status install(Connection& connection) = 0;
  /// The text to prepare for `tenant` (null: no scope). Unchanged text where nothing is declared.
  virtual Result<std::string_view> rewrite(std::string_view sql, const std::string* tenant,
                                           std::string* buffer) = 0;
  /// Before and after statements of the application run on `connection`.
  virtual void enter(Connection& connection, const std::string* tenant) = 0;
  virtual void leave(Connection& connection) = 0;
  /// Whether a statement of the application may do it, asked while it is prepared, between enter() and
  /// leave(). The error is what the caller of the SQL gets. The engine owns each connection's authorizer and
  /// asks after its own rules; never for statements of the SDK.
  virtual Status authorize(Connection& /*connection*/, const AccessRequest& /*request*/) { return {}; }
};

/// Work on the writer inside its transaction. Lives for one call.
class WriteScope {
 public:
  explicit WriteScope(Connection& connection) : connection_(connection) {}
  Connection& connection() { return connection_; }
  /// Runs `hook` on the committing thread after the commit, in the order of commits and before the call that
  /// wrote returns; not after a rollback. No mutex is held, but the writer is: to write from a hook is STATE.
  void after_commit(std::function<void()> hook) { hooks_.push_back(std::move(hook)); }
  std::vector<std::function<void()>> take_hooks() { return std::move(hooks_); }

 private:
  Connection& connection_;
  std::vector<std::function<void()>> hooks_;
};

/// Streaming rows. One thread at a time, except interrupt(). Holds a reader (or its transaction) until the
/// end of the rows or its own.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual const std::vector<std::string>& columns() const = 0;
  /// columns().size() cells that live until the next call; null at the end.
  Result<const Value*> next() {
    std::optional<Error> failure;
    const Value* const cells = next(&failure);
    if (failure) return *std::move(failure);
    return cells;
  }
  /// The same without the cost of a Result for each row: `failure` is empty before and set on an error.
  virtual const Value* next(std::optional<Error>* failure) = 0;
  /// Ends a running next() with CANCELLED. Any thread.
  virtual void interrupt() = 0;
};

/// A write transaction (BEGIN IMMEDIATE), or a savepoint inside one. Rolls back when destroyed before
/// commit(). While a nested one lives its parent refuses calls (STATE). One thread at a time.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Result<Outcome> execute(std::string_view sql, const Parameters& parameters) = 0;
  /// `rows` rows of `width` positional values each.
  virtual Result<Outcome> execute_many(std::string_view sql, std::span<const Value> values, size_t width) = 0;
  virtual Result<std::unique_ptr<Rows>> query(std::string_view sql, const Parameters& parameters) = 0;
  virtual Result<std::unique_ptr<Transaction>> nest() = 0;
  /// The SDK's own work (settings, outbox) inside it.
  virtual Status within(const std::function<Status(WriteScope&)>& work) = 0;
  virtual Status commit() = 0;
  virtual Status rollback() = 0;
};

/// Ordered, hashed steps. Applied ones are remembered in tsr_migrations with their SHA-256; user_version is
/// their number.
struct Migration {
  std::string_view name;
  std::string_view sql;
};
struct MigrationState {
  std::string name;
  bool applied_before = false;
  bool applied_now = false;
};

struct DatabaseStats {
  int64_t commits = 0, group_commits = 0, strict_commits = 0, rollbacks = 0, checkpoints = 0;
  int64_t readers_open = 0, readers_busy = 0, writer_queue = 0;
  int64_t file_bytes = 0, wal_bytes = 0, page_count = 0, free_pages = 0, page_size = 0;
  int64_t cache_hits = 0, cache_misses = 0;
  bool is_on_network = false;
};

/// Columns of "tsr_license" (TT-21). Times are milliseconds since 1970.
inline constexpr std::array<std::string_view, 8> kLicenseColumns = {
    "state", "code", "product", "plan", "license_id", "expires_at", "checked_at", "detail_json"};

/// Other content for a database; see Database::replace().
struct Replacement {
  std::function<Status()> prepare;  // readers still read, nobody writes
  std::function<Status()> swap;     // every file is closed
  std::function<Status()> undo;     // of swap, when what it put there does not open
  DatabaseKey key;                  // of the new content; its views live until replace() returns
};

/// Makes the table that every part of the SDK keeps its marks in; opening a database runs it.
inline constexpr std::string_view kMakeMarks =
    "create table if not exists tsr_meta(key text primary key, value any) strict, without rowid";

class Database {
 public:
  /// Takes the lock file (BUSY, STORE_LOCKED with the owner's pid), opens writer and readers, checks the log
  /// mark (ROLLED_BACK). `policy` may be null; it and the ports outlive the database. `lock`: the lock, when
  /// the caller has taken it already.
  static Result<std::unique_ptr<Database>> open(const DatabaseConfig& config, const DatabaseKey& key,
                                                const DatabasePorts& ports, SqlPolicy* policy,
                                                std::unique_ptr<InstanceLock> lock = nullptr);
  virtual ~Database() = default;

  /// One statement, committed by itself when it writes.
  virtual Result<Outcome> execute(std::string_view sql, const Parameters& parameters,
                                  const CallOptions& options) = 0;
  virtual Result<Outcome> execute_many(std::string_view sql, std::span<const Value> values, size_t width,
                                       const CallOptions& options) = 0;
  /// Several statements without parameters in one transaction.
  virtual Status execute_script(std::string_view sql, const CallOptions& options) = 0;
  /// Sees every write acknowledged before. A statement that writes (RETURNING) is committed first and its
  /// rows are copied.
  virtual Result<std::unique_ptr<Rows>> query(std::string_view sql, const Parameters& parameters,
                                              const CallOptions& options) = 0;
  virtual Result<std::unique_ptr<Transaction>> begin(const TransactionOptions& options) = 0;

  /// Runs `work` on the writer, in one commit with what others ask for at the same time, each in a savepoint
  /// of its own. Returns once it is committed. STATE from a thread that holds a transaction of this database,
  /// or from `work` itself.
  virtual Status write(const CallOptions& options, const std::function<Status(WriteScope&)>& work) = 0;
  /// The same without waiting; `done` runs once on the committing thread, no lock held. LIMIT when 100,000
  /// wait.
  virtual Status write_async(const CallOptions& options, std::function<Status(WriteScope&)> work,
                             std::function<void(Status)> done) = 0;
  /// Runs `work` on a reader in one snapshot, which its first statement takes.
  virtual Status read(const CallOptions& options, const std::function<Status(Connection&)>& work) = 0;
  /// Runs `work` on the writer with no transaction open and nobody else on it: backup, compaction,
  /// checkpoints, rekeying.
  virtual Status exclusive(const CallOptions& options, const std::function<Status(Connection&)>& work) = 0;

  /// Puts other content in the place of the database while nobody uses it. BUSY when rows were not read to
  /// their end within the busy timeout; on any error the old content is there. UNSUPPORTED in memory.
  virtual Status replace(const Replacement& how) = 0;

  virtual Result<std::vector<MigrationState>> migrate(std::span<const Migration> steps, bool dry_run) = 0;
  /// Moves the log into the file and empties it.
  virtual Status checkpoint() = 0;
  virtual Result<DatabaseStats> stats() = 0;
  /// Prepared statements of every connection are prepared anew and SqlPolicy::install() runs again: after a
  /// change of what policy depends on.
  virtual Status refresh_policy() = 0;

  /// What the one row of the table "tsr_license" says, which the application's SQL may read: the columns of
  /// kLicenseColumns. Called on the thread of the query, with no lock held. Null: the table is empty.
  virtual void set_license_row(std::function<RowSet()> row) = 0;

  /// Refuses new work, interrupts what runs after `timeout_ms`, waits for it, checkpoints, closes. Again is
  /// fine. Destruction without it commits what was acknowledged as well.
  virtual Status close(int64_t timeout_ms) = 0;
  virtual bool closed() const = 0;
  virtual const DatabaseConfig& config() const = 0;
  virtual Clock& clock() = 0;
  virtual Random& random() = 0;
  virtual Logger& logger() = 0;
};

}  // namespace tessera::store
