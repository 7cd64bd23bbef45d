// Reads the records of a sealed log, oldest first, over all its files.
//
//   TSR_ASSIGN_OR_RETURN(auto reader, LogReader::open(path, roots));
//   while (true) {
//     TSR_ASSIGN_OR_RETURN(const std::optional<Bytes> record, reader->next());
//     if (!record) break;
//     ...
//   }
//   for (const LogDamage& damage : reader->damage()) ...
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sealed/frames.hpp"
#include "sealed/log_file.hpp"

namespace tessera::sealed {

/// From `offset` on nothing of the file could be read.
struct LogDamage {
  std::string path;
  uint64_t offset;
  Error error;
};

/// One thread at a time; beside a sink that writes, in this process or another. FORKED in a child process.
class LogReader {
 public:
  /// NOT_FOUND when there is no file of the log; PERMISSION, IO; what `roots` answers. A file that can't be
  /// read is damage(), not an error. `roots` is used during the call only. The files are those of now: what
  /// is appended while they are read is read too, but no file that begins later.
  static Result<std::unique_ptr<LogReader>> open(const std::string& path, Roots& roots);
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  /// The next record, nothing at the end. IO. A damaged place ends its file and the next file is read.
  Result<std::optional<Bytes>> next();
  /// What was found so far; complete once next() gave nothing. A newest file that was cut right behind a
  /// record is as it was at an earlier time: that is not found.
  const std::vector<LogDamage>& damage() const { return damage_; }

 private:
  LogReader() = default;
  void order(size_t unreadable);
  /// Ends the file that is read.
  void leave(const FrameScanner::Frame& frame);

  std::vector<LogFile> files_;  // oldest first
  size_t index_ = 0;
  std::optional<FrameScanner> scanner_;  // of files_[index_]
  bool has_ended_ = false;               // its end frame was read
  std::vector<LogDamage> damage_;
  ForkGuard guard_;
};

}  // namespace tessera::sealed
