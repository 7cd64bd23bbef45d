#include "base/files.hpp"

#include <pwd.h>
#ifdef __linux__
#include <linux/magic.h>
#include <sys/vfs.h>
#endif

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/testing.hpp"
#include "base/unique_fd.hpp"

namespace tessera {
namespace {

constexpr mode_t kOwnerFile = 0600;
constexpr mode_t kOwnerDirectory = 0700;

Error failure(std::string_view verb, const std::string& path, int error_number) {
  return error_from_errno("base", std::string(verb) + ' ' + path, error_number);
}

Error too_large(const std::string& path, size_t limit) {
  return {ErrorCode::kLIMIT, "base", path + " is larger than " + std::to_string(limit) + " bytes", {}};
}

Error not_regular(const std::string& path) {
  return {ErrorCode::kIO, "base", path + " is not a regular file; remove it or choose another path", {}};
}

Result<struct stat> regular_status(const UniqueFd& file, const std::string& path) {
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return failure("examine", path, errno);
  if (!is_regular(status)) return not_regular(path);
  return status;
}

Status write_all(const UniqueFd& file, const std::string& path, ByteView content) {
  while (!content.empty()) {
    const ssize_t count =
        retry_interrupted([&] { return ::write(file.get(), content.data(), content.size()); });
    if (count < 0) return failure("write", path, errno);
    content = content.subspan(static_cast<size_t>(count));
  }
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

Result<Bytes> read_all(const UniqueFd& file, const std::string& path, size_t limit) {
  constexpr size_t kReadStep = 4096;
  TSR_ASSIGN_OR_RETURN(const struct stat status, regular_status(file, path));
  const auto size = static_cast<size_t>(status.st_size);
  if (size > limit) return too_large(path, limit);

  // Files of /proc and /sys report size 0 and a file may grow meanwhile: read to the end, not to the size.
  Bytes content;
  size_t used = 0;
  while (true) {
    content.resize(used + std::max(size - std::min(size, used), kReadStep));
    const ssize_t count =
        retry_interrupted([&] { return ::read(file.get(), content.data() + used, content.size() - used); });
    if (count < 0) return failure("read", path, errno);
    used += static_cast<size_t>(count);
    if (used > limit) return too_large(path, limit);
    if (count == 0) break;
  }
  content.resize(used);
  return content;
}

/// Root may read what a user's application keeps.
Status make_private(const UniqueFd& file, const std::string& path) {
  TSR_ASSIGN_OR_RETURN(const struct stat status, regular_status(file, path));
  if (status.st_uid != geteuid() && geteuid() != 0)
    return Error{ErrorCode::kPERMISSION,
                 "base",
                 path + " belongs to another user; remove it or use another folder",
                 {}};
  if ((status.st_mode & 077) != 0 && fchmod(file.get(), kOwnerFile) != 0)
    return failure("protect", path, errno);
  return {};
}

class MachineFiles final : public Files {
 public:
  Result<Bytes> read(const std::string& path, size_t limit) override {
    const UniqueFd file = open_plain(path, O_RDONLY);
    if (!file.valid()) return failure("open", path, errno);
    return read_all(file, path, limit);
  }

  Result<Bytes> read_secret(const std::string& path, size_t limit) override {
    const UniqueFd file = open_plain(path, O_RDONLY);
    if (!file.valid()) return failure("open", path, errno);
    TSR_RETURN_IF_ERROR(make_private(file, path));
    return read_all(file, path, limit);
  }

  Status write(const std::string& path, ByteView content) override {
    TSR_RETURN_IF_ERROR(make_way(path));
    UniqueFd file = open_plain(path, O_WRONLY | O_CREAT | O_EXCL, kOwnerFile);
    if (!file.valid()) return failure("create", path, errno);
    TSR_RETURN_IF_ERROR(write_all(file, path, content));
    if (const int error = file.close(); error != 0) return failure("write", path, error);
    return {};
  }

  Status overwrite(const std::string& path, ByteView content) override {
    UniqueFd file = open_plain(path, O_WRONLY);
    if (!file.valid()) return failure("open", path, errno);
    TSR_RETURN_IF_ERROR(regular_status(file, path));
    TSR_RETURN_IF_ERROR(write_all(file, path, content));
    if (const int error = file.close(); error != 0) return failure("write", path, error);
    return {};
  }

  Status sync(const std::string& path) override {
    const UniqueFd file = open_plain(path, O_RDONLY);
    if (!file.valid()) return failure("open", path, errno);
    if (retry_interrupted([&] { return fsync(file.get()); }) != 0) return failure("sync", path, errno);
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failure("replace", to, errno);
    return {};
  }

  Status sync_directory(const std::string& directory) override {
    const UniqueFd handle(
        retry_interrupted([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!handle.valid()) return failure("open", directory, errno);
    const int result = retry_interrupted([&] { return fsync(handle.get()); });
    // EINVAL: a file system without directory sync, where the rename is as durable as it can be.
    if (result != 0 && errno != EINVAL) return failure("sync", directory, errno);
    return {};
  }

  Status remove(const std::string& path) override {
    if (unlink(path.c_str()) != 0) return failure("remove", path, errno);
    return {};
  }
};

Result<std::string> home_directory() {
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::string(home);
  struct passwd entry{};
  struct passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  const int error = getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return error_from_errno("base", "look up the home directory", error);
  if (found == nullptr || found->pw_dir == nullptr || found->pw_dir[0] != '/') {
    return Error{ErrorCode::kNOT_FOUND, "base", "this user has no home directory; set HOME", {}};
  }
  return std::string(found->pw_dir);
}

}  // namespace

Files& system_files() {
#ifdef TESSERA_TESTING
  if (Files* injected = testing::injected_files()) return *injected;
#endif
  static Files* const files = new MachineFiles;  // never destroyed: threads may use it during exit
  return *files;
}

Status write_atomic(Files& files, const std::string& path, ByteView content) {
  // A fixed name: callers hold the lock of `path`, and a crash leaves one file that the next write replaces.
  const std::string temporary = path + ".new";
  Status written = files.write(temporary, content);
  if (written.ok()) written = files.sync(temporary);
  if (written.ok()) written = files.rename(temporary, path);
  if (!written.ok()) {
    static_cast<void>(files.remove(temporary));  // frees space on a full disk; the first error counts
    return written;
  }
  return files.sync_directory(parent_directory(path));
}

bool is_on_network(const std::string& path) {
#ifdef TESSERA_TESTING
  if (testing::network_is_injected()) return true;
#endif
#ifdef __linux__
  constexpr std::array<uint32_t, 8> kNetworks{NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC,  CIFS_SUPER_MAGIC,
                                              SMB2_SUPER_MAGIC, CODA_SUPER_MAGIC, AFS_SUPER_MAGIC,
                                              CEPH_SUPER_MAGIC, V9FS_MAGIC};
  struct statfs status{};
  if (statfs(path.c_str(), &status) != 0) return false;
  return std::find(kNetworks.begin(), kNetworks.end(), static_cast<uint32_t>(status.f_type)) !=
         kNetworks.end();
#else
  static_cast<void>(path);
  return false;
#endif
}

Status make_directories(const std::string& directory) {
  struct stat status{};
  if (stat(directory.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return Error{ErrorCode::kIO, "base", directory + " is not a directory", {}};
  }
  if (errno != ENOENT) return failure("examine", directory, errno);
  const std::string parent = parent_directory(directory);
  if (parent != directory) TSR_RETURN_IF_ERROR(make_directories(parent));
  // EEXIST: another process was faster.
  if (mkdir(directory.c_str(), kOwnerDirectory) != 0 && errno != EEXIST) {
    return failure("create the directory", directory, errno);
  }
  return {};
}

Result<std::string> expand_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  TSR_ASSIGN_OR_RETURN(std::string home, home_directory());
  return home + path.substr(1);
}

std::string parent_directory(const std::string& path) {
  const size_t name_end = path.find_last_not_of('/');
  if (name_end == std::string::npos) return path.empty() ? "." : "/";
  const size_t slash = path.find_last_of('/', name_end);
  if (slash == std::string::npos) return ".";
  const size_t parent_end = path.find_last_not_of('/', slash);
  return parent_end == std::string::npos ? "/" : path.substr(0, parent_end + 1);
}

}  // namespace tessera
