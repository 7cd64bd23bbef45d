// Where a call's credential comes from.
#pragma once

#include <cstdint>
#include <memory>
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

class AuthHost;

class AuthWaiter {
 public:
  virtual ~AuthWaiter() = default;
  /// On the loop's thread, never from inside AuthProvider::get().
  virtual void on_credential(Result<Credential> credential) = 0;
};

/// On the loop's thread, but for attach().
class AuthProvider {
 public:
  virtual ~AuthProvider() = default;
  /// The client that is going to ask it, from the thread that sets it. STATE when it serves another.
  virtual Status attach(const std::shared_ptr<AuthHost>&) { return {}; }
  /// Whether there may be another credential after a 401 to that one; else the 401 is the answer.
  virtual bool renews(uint64_t generation) = 0;
  /// What it has, at once; nothing: `waiter` is told later. `rejected` is the generation that a 401 came to.
  virtual std::optional<Result<Credential>> get(AuthWaiter& waiter, std::optional<uint64_t> rejected) = 0;
  /// Waits no more.
  virtual void leave(AuthWaiter& waiter) = 0;
};

}  // namespace tessera::http
