#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/files.hpp"
#include "base/unique_fd.hpp"
#include "crypto/crypto.hpp"
#include "store/copy_check.hpp"
#include "store/file_names.hpp"
#include "store/local_vfs.hpp"
#include "store/part_file.hpp"

namespace tessera::store {
namespace {

constexpr int kNewestCompatibility = 4;
constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::array<const char*, 3> kRowIdNames = {"rowid", "_rowid_", "oid"};

Error unreadable_source(const std::string& path, const ForeignSource& how) {
  if (how.kind == ForeignSource::Kind::kPlain)
    return store_error(ErrorCode::kCRYPTO, {},
                       path + " is encrypted or no SQLite database; give its key, or choose another file");
  return store_error(ErrorCode::kCRYPTO, "WRONG_KEY",
                     path + " does not open with this key as a SQLCipher " +
                         (how.compatibility == 0 ? "1 to 4" : std::to_string(how.compatibility)) +
                         " database; check the key, or the file is damaged");
}

/// "x'...'": SQLCipher's form of a raw key. In locked memory, never part of SQL text.
SecretBytes raw_key_text(std::initializer_list<ByteView> parts) {
  size_t bytes = 0;
  for (const ByteView part : parts) bytes += part.size();
  SecretBytes text(2 * bytes + 3);
  uint8_t* out = text.writable().data();
  *out++ = 'x';
  *out++ = '\'';
  for (const ByteView part : parts) {
    for (const uint8_t byte : part) {
      *out++ = static_cast<uint8_t>(kHexDigits[byte >> 4]);
      *out++ = static_cast<uint8_t>(kHexDigits[byte & 15]);
    }
  }
  *out = '\'';
  return text;
}

Status copy_file(const std::string& from, const std::string& to, Meter* meter) {
  constexpr size_t kStep = size_t{1} << 20;
  const UniqueFd source = open_plain(from, O_RDONLY);
  if (!source.valid()) return error_from_errno("store", "open " + from, errno);
  struct stat status{};
  if (fstat(source.get(), &status) != 0) return error_from_errno("store", "examine " + from, errno);
  if (!is_regular(status)) return store_error(ErrorCode::kIO, {}, from + " is not a regular file");
  UniqueFd target = open_plain(to, O_WRONLY);
  if (!target.valid()) return error_from_errno("store", "open " + to, errno);
  Bytes buffer(kStep);
  while (true) {
    const ssize_t count = retry_interrupted([&] { return ::read(source.get(), buffer.data(), kStep); });
    if (count < 0) return error_from_errno("store", "read " + from, errno);
    if (count == 0) break;
    ByteView rest = ByteView(buffer).first(static_cast<size_t>(count));
    while (!rest.empty()) {
      const ssize_t written =
          retry_interrupted([&] { return ::write(target.get(), rest.data(), rest.size()); });
      if (written < 0) return error_from_errno("store", "write " + to, errno);
      rest = rest.subspan(static_cast<size_t>(written));
    }
    TSR_RETURN_IF_ERROR(meter->check());
  }
  if (const int error = target.close(); error != 0) return error_from_errno("store", "write " + to, error);
  return {};
}

/// The source with its log or journal, so that SQLite can bring it to its last commit.
Status copy_source(const std::string& source, const std::string& to, Meter* meter) {
  TSR_RETURN_IF_ERROR(copy_file(source, to, meter));
  for (const char* log : {"-wal", "-journal"}) {
    struct stat status{};
    if (lstat((source + log).c_str(), &status) != 0 || status.st_size == 0) continue;
    TSR_RETURN_IF_ERROR(system_files().write(to + log, {}));
    TSR_RETURN_IF_ERROR(copy_file(source + log, to + log, meter));
  }
  return {};
}

/// A connection as SQLite opens it, without what a store demands of its own files.
class ForeignDatabase {
 public:
  static Result<ForeignDatabase> open(const std::string& path, const ForeignSource& how, int compatibility) {
    TSR_ASSIGN_OR_RETURN(const char* vfs, local_vfs());
    ForeignDatabase foreign;
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, vfs);
    foreign.handle_.reset(handle);
    if (code != SQLITE_OK) return error_of(handle, code, "open " + path);
    if (how.kind == ForeignSource::Kind::kSqlcipher) TSR_RETURN_IF_ERROR(foreign.unlock(how, compatibility));
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    TSR_RETURN_IF_ERROR(foreign.run("pragma cell_size_check = on"));
    return foreign;
  }

  sqlite3* get() const { return handle_.get(); }

  Status run(const std::string& sql) {
    const int code = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Status() : error_of(get(), code, "import");
  }
  /// First column of the rows.
  Result<std::vector<std::string>> texts(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(get(), sql.c_str(), -1, &statement, nullptr);
    std::vector<std::string> found;
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
      found.emplace_back(text == nullptr ? "" : text);
      code = SQLITE_OK;
    }
    const Status status = code == SQLITE_DONE ? Status() : error_of(get(), code, "import");
    sqlite3_finalize(statement);
    TSR_RETURN_IF_ERROR(status);
    return found;
  }
  Result<std::string> text(const std::string& sql) {
    TSR_ASSIGN_OR_RETURN(std::vector<std::string> found, texts(sql));
    return found.empty() ? std::string() : std::move(found.front());
  }

