// Watches on key prefixes: who is told of which committed change, in which order. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/fork_guard.hpp"

namespace tessera::store {

/// Each watch is called on a worker, one call at a time, in the order of tell(). A key that waits already
/// isn't queued again, and a watcher more than kMostWaiting keys behind is called once with its prefix
/// instead: it reads all of it again.
class WatchHub {
 public:
  static constexpr size_t kMostWaiting = 10'000;

  WatchHub();
  ~WatchHub();
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  bool is_watched() const;
  /// After the commit that changed `key`; runs no watcher itself.
  void tell(const std::string& key);

  /// See Settings::watch() and unwatch().
  uint64_t add(std::string_view prefix, std::function<bool(std::string_view key)> changed);
  void remove(uint64_t id);
  void remove_all();

 private:
  class Watch;
  const ForkGuard fork_;
  std::mutex mutex_;  // taken before a watch's own
  std::map<uint64_t, std::shared_ptr<Watch>> watches_;
  uint64_t last_id_ = 0;
  std::atomic<size_t> count_{0};
};

}  // namespace tessera::store
