// Owner of a POSIX file descriptor, and calls that survive interruption by a signal.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace tessera {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~UniqueFd() { close(); }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  /// 0 or an errno value. Linux frees the descriptor even when close() is interrupted.
  int close() {
    if (!valid()) return 0;
    return ::close(release()) == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int fd_ = -1;
};

/// Repeats a POSIX call that gives -1 and sets errno while a signal interrupts it.
template <class Call>
auto retry_interrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/// Opens without following a link at the end of `path`, never blocks on a FIFO and is closed by exec.
inline UniqueFd open_plain(const std::string& path, int flags, mode_t mode = 0) {
  constexpr int kSafe = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  return UniqueFd(retry_interrupted([&] { return ::open(path.c_str(), flags | kSafe, mode); }));
}

inline bool is_regular(const struct stat& status) { return S_ISREG(status.st_mode); }

}  // namespace tessera
