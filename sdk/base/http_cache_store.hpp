// Where the API client keeps responses. The store's cache can be one; the client has one in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace tessera {

/// Safe from any thread; may wait for a disk. Keys are short ASCII text.
class ResponseStore {
 public:
  virtual ~ResponseStore() = default;
  /// Nothing when absent, expired or unreadable: to a cache a failure is a miss.
  virtual std::optional<Bytes> get(std::string_view key) = 0;
  /// What can't be kept, for its size or a failure, is absent afterwards, and so is what was there before.
  virtual void put(std::string_view key, Bytes bytes, int64_t ttl_ms) = 0;
  virtual void remove(std::string_view key) = 0;
  /// True only when nothing can be there: then no key needs to be made. Never waits.
  virtual bool is_empty() const { return false; }
};

}  // namespace tessera
