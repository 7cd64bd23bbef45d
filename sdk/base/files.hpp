// Files port: the durable operations of a state file, so small that a fault layer can cut after each one.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/fork_guard.hpp"
#include "base/result.hpp"

namespace tessera {

class Files {
 public:
  virtual ~Files() = default;
  /// Whole content; NOT_FOUND, PERMISSION, IO, or LIMIT when larger than `limit`. Regular files only; a link
  /// at the end of `path` is not followed, here and in sync().
  virtual Result<Bytes> read(const std::string& path, size_t limit) = 0;
  /// The same for a file that only its owner may know. PERMISSION when it belongs to another user; rights of
  /// others are taken away before it is read.
  virtual Result<Bytes> read_secret(const std::string& path, size_t limit) { return read(path, limit); }
  /// A new file with owner-only rights in the place of the one that is there; not synced.
  virtual Status write(const std::string& path, ByteView content) = 0;
  /// `content` over the first bytes of the file that is there, in the same blocks where the file system
  /// allows.
  virtual Status overwrite(const std::string& path, ByteView content) { return write(path, content); }
  virtual Status sync(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status sync_directory(const std::string& directory) = 0;
  virtual Status remove(const std::string& path) = 0;
};

/// The machine's file system, or the injected one in a testing build.
Files& system_files();

/// Old or new content, never a mixture, also after power loss: temporary file, sync, rename, directory sync.
Status write_atomic(Files& files, const std::string& path, ByteView content);
/// Creates `directory` and its missing parents with owner-only rights.
Status make_directories(const std::string& directory);
/// "~" and "~/x" to the user's home; other paths unchanged.
Result<std::string> expand_home(const std::string& path);
std::string parent_directory(const std::string& path);
/// NFS, SMB and their like, where locks and syncs may hold less than on a local disk. False when unknown.
bool is_on_network(const std::string& path);

/// Exclusive lock on a lock file (OFD: also excludes other handles of this process), until destroyed.
class FileLock {
 public:
  /// BUSY after `timeout_ms`; `path` is created with owner-only rights.
  static Result<FileLock> acquire(const std::string& path, int64_t timeout_ms);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  void release();
  int fd_ = -1;
  ForkGuard guard_;
};

/// A counter in a page shared by all processes that map the same file; reading it is a memory read.
class SharedCounter {
 public:
  virtual ~SharedCounter() = default;
  virtual uint64_t load() const = 0;
  virtual void increment() = 0;
  /// False when the file was replaced or removed under us: map again.
  virtual bool current() const = 0;
  /// Falls back to a private counter when the file can't be created (read-only directory). Nothing may
  /// shorten the file while it is mapped.
  static std::unique_ptr<SharedCounter> open(const std::string& path);
};

}  // namespace tessera
