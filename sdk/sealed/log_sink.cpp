#include "sealed/log_sink.hpp"

#include "sealed/errors.hpp"

namespace tessera::sealed {
namespace {

constexpr size_t kBatchBytes = size_t{64} << 10;
constexpr uint64_t kMinFileBytes = 4096;
constexpr size_t kLogHeaderBytes = kHeaderBytes + 8;

bool exists(const std::string& path) {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0;
}

}  // namespace

LogSink::LogSink(std::string path, const LogOptions& options, FileLock lock, Root root, Random& random)
    : path_(std::move(path)),
      options_(options),
      lock_(std::move(lock)),
      root_(std::move(root)),
      random_(&random) {}

Result<std::unique_ptr<LogSink>> LogSink::open(const std::string& path, Roots& roots,
                                               const LogOptions& options, Random& random) {
  if (options.max_file_bytes < kMinFileBytes || options.max_files < 1 || options.max_files > kMaxLogFiles) {
    return Error{ErrorCode::kARG, "sealed", "a log has 1 to 100 files of at least 4096 bytes", {}};
  }
  TSR_ASSIGN_OR_RETURN(FileLock lock, FileLock::acquire(path + ".lock", options.lock_timeout_ms));
  TSR_ASSIGN_OR_RETURN(Root root, roots.newest());
  std::unique_ptr<LogSink> sink(new LogSink(path, options, std::move(lock), std::move(root), random));
  TSR_RETURN_IF_ERROR(sink->recover(roots));
  return sink;
}

LogSink::~LogSink() {
  if (guard_.in_child()) return;
  try {
    static_cast<void>(write_pending());
  } catch (...) {  // NOLINT(bugprone-empty-catch): out of memory, and nobody to tell
  }
}

Status LogSink::recover(Roots& roots) {
  drop_surplus();
  TSR_RETURN_IF_ERROR(find_sequence(roots));
  auto newest = open_log_file(path_, DiskFile::Access::kWrite, roots);
  if (!newest && (newest.error().code == ErrorCode::kNOT_FOUND || newest.error().code == ErrorCode::kCORRUPT))
    return start_file();
  if (!newest) return std::move(newest).error();

  const bool is_under_newest_root = newest->header.root_id == root_.id;
  FrameScanner scanner(newest->file, std::move(newest->header));
  FrameScanner::Frame frame{FrameScanner::Found::kRecord, {}};
  bool has_record = false;
  while (frame.found == FrameScanner::Found::kRecord) {
    TSR_ASSIGN_OR_RETURN(frame, scanner.next());
    has_record |= frame.found == FrameScanner::Found::kRecord;
    wipe(frame.record.data(), frame.record.size());
  }
  // Behind an end frame a crash came between two files; a damaged file stays as evidence.
  if (frame.found == FrameScanner::Found::kEndFrame || frame.found == FrameScanner::Found::kDamaged)
    return start_file();
  const uint64_t bytes = scanner.offset();
  if (frame.found == FrameScanner::Found::kTorn) TSR_RETURN_IF_ERROR(newest->file.cut(bytes));
  current_.emplace(Current{std::move(newest->file), std::move(scanner).take_chain(), bytes, has_record});
  return is_under_newest_root ? Status() : rotate();
}

/// After the newest file whose header can be read, and those before it that can't.
Status LogSink::find_sequence(Roots& roots) {
  uint64_t unreadable = 0;
  for (size_t age = 0; age < options_.max_files; ++age) {
    const auto file = open_log_file(log_path(path_, age), DiskFile::Access::kRead, roots);
    if (file) {
      next_sequence_ = file->sequence + unreadable + 1;
      return {};
    }
    if (file.error().code == ErrorCode::kNOT_FOUND) continue;
    if (!is_unreadable(file.error())) return file.error();
    ++unreadable;
  }
  next_sequence_ = unreadable + 1;
  return {};
}

/// Files that an earlier configuration allowed.
void LogSink::drop_surplus() {
  for (size_t age = options_.max_files; age < kMaxLogFiles; ++age) {
    static_cast<void>(unlink(log_path(path_, age).c_str()));
  }
}

Status LogSink::append(ByteView record) {
  if (guard_.in_child()) return forked("this log");
  const uint64_t frame_bytes = record.size() + kFrameBytes;
  if (record.size() > kMaxRecordBytes ||
      kLogHeaderBytes + frame_bytes + kFrameBytes > options_.max_file_bytes) {
    return Error{ErrorCode::kLIMIT,
                 "sealed",
                 "a record of " + std::to_string(record.size()) + " bytes is too large for the log " + path_ +
                     "; shorten it or allow larger files",
                 {}};
  }
  const std::lock_guard guard(mutex_);
  TSR_RETURN_IF_ERROR(make_room(frame_bytes));
  current_->chain.seal(record, /*is_end=*/false, *random_, &pending_);
  current_->has_record = true;
  return {};
}

Status LogSink::flush(bool is_durable) {
  if (guard_.in_child()) return forked("this log");
  const std::lock_guard guard(mutex_);
  TSR_RETURN_IF_ERROR(write_pending());
  if (!is_durable || !current_) return {};
  Status synced = current_->file.sync();
  // The system may have dropped what it could not write, so nothing can be built upon this file.
  if (!synced.ok()) current_.reset();
  return synced;
}

/// Room for one more frame in a file and in the batch.
Status LogSink::make_room(size_t frame_bytes) {
  if (!current_) TSR_RETURN_IF_ERROR(start_file());
  const uint64_t total = current_->bytes + pending_.size() + frame_bytes + kFrameBytes;
  if (current_->has_ended || (current_->has_record && total > options_.max_file_bytes))
    TSR_RETURN_IF_ERROR(rotate());
  return pending_.size() < kBatchBytes ? Status() : write_pending();
}

/// Can be repeated after a failure at any of its steps.
Status LogSink::rotate() {
  if (!current_->has_ended) current_->chain.seal({}, /*is_end=*/true, *random_, &pending_);
  current_->has_ended = true;
  TSR_RETURN_IF_ERROR(write_pending());
  const Status synced = current_->file.sync();
  current_.reset();
  TSR_RETURN_IF_ERROR(synced);
  return start_file();
}

Status LogSink::start_file() {
  TSR_RETURN_IF_ERROR(shift_names());
  TSR_ASSIGN_OR_RETURN(NewLogFile fresh, new_log_file(root_, next_sequence_, *random_));
  // Under another name until its header is durable: a log file never begins with half a header.
  const std::string temporary = path_ + ".new";
  TSR_ASSIGN_OR_RETURN(DiskFile file, DiskFile::create(temporary));
  Status written = file.write_at(0, fresh.content);
  if (written.ok()) written = file.sync();
  if (written.ok()) written = file.rename_to(path_);
  if (!written.ok()) {
    static_cast<void>(unlink(temporary.c_str()));  // frees space on a full disk; the first error counts
    return written;
  }
  ++next_sequence_;
  current_.emplace(
      Current{std::move(file), FrameChain(std::move(fresh.header)), fresh.content.size(), false});
  return sync_folder_of(path_);
}

/// Frees the name of the file being written. Stops at the first name that is free, so that a repeated call
/// drops no more than one file.
Status LogSink::shift_names() {
  size_t last = 0;
  while (last + 1 < options_.max_files && exists(log_path(path_, last))) ++last;
  for (; last > 0; --last) {
    const std::string to = log_path(path_, last);
    if (::rename(log_path(path_, last - 1).c_str(), to.c_str()) != 0) return failure("replace", to, errno);
  }
  return {};
}

Status LogSink::write_pending() {
  if (pending_.empty()) return {};
  // After a failure the same bytes go to the same place again.
  TSR_RETURN_IF_ERROR(current_->file.write_at(current_->bytes, pending_));
  current_->bytes += pending_.size();
  pending_.clear();
  return {};
}

}  // namespace tessera::sealed
