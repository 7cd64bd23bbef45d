// Appends records to an encrypted log that rotates: app.log, app.log.1, ... within a bounded size.
//
//   TSR_ASSIGN_OR_RETURN(auto sink, LogSink::open(path, roots));
//   TSR_RETURN_IF_ERROR(sink->append(as_bytes("started")));
//   TSR_RETURN_IF_ERROR(sink->flush(/*is_durable=*/false));
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "base/files.hpp"
#include "sealed/frames.hpp"
#include "sealed/log_file.hpp"

namespace tessera::sealed {

struct LogOptions {
  uint64_t max_file_bytes = uint64_t{8} << 20;  // at least 4096
  size_t max_files = 5;                         // 1 to 100, with the one being written
  int64_t lock_timeout_ms = 5000;               // for a sink of the same log that is closing
};

/// Safe from any thread. FORKED in a child process, which leaves the files alone.
class LogSink {
 public:
  /// Goes on with the log at `path`. A frame that a crash tore is cut off; a file that is damaged otherwise
  /// is rotated away as it is, for a LogReader to report. ARG, BUSY when another sink has the log; CRYPTO or
  /// UNSUPPORTED when the file is not ours to write; PERMISSION, DISK_FULL, IO; what `roots` answers. `roots`
  /// is used during the call only: records go under the root that is the newest now. `random` lives as long
  /// as the sink.
  static Result<std::unique_ptr<LogSink>> open(const std::string& path, Roots& roots,
                                               const LogOptions& options = {},
                                               Random& random = system_random());
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  /// Writes what is batched, as far as that works.
  ~LogSink();

  /// Seals the record and keeps it for the next write, about 64 KiB at a time. LIMIT above 1 MiB or the size
  /// of a file. After DISK_FULL or IO the record was not taken and those before it are still kept: the call
  /// may be repeated, now or later.
  Status append(ByteView record);
  /// Writes what is batched: then it outlives this process, and with `is_durable` a power cut. DISK_FULL or
  /// IO: a repeated call writes it all the same, but after a failed sync the records since the last durable
  /// flush may be lost and the log goes on in a new file.
  Status flush(bool is_durable);

 private:
  struct Current {
    DiskFile file;
    FrameChain chain;
    uint64_t bytes;          // written so far
    bool has_record;         // else it is never rotated
    bool has_ended = false;  // its end frame is sealed, perhaps still pending
  };

  LogSink(std::string path, const LogOptions& options, FileLock lock, Root root, Random& random);
  Status recover(Roots& roots);
  Status find_sequence(Roots& roots);
  void drop_surplus();

  // --- Called with mutex_ held. ---
  Status make_room(size_t frame_bytes);
  Status rotate();
  Status start_file();
  Status shift_names();
  Status write_pending();

  const std::string path_;
  const LogOptions options_;
  const FileLock lock_;
  const Root root_;
  Random* const random_;
  ForkGuard guard_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<Current> current_;  // none after a failure between two files
  uint64_t next_sequence_ = 1;
  Bytes pending_;  // frames that follow what is written
};

}  // namespace tessera::sealed
