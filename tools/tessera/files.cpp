#include "files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "console.hpp"
#include "exit_code.hpp"

namespace tessera::cli {
namespace {

constexpr size_t kMaxFileBytes = 16U << 20U;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  const int error = errno;
  std::string next = "check the path and its permissions";
  if (error == ENOENT) next = "check the path";
  if (error == ENOSPC || error == EDQUOT) next = "free space and try again";
  if (error == EEXIST) next = "choose another name, or replace the file with --force";
  throw Failure(kExitFailed, what + " " + path + ": " + std::strerror(error), std::move(next));
}

void write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("can't write", path);
    text.remove_prefix(static_cast<size_t>(written));
  }
}

/// A file beside its target that is gone unless it took the target's place.
class Replacement {
 public:
  Replacement(std::string target, mode_t mode)
      : target_(std::move(target)), path_(target_ + ".XXXXXX"), file_(::mkstemp(path_.data())) {
    if (file_.get() < 0) fail("can't write", target_);
    if (::fchmod(file_.get(), mode) != 0) fail("can't write", target_);
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  void commit(std::string_view text) {
    write_all(file_.get(), text, target_);
    if (::fsync(file_.get()) != 0 || ::rename(path_.c_str(), target_.c_str()) != 0)
      fail("can't write", target_);
    path_.clear();
  }

 private:
  std::string target_;
  std::string path_;
  Descriptor file_;
};

/// The mode of the file that is replaced, else what a new file gets.
mode_t mode_for(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) return status.st_mode & 0777U;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666U & ~mask;
}

/// Whether others than the owner have any right to the file.
bool is_open_to_others(const std::string& path) {
  struct stat status{};
  return path != kStandardStream && ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & 077U) != 0;
}

}  // namespace

std::string read_file(const std::string& path) {
  const Descriptor file(path == kStandardStream ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail("can't read", path);
  std::string content;
  std::array<char, 65536> chunk{};
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("can't read", path);
    if (got == 0) break;
    content.append(chunk.data(), static_cast<size_t>(got));
    if (content.size() > kMaxFileBytes)
      throw Failure(kExitFailed, path + " is larger than any Tessera document", "check the path");
  }
  ::explicit_bzero(chunk.data(), chunk.size());
  return content;
}

std::string read_secret_file(const std::string& path) {
  if (is_open_to_others(path))
    print_error("tessera: warning: others can access " + path + "\n  next: chmod 600 " + path + "\n");
  return read_file(path);
}

void wipe(std::string& text) { ::explicit_bzero(text.data(), text.size()); }

void write_file(const std::string& path, std::string_view text) {
  if (path == kStandardStream) return print(text);
  std::error_code ignored;
  const auto type = std::filesystem::status(path, ignored).type();
  if (type == std::filesystem::file_type::not_found || type == std::filesystem::file_type::regular) {
    // A link keeps pointing to its file.
    const auto target = std::filesystem::weakly_canonical(path, ignored);
    Replacement(ignored ? path : target.string(), mode_for(path)).commit(text);
    return;
  }
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) fail("can't write", path);
  write_all(file.get(), text, path);
}

void write_private_file(const std::string& path, std::string_view text, Overwrite overwrite) {
  constexpr mode_t kOwnerOnly = 0600;
  if (overwrite == Overwrite::kAllow) return Replacement(path, kOwnerOnly).commit(text);
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  if (file.get() < 0) fail("can't create", path);
  try {
    write_all(file.get(), text, path);
    if (::fsync(file.get()) != 0) fail("can't write", path);
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
}

}  // namespace tessera::cli
