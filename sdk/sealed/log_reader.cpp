#include "sealed/log_reader.hpp"

#include <algorithm>

#include "sealed/errors.hpp"

namespace tessera::sealed {

Result<std::unique_ptr<LogReader>> LogReader::open(const std::string& path, Roots& roots) {
  std::unique_ptr<LogReader> reader(new LogReader);
  // Newest first: a rotation meanwhile moves files to names that are still to come, so none is missed.
  for (size_t age = 0; age < kMaxLogFiles; ++age) {
    const std::string name = log_path(path, age);
    auto file = open_log_file(name, DiskFile::Access::kRead, roots);
    if (file) {
      reader->files_.push_back(std::move(*file));
    } else if (is_unreadable(file.error())) {
      reader->damage_.push_back({name, 0, std::move(file).error()});
    } else if (file.error().code != ErrorCode::kNOT_FOUND) {
      return std::move(file).error();
    }
  }
  if (reader->files_.empty() && reader->damage_.empty()) {
    return Error{ErrorCode::kNOT_FOUND, "sealed", "there is no log at " + path + "; check the path", {}};
  }
  reader->order(reader->damage_.size());
  return reader;
}

/// `unreadable` files were reported; more than that must not be missing between those that were read.
void LogReader::order(size_t unreadable) {
  std::sort(files_.begin(), files_.end(),
            [](const LogFile& a, const LogFile& b) { return a.sequence < b.sequence; });
  const auto copies = std::unique(files_.begin(), files_.end(), [](const LogFile& a, const LogFile& b) {
    return a.header.file_id == b.header.file_id;
  });
  files_.erase(copies, files_.end());
  for (size_t i = 1; i < files_.size(); ++i) {
    const uint64_t distance = files_[i].sequence - files_[i - 1].sequence;
    const uint64_t missing = distance - std::min<uint64_t>(distance, 1);
    if (missing > unreadable)
      damage_.push_back({files_[i].file.path(), 0,
                         damaged(files_[i].file.path(), "follows on a log file that is missing")});
    unreadable -= std::min<uint64_t>(missing, unreadable);
  }
}

Result<std::optional<Bytes>> LogReader::next() {
  if (guard_.in_child()) return forked("this log reader");
  while (index_ < files_.size()) {
    if (!scanner_) scanner_.emplace(files_[index_].file, std::move(files_[index_].header));
    TSR_ASSIGN_OR_RETURN(FrameScanner::Frame frame, scanner_->next());
    if (frame.found == FrameScanner::Found::kRecord) return std::optional<Bytes>(std::move(frame.record));
    if (frame.found == FrameScanner::Found::kEndFrame) {
      has_ended_ = true;
    } else {
      leave(frame);
    }
  }
  return std::optional<Bytes>();
}

void LogReader::leave(const FrameScanner::Frame& frame) {
  const std::string& path = files_[index_].file.path();
  const bool is_newest = index_ + 1 == files_.size();
  const auto report = [&](const std::string& what) {
    damage_.push_back(
        {path, scanner_->offset(), damaged(path, what + " at byte " + std::to_string(scanner_->offset()))});
  };
  if (frame.found == FrameScanner::Found::kDamaged) {
    report("is not as it was written");
  } else if (!is_newest && !has_ended_) {
    report("ends too early");  // the newest is still written, or was when its writer died
  }
  scanner_.reset();
  has_ended_ = false;
  ++index_;
}

}  // namespace tessera::sealed
