// Ctrl-C as something to wait for.
#pragma once

#include <csignal>

namespace tessera::cli {

/// While it lives, Ctrl-C becomes a byte in a pipe, whichever thread the system gives it to. May be nested.
class SignalPipe {
 public:
  enum class Second { kTheSame, kEndsProcess };

  /// `second`: what Ctrl-C does once it came.
  explicit SignalPipe(Second second);
  SignalPipe(const SignalPipe&) = delete;
  SignalPipe& operator=(const SignalPipe&) = delete;
  ~SignalPipe();

  int read_end() const { return read_end_; }
  /// Puts a byte other than Ctrl-C's into the pipe.
  void wake() const;
  /// Whether Ctrl-C came since the last SignalPipe was made.
  static bool raised();

  static constexpr char kRaised = 's';

 private:
  int read_end_ = -1;
  int write_end_ = -1;
  int outer_ = -1;
  struct sigaction before_{};
};

}  // namespace tessera::cli
