#include "store/connection.hpp"

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <new>

#include "base/unique_fd.hpp"
#include "store/connection_state.hpp"
#include "store/errors.hpp"
#include "store/local_vfs.hpp"
#include "text/hex.hpp"

namespace tessera::store {
namespace {

constexpr const char* kStateName = "tessera";
constexpr std::string_view kPlainMagic{"SQLite format 3\0", 16};
constexpr int kMostSqlBytes = 1 << 20;
constexpr int kStepsBetweenChecks = 1000;  // of SQLite's virtual machine, some 20 microseconds
constexpr int kBusyTimeoutMs = 5000;

/// Steps of the virtual machine ask whether time is up.
int is_over(void* argument) {
  auto& state = *static_cast<ConnectionState*>(argument);
  if (state.cancel != nullptr && state.cancel->cancelled()) {
    state.stop = Stop::kCancel;
    return 1;
  }
  if (state.deadline_ns != kNoDeadline && steady_ns() >= state.deadline_ns) {
    state.stop = Stop::kDeadline;
    return 1;
  }
  return 0;
}

/// What lies at the path of a database before it is opened.
struct FileOnDisk {
  bool exists = false;
  int64_t size = 0;
  bool is_plain = false;  // begins as an unencrypted SQLite file
};

Result<FileOnDisk> look_at(const std::string& path) {
  FileOnDisk found;
  const UniqueFd fd = open_plain(path, O_RDONLY);
  if (!fd.valid()) {
    const int number = errno;
    if (number == ENOENT) return found;
    if (number == ELOOP)
      return store_error(ErrorCode::kPERMISSION, "LINK",
                         "could not open the database: its path is a symbolic link; name the file itself");
    return error_from_errno(kArea, "open the database", number);
  }
  struct stat status{};
  if (fstat(fd.get(), &status) != 0) return error_from_errno(kArea, "open the database", errno);
  if (!is_regular(status))
    return store_error(ErrorCode::kARG, {}, "could not open the database: its path is not a file");
  found.exists = true;
  found.size = status.st_size;
  std::array<char, kPlainMagic.size()> head{};
  const ssize_t read = retry_interrupted([&] { return ::pread(fd.get(), head.data(), head.size(), 0); });
  if (read < 0) return error_from_errno(kArea, "read the database", errno);
  found.is_plain = std::string_view(head.data(), static_cast<size_t>(read)) == kPlainMagic;
  return found;
}

bool has_log(const std::string& path) {
  struct stat status{};
  return stat((path + "-wal").c_str(), &status) == 0 && status.st_size > 0;
}

/// With the links of its folder resolved, for SQLite refuses links in any part of a path.
std::string resolved(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path given(path);
  const std::filesystem::path folder =
      std::filesystem::canonical(given.has_parent_path() ? given.parent_path() : ".", failed);
  return failed ? path : (folder / given.filename()).string();
}

Error not_encrypted() {
  return store_error(ErrorCode::kCRYPTO, "NOT_ENCRYPTED",
                     "the database is a plain SQLite file and not encrypted; import it instead");
}

Error data_missing() {
  return store_error(ErrorCode::kCORRUPT, "DATA_MISSING",
                     "the database file is missing or empty although it was there before; restore a backup");
}

Status check_file(const ConnectionOptions& options, const FileOnDisk& file, bool has_key) {
  if (file.size == 0) {
    if (!options.create || has_log(options.path)) return data_missing();
    return {};
  }
  if (file.is_plain && has_key) return not_encrypted();
  return {};
}

Status exec(sqlite3* database, const char* sql, std::string_view what) {
  const int code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return error_of(database, code, what);
}

/// Gives the key as bytes of SQLCipher's raw form x'<key><salt>', never as SQL: SQL may be logged.
Status give_key(sqlite3* database, const DatabaseKey& key) {
  constexpr size_t kKeyBytes = 32;
  constexpr size_t kSaltBytes = 16;
  if (key.key.size() != kKeyBytes || key.salt.size() != kSaltBytes)
    return store_error(ErrorCode::kARG, {}, "the database's key must have 32 bytes and its salt 16");
  constexpr size_t kHexDigits = (kKeyBytes + kSaltBytes) * 2;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, kHexDigits + 3> form{};
  size_t place = 0;
  form[place++] = 'x';
  form[place++] = '\'';
  for (const ByteView part : {key.key, key.salt})
    for (const uint8_t byte : part) {
      form[place++] = kDigits[byte >> 4];
      form[place++] = kDigits[byte & 0xf];
    }
  form[place++] = '\'';
  const int code = sqlite3_key_v2(database, "main", form.data(), static_cast<int>(form.size()));
  wipe(form.data(), form.size());
  if (code != SQLITE_OK) return error_of(database, code, "set the database's key");
  // Before the key it has no effect, and SQLCipher would print to stderr.
  return exec(database, "PRAGMA cipher_log_level=NONE", "quiet SQLCipher's log");
}

Status limit_powers(sqlite3* database, ConnectionState& state) {
  for (const int option : {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_FKEY})
    if (const int code = sqlite3_db_config(database, option, 1, nullptr); code != SQLITE_OK)
      return error_of(database, code, "set the connection up");
  for (const int option : {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
                           SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML})
    if (const int code = sqlite3_db_config(database, option, 0, nullptr); code != SQLITE_OK)
      return error_of(database, code, "set the connection up");
  sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, kMostSqlBytes);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 1);  // VACUUM and exports of the SDK attach one
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  sqlite3_wal_autocheckpoint(database, 0);
  if (const int code = sqlite3_set_authorizer(database, authorize, &state); code != SQLITE_OK)
    return error_of(database, code, "set the connection up");
  return {};
}

