#include <algorithm>
#include <ctime>
#include <optional>

#include "base/files.hpp"
#include "base/unique_fd.hpp"

namespace tessera {
namespace {

constexpr int64_t kFirstPauseMs = 1;
constexpr int64_t kLongestPauseMs = 50;

// Waiting is measured in real time, also where a test has fixed the clock port.
int64_t monotonic_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void pause_ms(int64_t duration) {
  timespec left{duration / 1000, (duration % 1000) * 1'000'000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

int set_lock(int fd, short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;  // with a length of 0: the whole file
  return retry_interrupted([&] { return fcntl(fd, F_OFD_SETLK, &lock); }) == 0 ? 0 : errno;
}

/// False when the path leads to another file by now: a lock on the old one would exclude nobody.
bool still_at(const std::string& path, const struct stat& opened) {
  struct stat now{};
  return lstat(path.c_str(), &now) == 0 && now.st_dev == opened.st_dev && now.st_ino == opened.st_ino;
}

// For people who look who holds the lock; nothing reads it back, so failures don't matter.
void note_owner(int fd) {
  const std::string text = std::to_string(getpid()) + '\n';
  if (ftruncate(fd, 0) == 0) static_cast<void>(!pwrite(fd, text.data(), text.size(), 0));
}

Error lock_error(const std::string& path, int error_number) {
  return error_from_errno("base", "lock " + path, error_number);
}

/// The locked file, nothing when somebody else holds it.
Result<std::optional<UniqueFd>> try_lock(const std::string& path) {
  UniqueFd file = open_plain(path, O_RDWR | O_CREAT, 0600);
  if (!file.valid()) return lock_error(path, errno);
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return lock_error(path, errno);
  if (!is_regular(status)) return Error{ErrorCode::kIO, "base", path + " is not a regular file", {}};
  const int error = set_lock(file.get(), F_WRLCK);
  if (error == EAGAIN || error == EACCES) return std::optional<UniqueFd>();
  if (error != 0) return lock_error(path, error);
  if (!still_at(path, status)) return std::optional<UniqueFd>();
  return std::optional<UniqueFd>(std::move(file));
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::string& path, int64_t timeout_ms) {
  const int64_t deadline = monotonic_ms() + std::max<int64_t>(timeout_ms, 0);
  for (int64_t pause = kFirstPauseMs;; pause = std::min(pause * 2, kLongestPauseMs)) {
    TSR_ASSIGN_OR_RETURN(std::optional<UniqueFd> file, try_lock(path));
    if (file) {
      note_owner(file->get());
      return FileLock(file->release());
    }
    const int64_t left = deadline - monotonic_ms();
    if (left <= 0) return Error{ErrorCode::kBUSY, "base", "another process or handle holds " + path, {}};
    pause_ms(std::min(pause, left));
  }
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)), guard_(other.guard_) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this == &other) return *this;
  release();
  fd_ = std::exchange(other.fd_, -1);
  guard_ = other.guard_;
  return *this;
}

FileLock::~FileLock() { release(); }

void FileLock::release() {
  // A forked child shares the lock. The owner unlocks for both; the child only closes its copy.
  UniqueFd file(std::exchange(fd_, -1));
  if (file.valid() && !guard_.in_child()) set_lock(file.get(), F_UNLCK);
}

}  // namespace tessera
