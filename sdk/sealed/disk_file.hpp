// A regular file at offsets: owner-only rights, no link followed at the end of its path, every failure an
// Error that names the path. Not safe for several threads at once, except read_at().
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/fork_guard.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tessera::sealed {

class DiskFile {
 public:
  enum class Access { kRead, kWrite };

  /// NOT_FOUND, PERMISSION, IO. With kWrite it must belong to this user, and others lose their rights.
  static Result<DiskFile> open(const std::string& path, Access access);
  /// A new, empty file in the place of the one that is there.
  static Result<DiskFile> create(const std::string& path);
  /// The same under lock(): BUSY when another handle has locked the one that is there.
  static Result<DiskFile> create_locked(const std::string& path);
  DiskFile(DiskFile&& other) noexcept = default;
  DiskFile& operator=(DiskFile&& other) noexcept = default;
  ~DiskFile();

  const std::string& path() const { return path_; }
  /// Excludes every other handle until this one is destroyed. BUSY when there is one, or when `path` leads to
  /// another file by now.
  Status lock();
  Result<uint64_t> size() const;
  /// How many bytes were read: fewer than asked for at the end of the file only.
  Result<size_t> read_at(uint64_t offset, std::span<uint8_t> out) const;
  Status write_at(uint64_t offset, ByteView content);
  Status cut(uint64_t size);
  Status sync();
  /// Takes the place of the file at `path`.
  Status rename_to(const std::string& path);

 private:
  DiskFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  bool is_at_path() const;

  UniqueFd fd_;
  std::string path_;
  bool is_locked_ = false;
  ForkGuard guard_;
};

/// Makes created, renamed and removed names of the folder of `path` durable.
Status sync_folder_of(const std::string& path);

}  // namespace tessera::sealed
