// A disk below SQLite that fails, fills up or loses power where a test says. All files that the store's
// SQLite opens and the log mark go through it. Compiled only in a TESSERA_TESTING build.
#pragma once

#ifdef TESSERA_TESTING
#include <cstdint>
#include <limits>
#include <optional>

struct sqlite3_vfs;  // NOLINT(readability-identifier-naming): SQLite's

namespace tessera::testing {

/// The "unix" VFS behind the faults below; made on first use.
sqlite3_vfs* faulty_vfs();

enum DiskFile : uint32_t { kDatabaseFile = 1, kLogFile = 2, kMarkFile = 4, kAnyFile = 7 };
enum DiskCall : uint32_t { kReadCall = 1, kWriteCall = 2, kSyncCall = 4, kAnyCall = 7 };

/// Calls `calls` on files `files` fail, after `skip` of them that work, `count` times.
struct DiskFault {
  uint32_t files = kAnyFile;
  uint32_t calls = kAnyCall;
  bool full = false;  // writes: no space; else an I/O error
  int64_t skip = 0;
  int64_t count = std::numeric_limits<int64_t>::max();
};
/// In place of the fault that is set; nothing ends it.
void set_disk_fault(const std::optional<DiskFault>& fault);
/// How many calls failed by a fault since it was set.
int64_t disk_faults_met();

/// What of the unsynced writes is on the disk when the power is back.
enum class DiskSurvivors {
  kSynced,  // nothing: content and names as of their last syncs
  kTorn,    // of each file a random part of the 512-byte sectors, in any order, some of them in part
  kAll,     // all
};

/// From now on remembers of each file what was synced. No file that matters may be open.
void record_disk();
/// The power fails before change `changes` (0: the next one) of a recorded disk: a write, truncation, sync or
/// deletion. From then on every call fails and nothing changes any more.
void cut_disk_after(int64_t changes);
/// Changes since record_disk().
int64_t disk_changes();
bool disk_is_dark();
/// Puts on the disk what survived and ends recording. All files must be closed.
void restore_disk(DiskSurvivors survivors, uint64_t seed);

}  // namespace tessera::testing
#endif
