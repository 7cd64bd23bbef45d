// Random access to a sealed file: only the chunks that a read touches are decrypted, and nothing is given out
// of a chunk that is not as it was written.
#pragma once

#include <memory>
#include <mutex>

#include "sealed/chunks.hpp"

namespace tessera::sealed {

/// Safe from any thread. FORKED in a child process.
class FileReader {
 public:
  /// Verifies header and last chunk, so a file that was cut short is found here. CORRUPT, CRYPTO or
  /// UNSUPPORTED as sealed/errors.hpp says; NOT_FOUND, PERMISSION, IO; what `roots` answers. `roots` is used
  /// during the call only. The file that is open stays the same while a writer replaces it.
  static Result<std::unique_ptr<FileReader>> open(const std::string& path, Roots& roots);
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;
  ~FileReader();

  /// Bytes of plain content.
  uint64_t size() const { return size_; }
  /// How many bytes were read into `out`: fewer than it takes at the end of the file only, 0 from there on.
  /// CORRUPT when a chunk is damaged; `out` then holds nothing of that chunk.
  Result<size_t> read(uint64_t offset, std::span<uint8_t> out);
  /// Everything; LIMIT when that is more than `limit` bytes.
  Result<Bytes> read_all(size_t limit);

 private:
  FileReader(DiskFile file, OpenedHeader header, RunTable runs);
  Status measure();
  Status load(uint64_t chunk);  // with mutex_ held

  const DiskFile file_;
  const OpenedHeader header_;
  const RunTable runs_;
  uint64_t size_ = 0;
  uint64_t last_chunk_ = 0;
  ForkGuard guard_;

  std::mutex mutex_;
  // Guarded by mutex_.
  Bytes sealed_;  // one chunk as it is on the disk
  Bytes plain_;   // content of `loaded_`
  std::optional<uint64_t> loaded_;
};

}  // namespace tessera::sealed
