#include "store/log_mark.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "base/big_endian.hpp"
#include "base/files.hpp"
#include "base/fork_guard.hpp"
#include "base/unique_fd.hpp"
#include "crypto/crypto.hpp"
#include "store/local_vfs.hpp"

namespace tessera::store {
namespace {

constexpr std::string_view kMagic = "TSRMARK1";
constexpr size_t kDigestBytes = 8;
constexpr size_t kBodyBytes = kLogMarkRecordBytes - kDigestBytes;

// The write-ahead log of SQLite (sqlite.org/fileformat2.html, section 4).
constexpr size_t kLogHeaderBytes = 32;
constexpr size_t kFrameHeaderBytes = 24;
constexpr uint32_t kLogMagic = 0x377f0682;  // the last bit set: checksums of big-endian words

uint64_t load(ByteView bytes, size_t offset, size_t size) { return big_endian(bytes.subspan(offset, size)); }

/// The running checksum of a log.
struct Checksum {
  uint32_t first = 0, second = 0;

  void add(ByteView bytes, bool is_big_endian) {
    for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      first += word(bytes, i, is_big_endian) + second;
      second += word(bytes, i + 4, is_big_endian) + first;
    }
  }
  uint64_t value() const { return uint64_t{first} << 32 | second; }

 private:
  static uint32_t word(ByteView bytes, size_t at, bool is_big_endian) {
    const uint32_t value = big_endian_32(bytes, at);
    return is_big_endian ? value : __builtin_bswap32(value);
  }
};

struct LogHeader {
  bool is_big_endian = false;
  uint32_t page_bytes = 0;
  uint64_t salts = 0;
  Checksum checksum;
};

/// Nothing for what SQLite would not take as a header.
std::optional<LogHeader> parse_header(ByteView bytes) {
  if (bytes.size() < kLogHeaderBytes) return std::nullopt;
  const uint64_t magic = load(bytes, 0, 4);
  const uint64_t page = load(bytes, 8, 4);
  if ((magic & ~uint64_t{1}) != kLogMagic || page < 512 || page > 65536 || (page & (page - 1)) != 0)
    return std::nullopt;
  LogHeader header{.is_big_endian = (magic & 1) != 0,
                   .page_bytes = static_cast<uint32_t>(page),
                   .salts = load(bytes, 16, 8),
                   .checksum = {}};
  header.checksum.add(bytes.first(24), header.is_big_endian);
  if (header.checksum.value() != load(bytes, 24, 8)) return std::nullopt;
  return header;
}

/// A log being read; nothing where it ends too early.
class Log {
 public:
  /// NOT_FOUND when there is none.
  static Result<Log> open(const std::string& path) {
    UniqueFd file = open_plain(path, O_RDONLY);
    if (!file.valid()) return error_from_errno("store", "open the write-ahead log " + path, errno);
    return Log(std::move(file), path);
  }

  Result<std::optional<LogHeader>> header() const {
    Bytes bytes(kLogHeaderBytes);
    TSR_ASSIGN_OR_RETURN(const bool whole, read(0, bytes));
    return whole ? parse_header(bytes) : std::nullopt;
  }

  /// Salts and checksum of frame `number`, which counts from 1.
  struct Frame {
    uint64_t salts, checksum;
  };
  Result<std::optional<Frame>> frame(uint64_t number, uint32_t page_bytes) const {
    std::array<uint8_t, kFrameHeaderBytes> bytes{};
    TSR_ASSIGN_OR_RETURN(const bool whole, read(offset_of(number, page_bytes), bytes));
    if (!whole) return std::optional<Frame>();
    return std::optional(Frame{load(bytes, 8, 8), load(bytes, 16, 8)});
  }

