// Writes a sealed file of any size in constant memory. The file at `path` is the old one until finish() has
// put the new one in its place; until then the content grows in `path` + ".part".
//
//   TSR_ASSIGN_OR_RETURN(auto writer, FileWriter::create(path, roots));
//   TSR_RETURN_IF_ERROR(writer->write(content));  // as often as it takes
//   TSR_RETURN_IF_ERROR(writer->finish());
#pragma once

#include <memory>

#include "sealed/chunks.hpp"

namespace tessera::sealed {

struct WriterOptions {
  /// An unfinished file stays for resume(). Its header takes 4 KiB.
  bool resumable = false;
};

/// One thread at a time. FORKED in a child process, which leaves the file alone.
class FileWriter {
 public:
  /// Begins anew, an unfinished file is dropped. BUSY while another writer has `path`; PERMISSION, DISK_FULL,
  /// IO; what `roots` answers. `roots` is used during the call only, `random` as long as the writer lives.
  static Result<std::unique_ptr<FileWriter>> create(const std::string& path, Roots& roots,
                                                    const WriterOptions& options = {},
                                                    Random& random = system_random());
  /// Goes on with an unfinished file: the caller continues with the content from position() on, which need
  /// not be the same as before. Verifies what is there, so it takes as long as reading it. NOT_FOUND when
  /// there is nothing to resume; CORRUPT, CRYPTO or UNSUPPORTED for a header that is not ours; LIMIT when it
  /// was not made resumable or was resumed too often: create() then.
  static Result<std::unique_ptr<FileWriter>> resume(const std::string& path, Roots& roots,
                                                    Random& random = system_random());
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  /// Without finish() removes the unfinished file, unless it is resumable.
  ~FileWriter();

  /// Bytes accepted so far.
  uint64_t position() const { return chunk_ * kChunkBytes + buffer_.size(); }
  /// After DISK_FULL or IO the call can be repeated with the content from position() on. STATE after
  /// finish(), LIMIT above 256 TiB.
  Status write(ByteView content);
  /// Makes everything durable, then replaces the file at `path`. Can be repeated after an error, but once the
  /// system has failed to sync nothing can be said of the content: STATE from then on.
  Status finish();

 private:
  enum class Stage { kWriting, kEnding, kWritten, kSynced, kRenamed, kDone, kBroken };

  FileWriter(std::string path, DiskFile file, OpenedHeader header, RunTable runs);
  Status put_chunk(bool is_last);

  std::string path_;
  DiskFile file_;
  OpenedHeader header_;
  RunTable runs_;
  Bytes buffer_;        // plain, at most one chunk
  Bytes sealed_;        // the same as it is written
  uint64_t chunk_ = 0;  // index of the one in buffer_
  Stage stage_ = Stage::kWriting;
  bool is_kept_ = false;
  ForkGuard guard_;
};

}  // namespace tessera::sealed
