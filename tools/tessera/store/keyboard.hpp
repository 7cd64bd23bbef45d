// What a person types.
#pragma once

#include <sys/types.h>

#include "store/signal_pipe.hpp"

namespace tessera::cli {

/// While it lives, Ctrl-C ends the reading instead of the process.
class Keyboard {
 public:
  /// One byte of standard input; 0 at its end, -1 when it fails or Ctrl-C came.
  ssize_t read(char* byte) const;
  static bool interrupted() { return SignalPipe::raised(); }

 private:
  const SignalPipe signals_{SignalPipe::Second::kTheSame};
};

}  // namespace tessera::cli
