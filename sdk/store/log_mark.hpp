// "<stem>.tsq" tells whether the write-ahead log that was there is still there (decision 14).
//
// A log has a generation: from the first frame after a checkpoint to the next one that starts it anew. With
// the first commit of a generation the mark takes the log's salts, synced; each strict commit adds the number
// of frames up to its end and the checksum that chains all of them. Before SQLite starts the log anew,
// empties or deletes it, having moved it into the database, the mark is cleared, synced: the VFS calls for
// it. So a crash or a power cut at any moment leaves a mark that fits the log.
//
// Found when the store opens (ROLLED_BACK): the log is missing, empty, another one or an earlier generation;
// it is shorter than strict commits reached, or damaged before that point. Not found: commits that were
// relaxed and lie behind the last strict one (a power cut may lose them as well); a log that is lost while
// its first commit, not acknowledged yet, is under way; the last strict commits of a log that is cut when the
// power fails before the system wrote their record, for only the first of a generation is synced; a commit
// whose record could not be written, until the next write, which fails without it; an older database file put
// in the place of a checkpointed one; a removed mark; an older copy of the whole folder, mark included.
// Another program that opens the files of a crashed store and moves the log into the database itself looks
// like a lost log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tessera::store {

/// Thread-safe.
class LogMark {
 public:
  virtual ~LogMark() = default;
  /// Makes the file when it is not there, readable by its owner only. A mark that can't be read says nothing:
  /// its content never fails this.
  static Result<std::unique_ptr<LogMark>> open(const std::string& mark_path, const std::string& wal_path);
  /// Before the database is opened. CORRUPT (ROLLED_BACK) when the log is missing, foreign, damaged or
  /// shorter than what strict commits reached. Reads the log up to there. Changes nothing: cleared() accepts
  /// the loss.
  virtual Status check() = 0;
  /// After a commit that left `frames` frames in the log; sets the mark with the first one (synced) and adds
  /// the frames when `strict` (written; SQLite has synced the log itself). After an error, again before the
  /// next commit: what was committed stands, but its loss would not be found.
  virtual Status committed(int64_t frames, bool strict) = 0;
  /// After a checkpoint that emptied the log, or to accept a lost one: clears the mark, synced.
  virtual Status cleared() = 0;
  virtual bool set() const = 0;
};

/// What a mark says; for tests and fuzzing.
struct LogMarkRecord {
  uint64_t counter = 0;  // the higher one of two copies counts
  bool set = false;
  uint32_t page_bytes = 0;
  uint64_t salts = 0;
  uint64_t frames = 0;    // that strict commits reached; 0: none
  uint64_t checksum = 0;  // of the last of them
};
inline constexpr size_t kLogMarkRecordBytes = 64;
inline constexpr size_t kLogMarkStride = 4096;  // between the copies: no sector holds both
Bytes encode_log_mark(const LogMarkRecord& record);
/// CORRUPT for what is no whole record of this version.
Result<LogMarkRecord> decode_log_mark(ByteView bytes);

}  // namespace tessera::store
