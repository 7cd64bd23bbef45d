// Where a call's credential comes from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace tessera::http {

/// A header field, and which of the provider's credentials it is: a 401 to an older one says nothing about
/// the present one.
struct Credential {
  std::string name, value;
  uint64_t generation = 0;
};

class AuthWaiter {
 public:
  virtual ~AuthWaiter() = default;
  /// On the loop's thread, never from inside AuthProvider::get().
  virtual void on_credential(Result<Credential> credential) = 0;
};

/// On the loop's thread.
class AuthProvider {
 public:
  virtual ~AuthProvider() = default;
  /// What it has, at once; nothing: `waiter` is told later. `rejected` is the generation that a 401 came to.
  virtual std::optional<Result<Credential>> get(AuthWaiter& waiter, std::optional<uint64_t> rejected) = 0;
  /// Waits no more.
  virtual void leave(AuthWaiter& waiter) = 0;
};

}  // namespace tessera::http
