#include "store/interrupt.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace tessera::cli {

Interrupt::Interrupt(std::function<void()> stop) : stop_(std::move(stop)), watcher_([this] { watch(); }) {}

Interrupt::~Interrupt() {
  signals_.wake();
  watcher_.join();
}

bool Interrupt::requested() { return SignalPipe::raised(); }

void Interrupt::watch() const {
  for (;;) {
    char word = 0;
    const ssize_t got = ::read(signals_.read_end(), &word, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1 || word != SignalPipe::kRaised) return;
    if (stop_) stop_();
  }
}

}  // namespace tessera::cli
