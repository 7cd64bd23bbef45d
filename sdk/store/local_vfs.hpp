// The SQLite VFS of the store's databases: one process only, so locks and the log's index live in memory (no
// -shm file, no lock calls on each read).
//
// Other processes are kept out by an OFD lock on SQLite's own lock bytes of the database file, taken with the
// first lock of the first connection and held until the last one closes; to a stock SQLite the database is
// locked. In a forked child every lock and change through a connection of the parent fails (SQLITE_IOERR) and
// closing one does nothing: the child leaks it. A database that is created is readable by its owner only.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

struct sqlite3_vfs;  // NOLINT(readability-identifier-naming): SQLite's

namespace tessera::store {

/// Name to open connections with. Registers the VFS (over the system's "unix" one) and SQLite's memory arena
/// on first use: sqlite3_config must come before any other use of SQLite, so every user calls this first.
/// Also silences what SQLCipher writes to stderr. Thread-safe.
Result<const char*> local_vfs();

/// The system's "unix" VFS, in a testing build behind the layer of vfs_faults.hpp. local_vfs() comes first.
sqlite3_vfs* disk_vfs();

/// Told what is about to happen to a write-ahead log.
class LogWatcher {
 public:
  virtual ~LogWatcher() = default;
  /// The log is about to be started anew, emptied or deleted, all of it being in the database and synced. On
  /// the thread that does it, inside SQLite. An error keeps the log as it is and fails what SQLite wanted.
  virtual Status before_reset() = 0;
};
/// From now on `watcher` is told about the log at `path`; one watcher for each log.
Status watch_log(const std::string& path, LogWatcher* watcher);
/// Waits for a running before_reset().
void unwatch_log(LogWatcher* watcher);

}  // namespace tessera::store
