// A forked child that runs one function and gives its result as exit status.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace tessera::test {

class ChildProcess {
 public:
  /// `body` gives the exit status, 0 to 255. It must not use Boost.Test, whose state belongs to the parent.
  template <class Body>
  explicit ChildProcess(Body body) : pid_(fork()) {
    if (pid_ < 0) throw std::runtime_error("could not fork");
    if (pid_ != 0) return;
    int status = 255;
    try {
      status = body();
    } catch (...) {
      status = 254;
    }
    _exit(status);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    if (pid_ > 0) kill_now();
  }

  /// The exit status, or minus the signal that ended it.
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  void kill_now() {
    kill(pid_, SIGKILL);
    wait();
  }

 private:
  pid_t pid_;
};

/// A one-way signal between processes: wait() returns once the other side has called set().
class PipeSignal {
 public:
  PipeSignal() {
    if (pipe(ends_) != 0) throw std::runtime_error("could not create a pipe");
  }
  PipeSignal(const PipeSignal&) = delete;
  PipeSignal& operator=(const PipeSignal&) = delete;
  ~PipeSignal() {
    close(ends_[0]);
    close(ends_[1]);
  }
  void set() {
    if (write(ends_[1], "x", 1) != 1) throw std::runtime_error("could not signal");
  }
  void wait() {
    char byte = 0;
    if (read(ends_[0], &byte, 1) != 1) throw std::runtime_error("the other side is gone");
  }

 private:
  int ends_[2];
};

}  // namespace tessera::test