  /// The checksum that chains frames 1 to `count`; nothing when one of them is missing or damaged.
  Result<std::optional<uint64_t>> chain(const LogHeader& header, uint64_t count) const {
    Checksum checksum = header.checksum;
    Bytes bytes(kFrameHeaderBytes + header.page_bytes);
    for (uint64_t number = 1; number <= count; ++number) {
      TSR_ASSIGN_OR_RETURN(const bool whole, read(offset_of(number, header.page_bytes), bytes));
      const ByteView view(bytes);
      checksum.add(view.first(8), header.is_big_endian);
      checksum.add(view.subspan(kFrameHeaderBytes), header.is_big_endian);
      if (!whole || load(view, 8, 8) != header.salts || load(view, 16, 8) != checksum.value())
        return std::optional<uint64_t>();
    }
    return std::optional(checksum.value());
  }

 private:
  Log(UniqueFd file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  static off_t offset_of(uint64_t number, uint32_t page_bytes) {
    return static_cast<off_t>(kLogHeaderBytes + (number - 1) * (kFrameHeaderBytes + page_bytes));
  }
  /// False at the end of the file.
  Result<bool> read(off_t offset, std::span<uint8_t> to) const {
    while (!to.empty()) {
      const ssize_t count =
          retry_interrupted([&] { return pread(file_.get(), to.data(), to.size(), offset); });
      if (count < 0) return error_from_errno("store", "read the write-ahead log " + path_, errno);
      if (count == 0) return false;
      to = to.subspan(static_cast<size_t>(count));
      offset += count;
    }
    return true;
  }

  UniqueFd file_;
  std::string path_;
};

Error rolled_back(const std::string& wal_path, std::string_view how) {
  return {ErrorCode::kCORRUPT, "store",
          "the write-ahead log " + wal_path + " with the last acknowledged commits " + std::string(how) +
              "; put it back from where it went, restore a backup, or accept the loss",
          R"({"reason":"ROLLED_BACK"})"};
}

/// The mark's file through the disk's VFS, so that the faults of tests reach it as they reach the log.
class MarkFile {
 public:
  static Result<std::unique_ptr<MarkFile>> open(const std::string& path) {
    if (!open_plain(path, O_RDWR | O_CREAT, 0600).valid())
      return error_from_errno("store", "open the log mark " + path, errno);
    std::unique_ptr<MarkFile> made(new MarkFile(path));
    sqlite3_vfs* vfs = disk_vfs();
    // Opened as a journal: its name is synced with its first sync.
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL;
    made->memory_.resize(static_cast<size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1);
    if (const int code = vfs->xOpen(vfs, made->path_.c_str(), made->file(), kFlags, nullptr);
        code != SQLITE_OK) {
      made->memory_.clear();
      return made->failure("open", code);
    }
    return made;
  }
  ~MarkFile() {
    // SQLite's locks may be held in a child for ever.
    if (!memory_.empty() && !guard_.in_child()) file()->pMethods->xClose(file());
  }
  MarkFile(const MarkFile&) = delete;
  MarkFile& operator=(const MarkFile&) = delete;

  Result<Bytes> read(size_t offset, size_t size) {
    Bytes bytes(size);
    const int code = file()->pMethods->xRead(file(), bytes.data(), static_cast<int>(size),
                                             static_cast<sqlite3_int64>(offset));
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return failure("read", code);
    return bytes;
  }
  Status write(size_t offset, ByteView bytes) {
    const int code = file()->pMethods->xWrite(file(), bytes.data(), static_cast<int>(bytes.size()),
                                              static_cast<sqlite3_int64>(offset));
    return code == SQLITE_OK ? Status() : failure("write", code);
  }
  Status sync() {
    const int code = file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL);
    return code == SQLITE_OK ? Status() : failure("sync", code);
  }

 private:
  explicit MarkFile(const std::string& path) : path_(path) {}
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }
  Error failure(std::string_view verb, int code) const {
    const bool full = code == SQLITE_FULL;
    return {full ? ErrorCode::kDISK_FULL : ErrorCode::kIO,
            "store",
            "could not " + std::string(verb) + " the log mark " + path_ + ": " + sqlite3_errstr(code) +
                (full ? "; free some space and try again" : "; check the disk"),
            {}};
  }

