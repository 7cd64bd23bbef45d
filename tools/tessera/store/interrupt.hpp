// Ctrl-C while something runs.
#pragma once

#include <functional>
#include <thread>

#include "store/signal_pipe.hpp"

namespace tessera::cli {

/// While it lives the first Ctrl-C asks the work to end; a second one ends the process.
class Interrupt {
 public:
  /// `stop` is called on another thread, never after the destructor has returned. May be empty.
  explicit Interrupt(std::function<void()> stop = {});
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  /// Whether Ctrl-C came.
  static bool requested();

 private:
  void watch() const;

  const std::function<void()> stop_;
  const SignalPipe signals_{SignalPipe::Second::kEndsProcess};
  std::thread watcher_;
};

}  // namespace tessera::cli
