#include "store/local_vfs.hpp"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#include "base/files.hpp"
#include "base/fork_guard.hpp"
#include "base/unique_fd.hpp"
#include "crypto/openssl.hpp"
#include "store/arena.hpp"
#include "store/vfs_faults.hpp"

namespace tessera::store {
namespace {

constexpr char kName[] = "tessera";
// The bytes of a database file that every SQLite locks: PENDING, RESERVED and 510 SHARED ones.
constexpr off_t kLockBytes = 0x40000000;
constexpr off_t kLockByteCount = 512;

/// Who holds one lock of the log's index: -1 one connection alone, else how many share it.
struct alignas(64) IndexLock {
  std::atomic<int32_t> holders{0};

  bool share() {
    int32_t now = holders.load(std::memory_order_relaxed);
    while (now >= 0) {
      if (holders.compare_exchange_weak(now, now + 1, std::memory_order_acquire, std::memory_order_relaxed))
        return true;
    }
    return false;
  }
  bool take() {
    int32_t nobody = 0;
    return holders.compare_exchange_strong(nobody, -1, std::memory_order_acquire, std::memory_order_relaxed);
  }
  void unshare() { holders.fetch_sub(1, std::memory_order_release); }
  void give() { holders.store(0, std::memory_order_release); }
};

struct LocalFile;

/// What the connections of this process to one database file have in common.
struct SharedFile {
  dev_t device = 0;
  ino_t inode = 0;
  UniqueFd lock_file;
  SharedFile* next = nullptr;
  int connections = 0;  // under the registry's mutex

  std::mutex mutex;  // of all below but the index's locks
  bool locked = false;
  int readers = 0;              // connections at SHARED or above
  LocalFile* writer = nullptr;  // at RESERVED or above
  bool pending = false;         // the writer waits for the readers to leave
  std::vector<std::unique_ptr<std::byte[]>> index;
  int index_users = 0;

  std::array<IndexLock, SQLITE_SHM_NLOCK> index_locks;
  std::atomic<uint32_t> barriers{0};
};

struct WatchedLog {
  std::string path;
  LogWatcher* watcher;
};

struct Registry {
  uint64_t token = process_token();
  std::mutex mutex;
  SharedFile* files = nullptr;
  std::mutex watch_mutex;  // held while a watcher runs
  std::vector<WatchedLog> logs;
};

constinit std::atomic<Registry*> current_registry{nullptr};

/// The registry of this process; a forked child starts with an empty one, for a thread that it does not have
/// may hold its parent's.
Registry& registry() {
  Registry* known = current_registry.load(std::memory_order_acquire);
  if (known != nullptr && known->token == process_token()) return *known;
  auto* made = new Registry;
  if (current_registry.compare_exchange_strong(known, made)) return *made;
  delete made;
  return *current_registry.load(std::memory_order_acquire);
}

/// Memory of SQLite: an object of ours, the file of the disk's VFS behind it.
struct LocalFile {
  sqlite3_file base{};
  int level = SQLITE_LOCK_NONE;  // SQLITE_LOCK_*
  uint16_t shared = 0;           // index locks held, a bit each
  uint16_t exclusive = 0;
  bool uses_index = false;
  uint64_t token = 0;
  SharedFile* file = nullptr;      // of a database
  const char* log_path = nullptr;  // of a log; SQLite keeps it as long as the file is open