  std::string path_;  // the VFS keeps a pointer to it
  std::vector<std::max_align_t> memory_;
  ForkGuard guard_;
};

class FileLogMark final : public LogMark, private LogWatcher {
 public:
  FileLogMark(std::unique_ptr<MarkFile> file, std::string wal_path)
      : file_(std::move(file)), wal_path_(std::move(wal_path)) {}
  ~FileLogMark() override { unwatch_log(this); }
  FileLogMark(const FileLogMark&) = delete;
  FileLogMark& operator=(const FileLogMark&) = delete;

  Status start() {
    for (size_t copy = 0; copy < 2; ++copy) {
      TSR_ASSIGN_OR_RETURN(const Bytes bytes, file_->read(copy * kLogMarkStride, kLogMarkRecordBytes));
      const Result<LogMarkRecord> found = decode_log_mark(bytes);
      if (!found || found->counter < now_.counter) continue;
      now_ = *found;
      // May be one that was never synced; syncing it makes it as good.
      synced_copy_ = copy;
    }
    if (now_.counter != 0) TSR_RETURN_IF_ERROR(file_->sync());
    set_.store(now_.set);
    is_clear_.store(!now_.set);
    return watch_log(wal_path_, this);
  }

  Status check() override {
    const std::lock_guard lock(mutex_);
    if (!now_.set) return {};
    const Result<Log> log = Log::open(wal_path_);
    if (!log && log.error().code == ErrorCode::kNOT_FOUND) return rolled_back(wal_path_, "is missing");
    if (!log) return log.error();
    TSR_ASSIGN_OR_RETURN(const std::optional<LogHeader> header, log->header());
    if (!header) return rolled_back(wal_path_, "is empty or damaged");
    if (header->salts != now_.salts || header->page_bytes != now_.page_bytes)
      return rolled_back(wal_path_, "was replaced by another one");
    if (now_.frames == 0) return {};
    TSR_ASSIGN_OR_RETURN(const std::optional<uint64_t> checksum, log->chain(*header, now_.frames));
    if (!checksum) return rolled_back(wal_path_, "was cut short or damaged");
    if (*checksum != now_.checksum) return rolled_back(wal_path_, "was replaced by another one");
    return {};
  }

  Status committed(int64_t frames, bool strict) override {
    if (!strict && set_.load(std::memory_order_acquire)) return {};
    if (frames <= 0) return {};
    const std::lock_guard lock(mutex_);
    LogMarkRecord next = now_;
    bool first = !next.set;
    if (strict && !first) {
      TSR_ASSIGN_OR_RETURN(const bool same, add_frames(static_cast<uint64_t>(frames), &next));
      first = !same;
    }
    if (first) {
      log_.reset();
      TSR_ASSIGN_OR_RETURN(next, new_generation());
      if (strict) {
        TSR_ASSIGN_OR_RETURN(const bool same, add_frames(static_cast<uint64_t>(frames), &next));
        if (!same) return unreadable();
      }
    }
    return put(next, first);
  }

  Status cleared() override {
    if (is_clear_.load(std::memory_order_acquire)) return {};
    const std::lock_guard lock(mutex_);
    log_.reset();
    return put({}, true);
  }

  bool set() const override { return set_.load(std::memory_order_acquire); }

 private:
  Status before_reset() override { return cleared(); }

  Error unreadable() const {
    return {ErrorCode::kIO,
            "store",
            "the write-ahead log " + wal_path_ + " does not hold what was just committed",
            {}};
  }

  Status open_log() {
    if (log_) return {};
    TSR_ASSIGN_OR_RETURN(Log log, Log::open(wal_path_));
    log_.emplace(std::move(log));
    return {};
  }

