// Care of a database: backup, copies, import, salvage, checks, statistics. Long work reports progress and can
// be cancelled.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.hpp"

namespace tessera::store {

/// From time to time, with `done` only growing. False ends the work with CANCELLED; nothing half made stays.
/// Runs on the calling thread and must not use the database.
using Progress = std::function<bool(int64_t done, int64_t total)>;

// Every function that writes a file writes "<target>.part" with owner-only rights, checks it, syncs it and
// renames it: `target` is the old file, or absent, until the new one is complete. A regular file at `target`
// is replaced; a link, a file of the store itself or a database that has a log beside it is refused. Copies
// have no log, so that they open from a read-only folder. They hold one snapshot; writers go on meanwhile.
// UNSUPPORTED for a database in memory.

/// Online copy, page by page under `target_key`: a backup with the database's own key, an export or the
/// first half of a key rotation with a new one (SQLCipher's own export would lose row ids and versions).
/// Checked: the tag of every page, quick_check, row counts. `last`, when given, changes the copy, whose path
/// it gets, before it takes its name.
Status back_up(Database& database, const std::string& target, const DatabaseKey& target_key,
               const Progress& progress, const std::function<Status(const std::string& path)>& last = {});
/// Copy without free pages, under the same key (`key`). Checked as back_up() does.
Status copy_compact(Database& database, const DatabaseKey& key, const std::string& target,
                    const Progress& progress);
/// Plain SQLite file. `reason` (ARG when empty) and time are first written to tsr_audit (strict) and logged.
/// SDK tables with keys are left out.
Status export_plain(Database& database, const std::string& target, std::string_view reason,
                    const Progress& progress);
/// Adds a row (time, event, reason) to tsr_audit, strict, and logs it: for what takes data out of the store.
Status record_audit(Database& database, std::string_view event, std::string_view reason);

struct ForeignSource {
  enum class Kind { kPlain, kSqlcipher } kind = Kind::kPlain;
  ByteView passphrase;    // SQLCipher: passphrase, or
  ByteView raw_key;       // 32 bytes
  int compatibility = 0;  // 1 to 4; 0 tries 4, 3, 2, 1
};
/// Converts a copy of `source` to `target` under `target_key`, checked; row ids and user_version stay.
/// `source` is never changed, no program may have it open, and its log or journal is taken along.
/// CRYPTO: WRONG_KEY (or not of SQLCipher 1 to 4), NOT_ENCRYPTED, or an encrypted file taken for a plain
/// one. CORRUPT: the source is damaged; salvage tells what is left of a Tessera file.
Status import_foreign(const std::string& source, const ForeignSource& how, const std::string& target,
                      const DatabaseKey& target_key, const Progress& progress);

/// Opens `path`, which no store may have open, and checks the tag of every page, the trees and their row
/// counts. CORRUPT says what is wrong first.
Status verify_file(const std::string& path, const DatabaseKey& key, const Progress& progress);

struct CheckReport {
  bool ok = false;
  int64_t pages = 0;
  std::vector<std::string> problems;  // at most 100, without content
};
/// Every page of the file and its log, every tree, every reference between tables, of one snapshot and
/// without holding up writers.
Result<CheckReport> check(Database& database, const DatabaseKey& key, const Progress& progress);

struct SalvageReport {
  int64_t tables = 0, rows = 0, pages_read = 0, pages_damaged = 0;
  std::vector<std::string> damaged_tables;
};
/// Reads what can be read of a damaged file and its log, page by page, into JSON lines
/// {"table":...,"row":{...}} (see docs/adr/0024). The file is opened read-only; no store may have it open.
/// Rows of SDK tables that hold keys are left out as long as the schema can be read. CRYPTO (WRONG_KEY) when
/// no page opens.
Result<SalvageReport> salvage(const std::string& path, const DatabaseKey& key, const std::string& json_lines,
                              const Progress& progress);
/// Renames the database with its log and mark to "<path>.damaged-<UTC time>" (never deletes); gives the new
/// name. A note of it stays until end_move_aside(), when there is another database at `path`: whatever ends
/// the process before, the next one goes on.
Result<std::string> move_aside(const std::string& path, Clock& clock);
/// The new name of a move that has a note, which is brought to its end; nothing when there is none.
Result<std::optional<std::string>> resume_move_aside(const std::string& path);
Status end_move_aside(const std::string& path);

}  // namespace tessera::store