/// Reads the schema: the first time that SQLCipher uses the key.
Status check_key(Connection& connection, const ConnectionOptions& options, bool has_key) {
  const auto tables = connection.integer("select count(*) from sqlite_master");
  if (tables) return {};
  if (sqlite3_errcode(connection.get()) != SQLITE_NOTADB) return tables.error();
  if (!has_key) return store_error(ErrorCode::kCRYPTO, {}, "the file is not a SQLite database");
  if (options.key_is_known)
    return store_error(
        ErrorCode::kCORRUPT, "DAMAGED",
        "the beginning of the database is damaged; restore a backup, or salvage what can be read");
  return store_error(ErrorCode::kCRYPTO, "WRONG_KEY",
                     "the key does not open the database; it may be that of another one");
}

Status check_application(Connection& connection, const ConnectionOptions& options) {
  if (options.application_id == 0) return {};
  TSR_ASSIGN_OR_RETURN(const int64_t id, connection.integer("pragma application_id"));
  if (static_cast<uint32_t>(id) == options.application_id) return {};
  return store_error(ErrorCode::kCRYPTO, "FOREIGN_FILE",
                     "the database belongs to another application; name the file of this one");
}

Status set_pragmas(Connection& connection, const ConnectionOptions& options) {
  const std::string sql =
      "pragma synchronous=normal; pragma cell_size_check=on; pragma secure_delete=on;"
      "pragma temp_store=memory; pragma mmap_size=0; pragma journal_size_limit=8388608;"
      "pragma cache_size=-" +
      std::to_string(options.cache_bytes / 1024);
  return exec(connection.get(), sql.c_str(), "set the connection up");
}

/// Before the first table: what can't be changed later without rewriting the file. In one transaction, or a
/// crash in between would leave a file that seems to be another application's.
Status found(Connection& connection, const ConnectionOptions& options) {
  const std::string sql = "begin; pragma auto_vacuum=incremental; pragma application_id=" +
                          std::to_string(options.application_id) + "; commit";
  return exec(connection.get(), sql.c_str(), "create the database");
}

Status use_log(Connection& connection) {
  TSR_ASSIGN_OR_RETURN(const std::string mode, connection.text("pragma journal_mode=wal"));
  if (mode == "wal") return {};
  return store_error(ErrorCode::kUNSUPPORTED, {},
                     "the database can't keep a write-ahead log where it lies; choose a local folder");
}

}  // namespace

int64_t steady_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

ConnectionState* ConnectionState::of(sqlite3* database) {
  if (database == nullptr) return nullptr;
  return static_cast<ConnectionState*>(sqlite3_get_clientdata(database, kStateName));
}