  Result<LogMarkRecord> new_generation() {
    TSR_RETURN_IF_ERROR(open_log());
    TSR_ASSIGN_OR_RETURN(const std::optional<LogHeader> header, log_->header());
    if (!header) return unreadable();
    return LogMarkRecord{.set = true, .page_bytes = header->page_bytes, .salts = header->salts};
  }

  /// False when that frame is of another generation than `record`.
  Result<bool> add_frames(uint64_t frames, LogMarkRecord* record) {
    TSR_RETURN_IF_ERROR(open_log());
    TSR_ASSIGN_OR_RETURN(const std::optional<Log::Frame> last, log_->frame(frames, record->page_bytes));
    if (!last || last->salts != record->salts) return false;
    record->frames = frames;
    record->checksum = last->checksum;
    return true;
  }

  /// Writes over the copy that was not synced last, so a torn write leaves that one.
  Status put(LogMarkRecord record, bool sync) {
    record.counter = now_.counter + 1;
    const size_t copy = 1 - synced_copy_;
    is_clear_.store(false, std::memory_order_release);  // after a failure nobody knows
    TSR_RETURN_IF_ERROR(file_->write(copy * kLogMarkStride, encode_log_mark(record)));
    if (sync) {
      TSR_RETURN_IF_ERROR(file_->sync());
      synced_copy_ = copy;
    }
    now_ = record;
    set_.store(record.set, std::memory_order_release);
    is_clear_.store(!record.set, std::memory_order_release);
    return {};
  }

  std::unique_ptr<MarkFile> file_;
  const std::string wal_path_;
  std::mutex mutex_;
  LogMarkRecord now_;
  size_t synced_copy_ = 0;
  std::optional<Log> log_;  // of the current generation
  std::atomic<bool> set_{false};
  std::atomic<bool> is_clear_{true};  // surely, on the disk as well
};

}  // namespace

Bytes encode_log_mark(const LogMarkRecord& record) {
  Bytes bytes = to_bytes(kMagic);
  put_big_endian(record.counter, 8, &bytes);
  put_big_endian(record.set ? 1 : 0, 4, &bytes);
  put_big_endian(record.page_bytes, 4, &bytes);
  put_big_endian(record.salts, 8, &bytes);
  put_big_endian(record.frames, 8, &bytes);
  put_big_endian(record.checksum, 8, &bytes);
  bytes.resize(kBodyBytes);
  const Sha256 digest = sha256(bytes);
  bytes.insert(bytes.end(), digest.begin(), digest.begin() + kDigestBytes);
  return bytes;
}

Result<LogMarkRecord> decode_log_mark(ByteView bytes) {
  const Error damaged{ErrorCode::kCORRUPT, "store", "this is no whole log mark", {}};
  if (bytes.size() != kLogMarkRecordBytes) return damaged;
  const LogMarkRecord record{.counter = load(bytes, 8, 8),
                             .set = load(bytes, 16, 4) == 1,
                             .page_bytes = static_cast<uint32_t>(load(bytes, 20, 4)),
                             .salts = load(bytes, 24, 8),
                             .frames = load(bytes, 32, 8),
                             .checksum = load(bytes, 40, 8)};
  // One spelling for each record: also checks magic and digest.
  if (!std::ranges::equal(encode_log_mark(record), bytes)) return damaged;
  return record;
}

Result<std::unique_ptr<LogMark>> LogMark::open(const std::string& mark_path, const std::string& wal_path) {
  TSR_RETURN_IF_ERROR(local_vfs());
  TSR_ASSIGN_OR_RETURN(std::unique_ptr<MarkFile> file, MarkFile::open(mark_path));
  auto mark = std::make_unique<FileLogMark>(std::move(file), wal_path);
  TSR_RETURN_IF_ERROR(mark->start());
  return std::unique_ptr<LogMark>(std::move(mark));
}

}  // namespace tessera::store
