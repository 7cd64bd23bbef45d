#include "store/vfs_faults.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace tessera::testing {
namespace {

constexpr size_t kSectorBytes = 512;

/// Something done to a file since its last sync.
struct Change {
  size_t offset = 0;  // of a truncation: the new size
  Bytes data;
  bool truncates = false;
};

struct RecordedFile {
  Bytes synced;                 // content as of the last sync
  std::vector<Change> changes;  // since then, in order
  bool name_synced = false;
  bool removed = false;
};

struct Disk {
  std::mutex mutex;
  std::atomic<bool> watched{false};  // false: calls go straight through
  std::optional<DiskFault> fault;
  int64_t faults_met = 0;
  bool recording = false;
  bool dark = false;
  int64_t changes = 0;
  int64_t cut_at = std::numeric_limits<int64_t>::max();
  std::map<std::string, RecordedFile> files;
};

Disk& the_disk() {
  static Disk* const disk = new Disk;
  return *disk;
}

/// Memory of SQLite; the file of the "unix" VFS behind it.
struct FaultFile {
  sqlite3_file base{};
  uint32_t kind = kDatabaseFile;
  bool syncs_name = false;     // "unix" syncs the folder with the first sync of a new journal
  const char* path = nullptr;  // null: temporary

  sqlite3_file* under() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile& fault_file(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }
sqlite3_file* under(sqlite3_file* file) { return fault_file(file).under(); }

Bytes content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void apply(const Change& change, Bytes* content) {
  if (change.truncates) {
    content->resize(change.offset);
    return;
  }
  content->resize(std::max(content->size(), change.offset + change.data.size()));
  std::copy(change.data.begin(), change.data.end(),
            content->begin() + static_cast<std::ptrdiff_t>(change.offset));
}

/// Of a write only some sectors, now and then the beginning of one; of a truncation all or nothing.
void apply_part(const Change& change, Bytes* content, std::mt19937_64* random) {
  if (change.truncates) {
    if ((*random)() % 2 == 0) apply(change, content);
    return;
  }
  for (size_t done = 0; done < change.data.size();) {
    const size_t offset = change.offset + done;
    const size_t size = std::min(kSectorBytes - offset % kSectorBytes, change.data.size() - done);
    const uint64_t luck = (*random)() % 4;
    const size_t written = luck > 1 ? size : luck * ((*random)() % size);
    const auto begin = change.data.begin() + static_cast<std::ptrdiff_t>(done);
    if (written != 0)
      apply({offset, Bytes(begin, begin + static_cast<std::ptrdiff_t>(written)), false}, content);
    done += size;
  }
}

void sync_names(Disk& disk, const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const auto is_inside = [&](const auto& entry) {
    return std::filesystem::path(entry.first).parent_path() == folder;
  };
  std::erase_if(disk.files, [&](const auto& entry) { return is_inside(entry) && entry.second.removed; });
  for (auto& entry : disk.files) entry.second.name_synced |= is_inside(entry);
}

/// With the mutex: the code that a call fails with, SQLITE_OK when it works.
int failure(Disk& disk, uint32_t kind, DiskCall call, int io_error) {
  if (disk.dark) return io_error;
  if (!disk.fault || (disk.fault->files & kind) == 0 || (disk.fault->calls & call) == 0) return SQLITE_OK;
  if (disk.fault->skip-- > 0) return SQLITE_OK;
  if (disk.fault->count-- <= 0) return SQLITE_OK;
  ++disk.faults_met;
  return disk.fault->full && call == kWriteCall ? SQLITE_FULL : io_error;
}

/// With the mutex: counts a change; false when the power fails before it.
bool count_change(Disk& disk) {
  if (!disk.recording) return true;
  if (disk.changes >= disk.cut_at) disk.dark = true;
  if (!disk.dark) ++disk.changes;
  return !disk.dark;
}

RecordedFile* recorded(Disk& disk, const FaultFile& file) {
  if (!disk.recording || file.path == nullptr) return nullptr;
  const auto found = disk.files.find(file.path);
  return found == disk.files.end() ? nullptr : &found->second;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  Disk& disk = the_disk();
  if (disk.watched.load()) {
    const std::lock_guard lock(disk.mutex);
    if (const int code = failure(disk, fault_file(file).kind, kReadCall, SQLITE_IOERR_READ)) return code;
  }
  return under(file)->pMethods->xRead(under(file), to, size, offset);
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  Disk& disk = the_disk();
  if (!disk.watched.load()) return under(file)->pMethods->xWrite(under(file), from, size, offset);
  const std::lock_guard lock(disk.mutex);
  if (const int code = failure(disk, fault_file(file).kind, kWriteCall, SQLITE_IOERR_WRITE)) return code;
  if (!count_change(disk)) return SQLITE_IOERR_WRITE;
  if (RecordedFile* record = recorded(disk, fault_file(file))) {
    const auto* bytes = static_cast<const uint8_t*>(from);
    record->changes.push_back({static_cast<size_t>(offset), Bytes(bytes, bytes + size), false});
  }
  return under(file)->pMethods->xWrite(under(file), from, size, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  Disk& disk = the_disk();
  if (!disk.watched.load()) return under(file)->pMethods->xTruncate(under(file), size);
  const std::lock_guard lock(disk.mutex);
  if (const int code = failure(disk, fault_file(file).kind, kWriteCall, SQLITE_IOERR_TRUNCATE)) return code;
  if (!count_change(disk)) return SQLITE_IOERR_TRUNCATE;
  if (RecordedFile* record = recorded(disk, fault_file(file)))
    record->changes.push_back({static_cast<size_t>(size), {}, true});
  return under(file)->pMethods->xTruncate(under(file), size);
}

int sync(sqlite3_file* file, int flags) {
  Disk& disk = the_disk();
  if (!disk.watched.load()) return under(file)->pMethods->xSync(under(file), flags);
  const std::lock_guard lock(disk.mutex);
  if (const int code = failure(disk, fault_file(file).kind, kSyncCall, SQLITE_IOERR_FSYNC)) return code;
  if (!count_change(disk)) return SQLITE_IOERR_FSYNC;
  if (RecordedFile* record = recorded(disk, fault_file(file))) {
    for (const Change& change : record->changes) apply(change, &record->synced);
    record->changes.clear();
    if (fault_file(file).syncs_name) sync_names(disk, fault_file(file).path);
    return SQLITE_OK;  // the disk that is tested is the recorded one
  }
  return under(file)->pMethods->xSync(under(file), flags);
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = [](sqlite3_file* file) { return under(file)->pMethods->xClose(under(file)); },
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = [](sqlite3_file* file,
                    sqlite3_int64* size) { return under(file)->pMethods->xFileSize(under(file), size); },
    .xLock = [](sqlite3_file* file, int level) { return under(file)->pMethods->xLock(under(file), level); },
    .xUnlock = [](sqlite3_file* file,
                  int level) { return under(file)->pMethods->xUnlock(under(file), level); },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* out) {
          return under(file)->pMethods->xCheckReservedLock(under(file), out);
        },
    .xFileControl = [](sqlite3_file* file, int operation,
                       void* in) { return under(file)->pMethods->xFileControl(under(file), operation, in); },
    .xSectorSize = [](sqlite3_file* file) { return under(file)->pMethods->xSectorSize(under(file)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) { return under(file)->pMethods->xDeviceCharacteristics(under(file)); },
    .xShmMap =
        [](sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
          return under(file)->pMethods->xShmMap(under(file), region, size, extend, memory);
        },
    .xShmLock = [](sqlite3_file* file, int first, int count,
                   int flags) { return under(file)->pMethods->xShmLock(under(file), first, count, flags); },
    .xShmBarrier = [](sqlite3_file* file) { under(file)->pMethods->xShmBarrier(under(file)); },
    .xShmUnmap = [](sqlite3_file* file,
                    int remove) { return under(file)->pMethods->xShmUnmap(under(file), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr};

uint32_t kind_of(int flags) {
  if ((flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0) return kLogFile;
  return (flags & SQLITE_OPEN_SUPER_JOURNAL) != 0 ? kMarkFile : kDatabaseFile;
}

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto* unix_vfs = static_cast<sqlite3_vfs*>(vfs->pAppData);
  constexpr int kNewJournal = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  auto& mine = *new (file) FaultFile{.kind = kind_of(flags), .path = path};
  mine.syncs_name = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & kNewJournal) != 0;
  Disk& disk = the_disk();
  if (disk.watched.load() && path != nullptr) {
    const std::lock_guard lock(disk.mutex);
    if (disk.dark) return SQLITE_CANTOPEN;
    if (disk.recording) {
      const auto [entry, is_new] = disk.files.try_emplace(path);
      RecordedFile& record = entry->second;
      if (is_new) record.synced = content_of(path);
      // What has content was there before; an empty file may have been created right now.
      if (is_new) record.name_synced = !record.synced.empty();
      record.removed = false;
    }
  }
  const int code = unix_vfs->xOpen(unix_vfs, path, mine.under(), flags, out_flags);
  if (code == SQLITE_OK) mine.base.pMethods = &kMethods;
  return code;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  auto* unix_vfs = static_cast<sqlite3_vfs*>(vfs->pAppData);
  Disk& disk = the_disk();
  if (!disk.watched.load()) return unix_vfs->xDelete(unix_vfs, path, sync_directory);
  const std::lock_guard lock(disk.mutex);
  if (!count_change(disk)) return SQLITE_IOERR_DELETE;
  if (disk.recording) {
    if (const auto found = disk.files.find(path); found != disk.files.end()) {
      found->second.removed = true;
      found->second.changes.push_back({0, {}, true});  // a later file of this name starts empty
    }
    if (sync_directory != 0) sync_names(disk, path);
  }
  return unix_vfs->xDelete(unix_vfs, path, sync_directory);
}

sqlite3_vfs* make_vfs() {
  sqlite3_vfs* unix_vfs = sqlite3_vfs_find("unix");
  auto* vfs = new sqlite3_vfs(*unix_vfs);
  vfs->szOsFile = static_cast<int>(sizeof(FaultFile)) + unix_vfs->szOsFile;
  vfs->pAppData = unix_vfs;
  vfs->xOpen = open_file;
  vfs->xDelete = delete_file;
  return vfs;
}

void update_watched(Disk& disk) { disk.watched.store(disk.fault.has_value() || disk.recording); }

}  // namespace

sqlite3_vfs* faulty_vfs() {
  static sqlite3_vfs* const vfs = make_vfs();
  return vfs;
}

void set_disk_fault(const std::optional<DiskFault>& fault) {
  Disk& disk = the_disk();
  const std::lock_guard lock(disk.mutex);
  disk.fault = fault;
  disk.faults_met = 0;
  update_watched(disk);
}

int64_t disk_faults_met() {
  Disk& disk = the_disk();
  const std::lock_guard lock(disk.mutex);
  return disk.faults_met;
}

void record_disk() {
  Disk& disk = the_disk();
  const std::lock_guard lock(disk.mutex);
  disk.files.clear();
  disk.recording = true;
  disk.dark = false;
  disk.changes = 0;
  disk.cut_at = std::numeric_limits<int64_t>::max();
  update_watched(disk);
}

void cut_disk_after(int64_t changes) {
  Disk& disk = the_disk();
  const std::lock_guard lock(disk.mutex);
  disk.cut_at = disk.changes + changes;
}

int64_t disk_changes() {
  Disk& disk = the_disk();
  const std::lock_guard lock(disk.mutex);
  return disk.changes;
}

bool disk_is_dark() {
  Disk& disk = the_disk();
  const std::lock_guard lock(disk.mutex);
  return disk.dark;
}

void restore_disk(DiskSurvivors survivors, uint64_t seed) {
  Disk& disk = the_disk();
  const std::lock_guard lock(disk.mutex);
  std::mt19937_64 random(seed);
  for (auto& [path, file] : disk.files) {
    bool exists = survivors == DiskSurvivors::kSynced ? file.name_synced : !file.removed;
    if (survivors == DiskSurvivors::kTorn && file.removed == file.name_synced) exists = random() % 2 == 0;
    for (const Change& change : file.changes) {
      if (survivors == DiskSurvivors::kAll) apply(change, &file.synced);
      if (survivors == DiskSurvivors::kTorn) apply_part(change, &file.synced, &random);
    }
    std::filesystem::remove(path);
    if (!exists) continue;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(file.synced.data()),
               static_cast<std::streamsize>(file.synced.size()));
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  disk.files.clear();
  disk.recording = false;
  disk.dark = false;
  update_watched(disk);
}

}  // namespace tessera::testing
