// Responses in memory, for a client without a store: a byte budget, the least recently used go first.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/http_cache_store.hpp"

namespace tessera::http {

class MemoryStore final : public ResponseStore {
 public:
  static constexpr size_t kDefaultBytes = size_t{32} << 20;

  explicit MemoryStore(Clock& clock, size_t max_bytes = kDefaultBytes)
      : clock_(clock), max_bytes_(max_bytes) {}

  std::optional<Bytes> get(std::string_view key) override;
  void put(std::string_view key, Bytes bytes, int64_t ttl_ms) override;
  void remove(std::string_view key) override;
  bool is_empty() const override;

  /// What counts against the budget: keys, values and what each costs beside them.
  size_t bytes() const;

 private:
  struct Item {
    std::string key;
    Bytes bytes;
    int64_t put_ms = 0, ttl_ms = 0;  // boot time: no wall clock that steps keeps an item
  };
  using Items = std::list<Item>;

  static size_t cost_of(const Item& item);
  void drop(Items::iterator item);

  Clock& clock_;
  const size_t max_bytes_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Items items_;                                                   // the most recently used first
  std::unordered_map<std::string_view, Items::iterator> by_key_;  // views of the items' own keys
  size_t bytes_ = 0;
};

}  // namespace tessera::http
