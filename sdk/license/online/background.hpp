// Keeps a licence fresh while the application runs, on the workers that all handles share.
#pragma once

#include <cstdint>
#include <memory>

#include "base/fork_guard.hpp"
#include "base/result.hpp"

namespace tessera {

class OnlineLicense;

class BackgroundSync {
 public:
  /// The first look comes `first_ms` from now, so that short programs ask nobody. What `license` refers to
  /// lives as long as a call is under way.
  static Result<std::unique_ptr<BackgroundSync>> start(std::weak_ptr<OnlineLicense> license,
                                                       int64_t first_ms);
  /// Waits for nothing: a call under way ends when its transport is stopped.
  ~BackgroundSync();

 private:
  class Beat;
  explicit BackgroundSync(std::shared_ptr<Beat> beat) : beat_(std::move(beat)) {}
  const ForkGuard fork_;
  std::shared_ptr<Beat> beat_;
};

}  // namespace tessera
