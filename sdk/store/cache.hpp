// TTL cache with namespaces, byte budget and LRU (storage design, section c1). Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/database.hpp"

namespace tessera::store {

struct CacheConfig {
  int64_t max_bytes = int64_t{32} << 20;  // for each namespace
  int64_t max_rows = 10'000;
  int64_t negative_ttl_ms = 60'000;  // longest life of a negative entry
};

struct CacheEntry {
  Bytes value;
  bool negative = false;  // "known not to exist"
  int64_t expires_in_ms = 0;
};

struct CacheStats {
  int64_t rows = 0, bytes = 0, hits = 0, misses = 0, evicted = 0, expired = 0, loads = 0, joined_loads = 0;
};

/// What a loader found.
struct Loaded {
  Bytes value;
  bool negative = false;
  int64_t ttl_ms = 0;
};

class Cache {
 public:
  static Result<std::unique_ptr<Cache>> open(Database& database, const CacheConfig& config);
  virtual ~Cache() = default;
  /// Makes the tables that are not there, as after Database::replace().
  virtual Status prepare() = 0;
  /// TTL is jittered by 10 % either way. ARG for ttl_ms <= 0; LIMIT for a value over the budget.
  virtual Status put(std::string_view ns, std::string_view key, ByteView value, int64_t ttl_ms,
                     bool negative) = 0;
  /// Nothing when absent or expired.
  virtual Result<std::optional<CacheEntry>> get(std::string_view ns, std::string_view key) = 0;
  /// get(), or `load` run once for all that ask for the key at the same time, its result put. The others wait
  /// up to `timeout_ms`. A failed load is handed to all who wait and not kept. A loader that asks for its own
  /// key gets STATE.
  virtual Result<CacheEntry> get_or_load(std::string_view ns, std::string_view key, int64_t timeout_ms,
                                         const std::function<Result<Loaded>()>& load) = 0;
  virtual Status remove(std::string_view ns, std::string_view key) = 0;
  virtual Status clear(std::string_view ns) = 0;
  /// Deletes up to 500 expired rows; called by writes each 60 s and by who likes. Returns how many.
  virtual Result<int64_t> sweep() = 0;
  virtual Result<CacheStats> stats(std::string_view ns) = 0;
};

}  // namespace tessera::store