  /// `path` becomes the schema "target" under `key`.
  Status attach(const std::string& path, const DatabaseKey& key) {
    const SecretBytes key_text = raw_key_text({key.key, key.salt});
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(get(), "attach ? as target key ?", -1, &statement, nullptr);
    if (code == SQLITE_OK) {
      sqlite3_bind_text(statement, 1, path.data(), static_cast<int>(path.size()), SQLITE_STATIC);
      sqlite3_bind_text(statement, 2, reinterpret_cast<const char*>(key_text.view().data()),
                        static_cast<int>(key_text.size()), SQLITE_STATIC);
      code = sqlite3_step(statement);
    }
    const Status status = code == SQLITE_DONE ? Status() : error_of(get(), code, "open the target");
    sqlite3_finalize(statement);
    return status;
  }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  Status unlock(const ForeignSource& how, int compatibility) {
    const SecretBytes key = how.raw_key.empty() ? SecretBytes(how.passphrase) : raw_key_text({how.raw_key});
    const int code = sqlite3_key_v2(get(), "main", key.view().data(), static_cast<int>(key.size()));
    if (code != SQLITE_OK) return error_of(get(), code, "set the key of the source");
    return run("pragma cipher_log_level = none; pragma cipher_compatibility = " +
               std::to_string(compatibility));
  }

  std::unique_ptr<sqlite3, Close> handle_;
};

/// The source as what it proves to be.
Result<ForeignDatabase> open_source(const std::string& copy, const std::string& source,
                                    const ForeignSource& how, Meter* meter) {
  const bool guess = how.kind == ForeignSource::Kind::kSqlcipher && how.compatibility == 0;
  int compatibility = guess ? kNewestCompatibility : how.compatibility;
  const int last = guess ? 1 : compatibility;
  for (; compatibility >= last; --compatibility) {
    TSR_RETURN_IF_ERROR(meter->check());
    auto opened = ForeignDatabase::open(copy, how, compatibility);
    if (!opened) {
      if (opened.error().code != ErrorCode::kCORRUPT) return opened;
      continue;
    }
    const auto tables = opened->text("select count(*) from sqlite_master");
    if (tables) return opened;
    // A key that does not fit shows as NOTADB, or as the general error of a page that can't be opened.
    if (tables.error().code != ErrorCode::kCORRUPT && tables.error().code != ErrorCode::kARG)
      return tables.error();
  }
  return unreadable_source(source, how);
}

std::string literal(std::string_view text) {
  std::string quoted_text = "'";
  for (const char letter : text) quoted_text.append(letter == '\'' ? 2 : 1, letter);
  return quoted_text + '\'';
}

/// SQLCipher's export numbers the rows of tables without an integer primary key anew.
Status keep_row_ids(ForeignDatabase& source) {
  TSR_ASSIGN_OR_RETURN(
      const auto tables,
      source.texts(
          "select l.name from pragma_table_list l join main.sqlite_master m on m.name = l.name and m.type = "
          "'table' where l.schema = 'main' and l.type in ('table', 'shadow') and l.wr = 0 and l.name not "
          "like "
          "'sqlite\\_%' escape '\\' and not exists (select 1 from pragma_table_xinfo(l.name, 'main') c where "
          "c.pk = 1 and lower(c.type) = 'integer' and (select count(*) from pragma_table_xinfo(l.name, "
          "'main') "
          "p where p.pk > 0) = 1)"));
  for (const std::string& table : tables) {
    const std::string name = sql_name(table);
    TSR_ASSIGN_OR_RETURN(const auto columns, source.texts("select name from pragma_table_xinfo(" +
                                                          literal(table) + ", 'main') where hidden = 0"));
    const auto row_id = std::find_if(kRowIdNames.begin(), kRowIdNames.end(), [&](const char* candidate) {
      return std::none_of(columns.begin(), columns.end(), [candidate](const std::string& column) {
        return sqlite3_stricmp(column.c_str(), candidate) == 0;
      });
    });
    if (row_id == kRowIdNames.end()) continue;
    const std::string id(*row_id);
    TSR_ASSIGN_OR_RETURN(const std::string numbered, source.text(std::string("select count(*) = 0 or (min(")
                                                                     .append(id)
                                                                     .append(") = 1 and max(")
                                                                     .append(id)
                                                                     .append(") = count(*)) from main.")
                                                                     .append(name)));
    if (numbered == "1") continue;
    std::string list = id;
    for (const std::string& column : columns) list.append(", ").append(sql_name(column));
    TSR_RETURN_IF_ERROR(source.run(std::string("delete from target.")
                                       .append(name)
                                       .append("; insert into target.")
                                       .append(name)
                                       .append("(")
                                       .append(list)
                                       .append(") select ")
                                       .append(list)
                                       .append(" from main.")
                                       .append(name)));
  }
  return {};
}