  sqlite3_file* disk() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  bool in_child() const { return token != process_token(); }
};
static_assert(sizeof(LocalFile) % alignof(std::max_align_t) == 0 || alignof(LocalFile) == 8);

LocalFile* local(sqlite3_file* file) { return reinterpret_cast<LocalFile*>(file); }
sqlite3_file* disk(sqlite3_file* file) { return local(file)->disk(); }

/// Keeps other processes out; SQLITE_BUSY when one is in. With `file.mutex` held.
int lock_out_others(SharedFile& file) {
  if (file.locked) return SQLITE_OK;
  const int mode = fcntl(file.lock_file.get(), F_GETFL);
  struct flock lock{};
  // A file that can't be written can only be locked for reading; nobody of our rights writes it either.
  lock.l_type = (mode & O_ACCMODE) == O_RDONLY ? F_RDLCK : F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kLockBytes;
  lock.l_len = kLockByteCount;
  if (retry_interrupted([&] { return fcntl(file.lock_file.get(), F_OFD_SETLK, &lock); }) != 0)
    return errno == EAGAIN || errno == EACCES ? SQLITE_BUSY : SQLITE_IOERR_LOCK;
  file.locked = true;
  return SQLITE_OK;
}

/// A forked child shares the lock: without this it would live as long as the child.
void let_others_in(const SharedFile& file) {
  if (!file.locked) return;
  struct flock lock{};
  lock.l_type = F_UNLCK;
  lock.l_whence = SEEK_SET;
  fcntl(file.lock_file.get(), F_OFD_SETLK, &lock);
}

int lock(sqlite3_file* handle, int level) {
  LocalFile& mine = *local(handle);
  if (mine.in_child()) return SQLITE_IOERR_LOCK;
  if (mine.level >= level) return SQLITE_OK;
  SharedFile& file = *mine.file;
  const std::lock_guard guard(file.mutex);
  if (const int code = lock_out_others(file); code != SQLITE_OK) return code;
  if (file.writer != nullptr && file.writer != &mine && (level > SQLITE_LOCK_SHARED || file.pending))
    return SQLITE_BUSY;
  if (level == SQLITE_LOCK_SHARED) {
    ++file.readers;
    mine.level = SQLITE_LOCK_SHARED;
    return SQLITE_OK;
  }
  file.writer = &mine;
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    file.pending = true;
    if (file.readers > 1) {
      mine.level = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
  }
  mine.level = level;
  return SQLITE_OK;
}

int unlock(sqlite3_file* handle, int level) {
  LocalFile& mine = *local(handle);
  if (mine.in_child()) return SQLITE_IOERR_UNLOCK;
  if (mine.level <= level) return SQLITE_OK;
  SharedFile& file = *mine.file;
  const std::lock_guard guard(file.mutex);
  if (file.writer == &mine) {
    file.writer = nullptr;
    file.pending = false;
  }
  if (level == SQLITE_LOCK_NONE) --file.readers;
  mine.level = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* handle, int* reserved) {
  LocalFile& mine = *local(handle);
  if (mine.in_child()) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  const std::lock_guard guard(mine.file->mutex);
  *reserved = mine.file->writer != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int map_index(sqlite3_file* handle, int region, int size, int extend, void volatile** memory) {
  *memory = nullptr;
  LocalFile& mine = *local(handle);
  if (mine.in_child()) return SQLITE_IOERR_SHMMAP;
  SharedFile& file = *mine.file;
  const std::lock_guard guard(file.mutex);
  if (!mine.uses_index) {
    mine.uses_index = true;
    ++file.index_users;
  }
  const auto wanted = static_cast<size_t>(region);
  if (wanted >= file.index.size() && extend == 0) return SQLITE_OK;
  try {
    while (wanted >= file.index.size())
      file.index.push_back(std::make_unique<std::byte[]>(static_cast<size_t>(size)));
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
  *memory = file.index[wanted].get();
  return SQLITE_OK;
}

void release_index_locks(LocalFile& mine, uint16_t mask) {
  for (size_t i = 0; i < SQLITE_SHM_NLOCK; ++i) {
    const auto bit = static_cast<uint16_t>(1u << i);
    if ((mask & bit) == 0) continue;
    if ((mine.shared & bit) != 0) mine.file->index_locks[i].unshare();
    if ((mine.exclusive & bit) != 0) mine.file->index_locks[i].give();
  }
  mine.shared &= static_cast<uint16_t>(~mask);
  mine.exclusive &= static_cast<uint16_t>(~mask);
}

int lock_index(sqlite3_file* handle, int first, int count, int flags) {
  LocalFile& mine = *local(handle);
  if (mine.in_child()) return SQLITE_IOERR_SHMLOCK;
  const auto mask = static_cast<uint16_t>(((1u << count) - 1u) << first);
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    release_index_locks(mine, mask);
    return SQLITE_OK;
  }
  const bool share = (flags & SQLITE_SHM_SHARED) != 0;
  uint16_t& held = share ? mine.shared : mine.exclusive;
  for (int i = first; i < first + count; ++i) {
    const auto bit = static_cast<uint16_t>(1u << i);
    if ((held & bit) != 0) continue;
    IndexLock& slot = mine.file->index_locks[static_cast<size_t>(i)];
    if (!(share ? slot.share() : slot.take())) {
      // Only a lock of several is taken in part, and SQLite holds none of those before.
      release_index_locks(mine, static_cast<uint16_t>(mask & (bit - 1u)));
      return SQLITE_BUSY;
    }
    held |= bit;
  }
  return SQLITE_OK;
}

void index_barrier(sqlite3_file* handle) {
  // A read-modify-write rather than a fence: ThreadSanitizer understands it.
#if defined(__SANITIZE_THREAD__)
  constexpr bool kSanitized = true;
#elif defined(__has_feature)
  constexpr bool kSanitized = __has_feature(thread_sanitizer);
#else
  constexpr bool kSanitized = false;
#endif
  if constexpr (kSanitized) {
    local(handle)->file->barriers.fetch_add(1, std::memory_order_acq_rel);
  } else {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
}

int unmap_index(sqlite3_file* handle, int) {
  LocalFile& mine = *local(handle);
  if (mine.in_child() || !mine.uses_index) return SQLITE_OK;
  SharedFile& file = *mine.file;
  const std::lock_guard guard(file.mutex);
  mine.uses_index = false;
  // The next connection then rebuilds it from the log, as after a crash.
  if (--file.index_users == 0) file.index.clear();
  return SQLITE_OK;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return disk(file)->pMethods->xRead(disk(file), to, size, offset);
}
int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  if (local(file)->in_child()) return SQLITE_IOERR_WRITE;
  return disk(file)->pMethods->xWrite(disk(file), from, size, offset);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (local(file)->in_child()) return SQLITE_IOERR_TRUNCATE;
  return disk(file)->pMethods->xTruncate(disk(file), size);
}
int sync(sqlite3_file* file, int flags) {
  if (local(file)->in_child()) return SQLITE_IOERR_FSYNC;
  return disk(file)->pMethods->xSync(disk(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return disk(file)->pMethods->xFileSize(disk(file), size);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  if (local(file)->in_child()) return SQLITE_IOERR;
  return disk(file)->pMethods->xFileControl(disk(file), operation, argument);
}
int sector_size(sqlite3_file* file) { return disk(file)->pMethods->xSectorSize(disk(file)); }
int device_characteristics(sqlite3_file* file) {
  return disk(file)->pMethods->xDeviceCharacteristics(disk(file));
}

int code_of(const Error& error) {
  return error.code == ErrorCode::kDISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

/// SQLITE_OK when nobody watches the log.
int announce_reset(const char* path) {
  Registry& known = registry();
  const std::lock_guard guard(known.watch_mutex);
  for (const WatchedLog& log : known.logs) {
    if (log.path != path) continue;
    const Status told = log.watcher->before_reset();
    return told.ok() ? SQLITE_OK : code_of(told.error());
  }
  return SQLITE_OK;
}

int write_log(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  // The log's header: what was in the log so far is about to be overwritten.
  if (offset == 0 && !local(file)->in_child()) {
    if (const int code = announce_reset(local(file)->log_path); code != SQLITE_OK) return code;
  }
  return write(file, from, size, offset);
}
int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
  // A longer rest is what an earlier, longer log left behind.
  if (size == 0 && !local(file)->in_child()) {
    if (const int code = announce_reset(local(file)->log_path); code != SQLITE_OK) return code;
  }
  return truncate(file, size);
}

SharedFile* find(const Registry& known, const struct stat& status) {
  SharedFile* file = known.files;
  while (file != nullptr && (file->device != status.st_dev || file->inode != status.st_ino))
    file = file->next;
  return file;
}

void leave(SharedFile* file) {
  Registry& known = registry();
  const std::lock_guard guard(known.mutex);
  if (--file->connections != 0) return;
  SharedFile** link = &known.files;
  while (*link != file) link = &(*link)->next;
  *link = file->next;
  let_others_in(*file);
  delete file;
}

int close(sqlite3_file* handle) {
  LocalFile& mine = *local(handle);
  if (mine.in_child()) return SQLITE_OK;  // SQLite's own locks of files may be held in the parent
  if (mine.file != nullptr) {
    unlock(handle, SQLITE_LOCK_NONE);
    release_index_locks(mine, UINT16_MAX);
    unmap_index(handle, 0);
  }
  const int code = mine.disk()->pMethods->xClose(mine.disk());
  if (mine.file != nullptr) leave(mine.file);
  return code;
}

constexpr sqlite3_io_methods kDatabaseMethods = {.iVersion = 2,  // without memory mapping
                                                 .xClose = close,
                                                 .xRead = read,
                                                 .xWrite = write,
                                                 .xTruncate = truncate,
                                                 .xSync = sync,
                                                 .xFileSize = file_size,
                                                 .xLock = lock,
                                                 .xUnlock = unlock,
                                                 .xCheckReservedLock = check_reserved_lock,
                                                 .xFileControl = file_control,
                                                 .xSectorSize = sector_size,
                                                 .xDeviceCharacteristics = device_characteristics,
                                                 .xShmMap = map_index,
                                                 .xShmLock = lock_index,
                                                 .xShmBarrier = index_barrier,
                                                 .xShmUnmap = unmap_index,
                                                 .xFetch = nullptr,
                                                 .xUnfetch = nullptr};

constexpr sqlite3_io_methods kLogMethods = [] {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;  // SQLite locks the database only
  methods.xClose = close;
  methods.xRead = read;
  methods.xWrite = write_log;
  methods.xTruncate = truncate_log;
  methods.xSync = sync;
  methods.xFileSize = file_size;
  methods.xFileControl = file_control;
  methods.xSectorSize = sector_size;
  methods.xDeviceCharacteristics = device_characteristics;
  return methods;
}();

/// Joins the connections of this process to the file at `path`, which the disk's VFS has opened as `opened`.
int join(const char* path, sqlite3_file* opened, LocalFile& mine) {
  UniqueFd file = open_plain(path, O_RDWR);
  if (!file.valid()) file = open_plain(path, O_RDONLY);
  struct stat status{};
  if (!file.valid() || fstat(file.get(), &status) != 0 || !is_regular(status)) return SQLITE_CANTOPEN;
  int moved = 0;
  opened->pMethods->xFileControl(opened, SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved != 0) return SQLITE_CANTOPEN;  // the two would lock different files

  Registry& known = registry();
  const std::lock_guard guard(known.mutex);
  SharedFile* shared = find(known, status);
  if (shared == nullptr) {
    shared = new SharedFile;
    shared->device = status.st_dev;
    shared->inode = status.st_ino;
    shared->lock_file = std::move(file);
    shared->next = known.files;
    known.files = shared;
  }
  ++shared->connections;
  mine.file = shared;
  return SQLITE_OK;
}

int open_database(sqlite3_vfs* under, const char* path, LocalFile& mine, int flags, int* out_flags) {
  // Created here because SQLite would let others read it; its log gets the same rights.
  if ((flags & SQLITE_OPEN_CREATE) != 0) open_plain(path, O_RDWR | O_CREAT, 0600);
  if (const int code = under->xOpen(under, path, mine.disk(), flags, out_flags); code != SQLITE_OK)
    return code;
  int code = SQLITE_NOMEM;
  try {
    code = join(path, mine.disk(), mine);
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): `code` says it
  }
  if (code == SQLITE_OK) {
    mine.base.pMethods = &kDatabaseMethods;
  } else {
    mine.disk()->pMethods->xClose(mine.disk());
  }
  return code;
}

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto* under = static_cast<sqlite3_vfs*>(vfs->pAppData);
  const bool database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  const bool log = (flags & SQLITE_OPEN_WAL) != 0;
  if (!database && !log) return under->xOpen(under, path, file, flags, out_flags);
  auto& mine = *new (file) LocalFile{.token = process_token(), .log_path = path};
  if (database) return open_database(under, path, mine, flags, out_flags);
  const int code = under->xOpen(under, path, mine.disk(), flags, out_flags);
  if (code == SQLITE_OK) mine.base.pMethods = &kLogMethods;
  return code;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  auto* under = static_cast<sqlite3_vfs*>(vfs->pAppData);
  if (const int code = announce_reset(path); code != SQLITE_OK) return code;
  return under->xDelete(under, path, sync_directory);
}

/// The one VFS over `under`, which does what we don't do; lives as long as the process.
int register_over(sqlite3_vfs* under) {
  auto* vfs = new sqlite3_vfs(*under);
  vfs->iVersion = 2;  // its system calls stay its own
  vfs->szOsFile = static_cast<int>(sizeof(LocalFile)) + under->szOsFile;
  vfs->pNext = nullptr;
  vfs->zName = kName;
  vfs->pAppData = under;
  vfs->xOpen = open_file;
  vfs->xDelete = delete_file;
  vfs->xAccess = [](sqlite3_vfs* self, const char* path, int flags, int* result) {
    auto* below = static_cast<sqlite3_vfs*>(self->pAppData);
    return below->xAccess(below, path, flags, result);
  };
  vfs->xFullPathname = [](sqlite3_vfs* self, const char* path, int size, char* full) {
    auto* below = static_cast<sqlite3_vfs*>(self->pAppData);
    return below->xFullPathname(below, path, size, full);
  };
  vfs->xRandomness = [](sqlite3_vfs* self, int size, char* bytes) {
    auto* below = static_cast<sqlite3_vfs*>(self->pAppData);
    return below->xRandomness(below, size, bytes);
  };
  vfs->xSleep = [](sqlite3_vfs* self, int microseconds) {
    auto* below = static_cast<sqlite3_vfs*>(self->pAppData);
    return below->xSleep(below, microseconds);
  };
  vfs->xCurrentTime = [](sqlite3_vfs* self, double* time) {
    auto* below = static_cast<sqlite3_vfs*>(self->pAppData);
    return below->xCurrentTime(below, time);
  };
  vfs->xCurrentTimeInt64 = [](sqlite3_vfs* self, sqlite3_int64* time) {
    auto* below = static_cast<sqlite3_vfs*>(self->pAppData);
    return below->xCurrentTimeInt64(below, time);
  };
  vfs->xGetLastError = [](sqlite3_vfs* self, int size, char* text) {
    auto* below = static_cast<sqlite3_vfs*>(self->pAppData);
    return below->xGetLastError(below, size, text);
  };
  // The default as well: a file opened through two of them would be locked by neither against the other.
  return sqlite3_vfs_register(vfs, 1);
}

/// SQLCipher reports to stderr from its first key on, among others that it may not lock memory. Its level is
/// set anew by that first key, its sources are not.
int silence_sqlcipher() {
  sqlite3* database = nullptr;
  int code = sqlite3_open(":memory:", &database);
  if (code == SQLITE_OK)
    code = sqlite3_exec(database, "PRAGMA cipher_log_source = NONE", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  return code;
}

Result<const char*> start() {
  TSR_RETURN_IF_ERROR(use_arena());
  openssl_library();  // before SQLCipher, which would let OpenSSL clean up at exit under threads of ours
  int code = sqlite3_initialize();
  if (code == SQLITE_OK) code = register_over(disk_vfs());
  if (code == SQLITE_OK) code = silence_sqlcipher();
  if (code == SQLITE_OK) return kName;
  return Error{code == SQLITE_NOMEM ? ErrorCode::kNO_MEMORY : ErrorCode::kINTERNAL,
               "store",
               std::string("could not start SQLite: ") + sqlite3_errstr(code),
               {}};
}

/// As SQLite names the log: its folder's links resolved.
Result<std::string> full_path(const std::string& path) {
  const std::string folder = parent_directory(path);
  char* resolved = realpath(folder.c_str(), nullptr);
  if (resolved == nullptr) return error_from_errno("store", "open the folder " + folder, errno);
  std::string full(resolved);
  std::free(resolved);  // NOLINT(cppcoreguidelines-no-malloc): realpath's
  if (full != "/") full += '/';
  return full + path.substr(path.find_last_of('/') + 1);
}

}  // namespace

Result<const char*> local_vfs() {
  static const Result<const char*>* const started = new Result<const char*>(start());
  return *started;
}

sqlite3_vfs* disk_vfs() {
#ifdef TESSERA_TESTING
  return testing::faulty_vfs();
#else
  return sqlite3_vfs_find("unix");
#endif
}

Status watch_log(const std::string& path, LogWatcher* watcher) {
  TSR_ASSIGN_OR_RETURN(std::string full, full_path(path));
  Registry& known = registry();
  const std::lock_guard guard(known.watch_mutex);
  known.logs.push_back({std::move(full), watcher});
  return {};
}

void unwatch_log(LogWatcher* watcher) {
  Registry& known = registry();
  const std::lock_guard guard(known.watch_mutex);
  std::erase_if(known.logs, [&](const WatchedLog& log) { return log.watcher == watcher; });
}

}  // namespace tessera::store
