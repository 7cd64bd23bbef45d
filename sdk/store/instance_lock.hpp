// One process and one instance for each store: "<stem>.lock" with an OFD lock; the pid in it is information.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

namespace tessera::store {

/// Held until destroyed. In a forked child its destruction leaves the parent's lock alone; an owner that dies
/// while a child it forked lives on leaves the lock to that child.
class InstanceLock {
 public:
  /// Waits up to `timeout_ms` for a closing instance of this process; another process's is BUSY
  /// (STORE_LOCKED, "owner_pid" in the detail) at once. PERMISSION, NOT_FOUND or IO when the file can't be
  /// made. Thread-safe.
  static Result<std::unique_ptr<InstanceLock>> acquire(const std::string& path, int64_t timeout_ms);
  virtual ~InstanceLock() = default;
};

}  // namespace tessera::store