void set_limit(Connection& connection, int64_t deadline_ns, const Cancel* cancel) {
  ConnectionState& state = ConnectionState::of(connection);
  const bool was_limited = state.deadline_ns != kNoDeadline || state.cancel != nullptr;
  const bool is_limited = deadline_ns != kNoDeadline || cancel != nullptr;
  state.deadline_ns = deadline_ns;
  state.cancel = cancel;
  state.stop = Stop::kNone;
  if (was_limited == is_limited) return;
  sqlite3_progress_handler(connection.get(), is_limited ? kStepsBetweenChecks : 0,
                           is_limited ? is_over : nullptr, &state);
}

Status check_limit(int64_t deadline_ns, const Cancel* cancel, std::string_view what) {
  if (cancel != nullptr && cancel->cancelled())
    return store_error(ErrorCode::kCANCELLED, {}, std::string(what) + " was cancelled before it began");
  if (deadline_ns != kNoDeadline && steady_ns() >= deadline_ns)
    return store_error(ErrorCode::kTIMEOUT, {},
                       std::string(what) + " did not begin within its time limit; try again");
  return {};
}

Connection::Connection() : state_(std::make_unique<ConnectionState>()) { state_->connection = this; }

Connection::~Connection() {
  if (state_->fork.in_child()) {
    static_cast<void>(state_.release());  // the parent's; whatever its handle holds stays untouched
    return;
  }
  state_->statements.clear();
  sqlite3_close_v2(database_);
}

void Connection::set_policy(SqlPolicy* policy) { state_->policy = policy; }

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options,
                                                     const DatabaseKey* key) {
  TSR_ASSIGN_OR_RETURN(const char* const vfs, local_vfs());
  const bool in_memory = options.path.empty();
  const bool read_only = options.read_only || options.role == Role::kReader;
  const bool has_key = key != nullptr && !in_memory;
  FileOnDisk file;
  if (!in_memory) {
    TSR_ASSIGN_OR_RETURN(file, look_at(options.path));
    TSR_RETURN_IF_ERROR(check_file(options, file, has_key));
  }

  std::unique_ptr<Connection> connection(new Connection());
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  flags |= read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (in_memory) flags |= SQLITE_OPEN_MEMORY | SQLITE_OPEN_CREATE;
  if (options.create && !read_only) flags |= SQLITE_OPEN_CREATE;
  const std::string path = in_memory ? ":memory:" : resolved(options.path);
  const int code = sqlite3_open_v2(path.c_str(), &connection->database_, flags, in_memory ? nullptr : vfs);
  sqlite3* const database = connection->database_;
  if (code != SQLITE_OK) return error_of(database, code, "open the database");
  if (sqlite3_set_clientdata(database, kStateName, connection->state_.get(), nullptr) != SQLITE_OK)
    throw std::bad_alloc();

  if (has_key) {
    TSR_RETURN_IF_ERROR(give_key(database, *key));
    const auto version = connection->text("pragma cipher_version");
    if (!version || version->empty())
      return store_error(ErrorCode::kCRYPTO, "NOT_ENCRYPTED",
                         "the SQLite in this process can't encrypt, so the database is not opened; "
                         "report how Tessera was linked");
  }
  TSR_RETURN_IF_ERROR(limit_powers(database, *connection->state_));
  TSR_RETURN_IF_ERROR(check_key(*connection, options, has_key));

  // A crash while it was created leaves a journal that has just undone it.
  TSR_ASSIGN_OR_RETURN(const int64_t pages, connection->integer("pragma page_count"));
  if (pages == 0 && !in_memory && !options.create) return data_missing();
  const bool is_new = !read_only && pages == 0;
  if (is_new)
    TSR_RETURN_IF_ERROR(found(*connection, options));
  else if (has_key)
    TSR_RETURN_IF_ERROR(check_application(*connection, options));
  if (options.role == Role::kWriter && !in_memory) TSR_RETURN_IF_ERROR(use_log(*connection));
  TSR_RETURN_IF_ERROR(set_pragmas(*connection, options));
  if (has_key && is_new) {
    TSR_ASSIGN_OR_RETURN(const FileOnDisk written, look_at(options.path));
    if (written.is_plain) return not_encrypted();
  }
  return connection;
}

}  // namespace tessera::store