Status convert(ForeignDatabase& source, const std::string& target, const DatabaseKey& key, Meter& meter) {
  const SqlMeter sql_meter(source.get(), meter, [&target] {
    struct stat status{};
    return stat(target.c_str(), &status) == 0 ? static_cast<int64_t>(status.st_size) : 0;
  });
  TSR_ASSIGN_OR_RETURN(const std::string complaint, source.text("pragma main.quick_check(1)"));
  if (complaint != "ok")
    return damaged("the source is damaged (" + complaint + "); repair it with its own tools first");
  TSR_ASSIGN_OR_RETURN(const std::string version, source.text("pragma main.user_version"));
  TSR_RETURN_IF_ERROR(source.attach(target, key));
  TSR_RETURN_IF_ERROR(
      source.run("pragma target.auto_vacuum = incremental; pragma target.journal_mode = memory; select "
                 "sqlcipher_export('target')"));
  // Attached anew: the export leaves the connection with a schema that lacks virtual tables.
  TSR_RETURN_IF_ERROR(source.run("detach target"));
  TSR_RETURN_IF_ERROR(source.attach(target, key));
  TSR_RETURN_IF_ERROR(source.run("pragma target.journal_mode = memory; begin"));
  TSR_RETURN_IF_ERROR(keep_row_ids(source));
  return source.run("pragma target.user_version = " + version + "; pragma target.application_id = " +
                    std::to_string(ConnectionOptions::kApplicationId) + "; commit; detach target");
}

Result<std::vector<TableRows>> count_source(ForeignDatabase& source, Meter& meter) {
  const SqlMeter sql_meter(source.get(), meter);
  TSR_ASSIGN_OR_RETURN(
      const auto tables,
      source.texts("select name from sqlite_master where type = 'table' and rootpage > 0 order by name"));
  std::vector<TableRows> counts;
  for (const std::string& table : tables) {
    TSR_ASSIGN_OR_RETURN(const std::string rows, source.text("select count(*) from " + sql_name(table)));
    counts.push_back({table, std::stoll(rows)});
  }
  return counts;
}

Result<bool> begins_plain(const std::string& path) {
  const UniqueFd file = open_plain(path, O_RDONLY);
  if (!file.valid()) return error_from_errno("store", "open " + path, errno);
  std::array<char, kMagic.size()> start{};
  const ssize_t count = retry_interrupted([&] { return ::read(file.get(), start.data(), start.size()); });
  if (count < 0) return error_from_errno("store", "read " + path, errno);
  if (count == 0) return store_error(ErrorCode::kCORRUPT, "DATA_MISSING", path + " is empty");
  return std::string_view(start.data(), static_cast<size_t>(count)) == kMagic;
}

Status check_how(const std::string& source, const ForeignSource& how) {
  if (how.compatibility < 0 || how.compatibility > kNewestCompatibility)
    return store_error(ErrorCode::kARG, {}, "a SQLCipher version to import is 1 to 4, or 0 to find out");
  TSR_ASSIGN_OR_RETURN(const bool plain, begins_plain(source));
  if (how.kind == ForeignSource::Kind::kPlain) return plain ? Status() : unreadable_source(source, how);
  if (how.raw_key.empty() == how.passphrase.empty())
    return store_error(ErrorCode::kARG, {}, "a SQLCipher file opens with a passphrase or with a raw key");
  if (!how.raw_key.empty() && how.raw_key.size() != 32)
    return store_error(ErrorCode::kARG, {}, "a raw key of SQLCipher is 32 bytes");
  if (plain)
    return store_error(ErrorCode::kCRYPTO, "NOT_ENCRYPTED",
                       source + " is not encrypted; import it as a plain SQLite file");
  return {};
}

}  // namespace

Status import_foreign(const std::string& source, const ForeignSource& how, const std::string& target,
                      const DatabaseKey& target_key, const Progress& progress) {
  TSR_RETURN_IF_ERROR(check_how(source, how));
  TSR_ASSIGN_OR_RETURN(PartFile part, PartFile::create(target, source));
  TSR_ASSIGN_OR_RETURN(const PartFile copy, PartFile::create(target + std::string(kForeignCopy), source));
  Meter meter(progress);
  struct stat status{};
  if (stat(source.c_str(), &status) == 0) meter.expect(2 * static_cast<int64_t>(status.st_size));
  TSR_RETURN_IF_ERROR(copy_source(source, copy.path(), &meter));
  std::vector<TableRows> counts;
  {
    TSR_ASSIGN_OR_RETURN(ForeignDatabase opened, open_source(copy.path(), source, how, &meter));
    const Status converted = convert(opened, part.path(), target_key, meter);
    if (!converted) return meter.explain(converted.error());
    auto counted = count_source(opened, meter);
    if (!counted) return meter.explain(counted.error());
    counts = std::move(*counted);
  }
  TSR_RETURN_IF_ERROR(check_copy(part.path(), &target_key, counts, meter));
  return part.publish();
}

}  // namespace tessera::store
