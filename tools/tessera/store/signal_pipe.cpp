#include "store/signal_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>

namespace tessera::cli {
namespace {

std::atomic<bool> g_raised{false};
std::atomic<int> g_write_end{-1};

void tell(int pipe, char what) {
  const int kept = errno;
  [[maybe_unused]] const ssize_t written = ::write(pipe, &what, 1);
  errno = kept;
}

void on_signal(int /*number*/) {
  g_raised = true;
  tell(g_write_end, SignalPipe::kRaised);
}

}  // namespace

SignalPipe::SignalPipe(Second second) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  read_end_ = ends[0];
  write_end_ = ends[1];
  g_raised = false;
  outer_ = g_write_end.exchange(write_end_);
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  if (second == Second::kEndsProcess) action.sa_flags |= static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, &before_);
}

SignalPipe::~SignalPipe() {
  ::sigaction(SIGINT, &before_, nullptr);
  g_write_end = outer_;
  ::close(read_end_);
  ::close(write_end_);
}

void SignalPipe::wake() const { tell(write_end_, '\0'); }

bool SignalPipe::raised() { return g_raised; }

}  // namespace tessera::cli
