// Detects use of a handle in a forked child without a system call.
#pragma once

#include <cstdint>

namespace tessera {

/// A number that differs between a process and any child it forks. A memory read after the first call.
uint64_t process_token();

class ForkGuard {
 public:
  ForkGuard() : token_(process_token()) {}
  bool in_child() const { return token_ != process_token(); }

 private:
  uint64_t token_;
};

}  // namespace tessera
