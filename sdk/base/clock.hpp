// Clock port. Times are milliseconds; wall time counts from the Unix epoch, boot time includes suspend.
#pragma once

#include <cstdint>

namespace tessera {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t wall_ms() const = 0;
  virtual int64_t boot_ms() const = 0;
  /// The same number again means that less than 20 ms have passed, suspend aside; 0 when the clock can't
  /// tell. Costs a fifth of the other two.
  virtual int64_t tick() const { return 0; }
};

/// The machine's clock, or the injected one in a testing build. Valid for the life of the process.
Clock& system_clock();

}  // namespace tessera
