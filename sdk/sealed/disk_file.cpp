#include "sealed/disk_file.hpp"

#include "base/files.hpp"
#include "sealed/errors.hpp"

namespace tessera::sealed {
namespace {

constexpr mode_t kOwnerFile = 0600;
constexpr int kMaxTries = 16;

Error not_regular(const std::string& path) {
  return {ErrorCode::kIO, "sealed", path + " is not a regular file; remove it or choose another path", {}};
}

Error held(const std::string& path) {
  return {
      ErrorCode::kBUSY, "sealed", "another process or handle writes " + path + "; wait until it is done", {}};
}

int set_lock(int fd, short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;  // with a length of 0: the whole file
  return retry_interrupted([&] { return fcntl(fd, F_OFD_SETLK, &lock); }) == 0 ? 0 : errno;
}

/// Root may read what a user's application keeps.
Status make_private(const UniqueFd& file, const struct stat& status, const std::string& path) {
  if (status.st_uid != geteuid() && geteuid() != 0) {
    return Error{ErrorCode::kPERMISSION,
                 "sealed",
                 path + " belongs to another user; remove it or use another folder",
                 {}};
  }
  if ((status.st_mode & 077) != 0 && fchmod(file.get(), kOwnerFile) != 0)
    return failure("protect", path, errno);
  return {};
}

/// Removes the file at `path`, which may belong to somebody else or have a second name. Never anything but a
/// file.
Status make_way(const std::string& path) {
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return errno == ENOENT ? Status() : failure("examine", path, errno);
  if (!is_regular(status)) return not_regular(path);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return failure("replace", path, errno);
  return {};
}

}  // namespace

Result<DiskFile> DiskFile::open(const std::string& path, Access access) {
  UniqueFd fd = open_plain(path, access == Access::kRead ? O_RDONLY : O_RDWR);
  if (!fd.valid()) return errno == ELOOP ? not_regular(path) : failure("open", path, errno);
  struct stat status{};
  if (fstat(fd.get(), &status) != 0) return failure("examine", path, errno);
  if (!is_regular(status)) return not_regular(path);
  if (access == Access::kWrite) TSR_RETURN_IF_ERROR(make_private(fd, status, path));
  return DiskFile(std::move(fd), path);
}

Result<DiskFile> DiskFile::create(const std::string& path) {
  TSR_RETURN_IF_ERROR(make_way(path));
  UniqueFd fd = open_plain(path, O_RDWR | O_CREAT | O_EXCL, kOwnerFile);
  if (!fd.valid()) return failure("create", path, errno);
  return DiskFile(std::move(fd), path);
}

Result<DiskFile> DiskFile::create_locked(const std::string& path) {
  // Others may create, lock or remove the file between any two of these steps; then they begin again.
  for (int tries = 0; tries < kMaxTries; ++tries) {
    UniqueFd fd = open_plain(path, O_RDWR | O_CREAT | O_EXCL, kOwnerFile);
    if (fd.valid()) {
      DiskFile file(std::move(fd), path);
      if (file.lock().ok()) return file;
      continue;
    }
    if (errno != EEXIST) return failure("create", path, errno);
    auto existing = open(path, Access::kWrite);
    if (!existing && existing.error().code == ErrorCode::kNOT_FOUND) continue;
    if (!existing) return std::move(existing).error();
    TSR_RETURN_IF_ERROR(existing->lock());
    TSR_RETURN_IF_ERROR(make_way(path));
  }
  return held(path);
}

DiskFile::~DiskFile() {
  // A forked child shares the lock. The owner unlocks for both; the child only closes its copy.
  if (fd_.valid() && is_locked_ && !guard_.in_child()) set_lock(fd_.get(), F_UNLCK);
}

bool DiskFile::is_at_path() const {
  struct stat opened{};
  struct stat now{};
  return fstat(fd_.get(), &opened) == 0 && lstat(path_.c_str(), &now) == 0 && now.st_dev == opened.st_dev &&
         now.st_ino == opened.st_ino;
}

Status DiskFile::lock() {
  const int error = set_lock(fd_.get(), F_WRLCK);
  if (error == EAGAIN || error == EACCES) return held(path_);
  if (error != 0) return failure("lock", path_, error);
  is_locked_ = true;
  // A lock on a file that was renamed or removed meanwhile would exclude nobody.
  return is_at_path() ? Status() : held(path_);
}

Result<uint64_t> DiskFile::size() const {
  struct stat status{};
  if (fstat(fd_.get(), &status) != 0) return failure("examine", path_, errno);
  return static_cast<uint64_t>(status.st_size);
}

Result<size_t> DiskFile::read_at(uint64_t offset, std::span<uint8_t> out) const {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = retry_interrupted([&] {
      return pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    });
    if (count < 0) return failure("read", path_, errno);
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return done;
}

Status DiskFile::write_at(uint64_t offset, ByteView content) {
  while (!content.empty()) {
    const ssize_t count = retry_interrupted(
        [&] { return pwrite(fd_.get(), content.data(), content.size(), static_cast<off_t>(offset)); });
    if (count < 0) return failure("write", path_, errno);
    offset += static_cast<uint64_t>(count);
    content = content.subspan(static_cast<size_t>(count));
  }
  return {};
}

Status DiskFile::cut(uint64_t size) {
  if (retry_interrupted([&] { return ftruncate(fd_.get(), static_cast<off_t>(size)); }) != 0)
    return failure("shorten", path_, errno);
  return {};
}

Status DiskFile::sync() {
  if (retry_interrupted([&] { return fsync(fd_.get()); }) != 0) return failure("sync", path_, errno);
  return {};
}

Status DiskFile::rename_to(const std::string& path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) return failure("replace", path, errno);
  path_ = path;
  return {};
}

Status sync_folder_of(const std::string& path) {
  const std::string folder = parent_directory(path);
  const UniqueFd handle(
      retry_interrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!handle.valid()) return failure("open", folder, errno);
  // EINVAL: a file system without directory sync, where the rename is as durable as it can be.
  if (retry_interrupted([&] { return fsync(handle.get()); }) != 0 && errno != EINVAL)
    return failure("sync", folder, errno);
  return {};
}

}  // namespace tessera::sealed
