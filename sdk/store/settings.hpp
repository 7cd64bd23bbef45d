// Key/value settings with typed values, and watching key prefixes. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/database.hpp"

namespace tessera::store {

inline constexpr size_t kMaxKeyBytes = 1024;

class Settings {
 public:
  /// Makes tsr_settings when it is not there.
  static Result<std::unique_ptr<Settings>> open(Database& database);
  virtual ~Settings() = default;
  /// Makes the tables that are not there, as after Database::replace().
  virtual Status prepare() = 0;

  /// ARG for an empty key, one over 1,024 bytes or not UTF-8, and for kJson that is not JSON.
  virtual Status put(std::string_view key, const Value& value, const CallOptions& options) = 0;
  virtual Status put_async(std::string_view key, const Value& value, const CallOptions& options,
                           std::function<void(Status)> done) = 0;
  virtual Status put_within(Transaction& transaction, std::string_view key, const Value& value) = 0;
  /// One row ("value") or none.
  virtual Result<RowSet> get(std::string_view key, const CallOptions& options) = 0;
  /// NOT_FOUND when there is none.
  virtual Status remove(std::string_view key, const CallOptions& options) = 0;
  virtual Status remove_within(Transaction& transaction, std::string_view key) = 0;
  /// Rows (key, value) in key order.
  virtual Result<RowSet> list(std::string_view prefix, const CallOptions& options) = 0;

  /// Calls `changed` after each commit that put or removed a key under `prefix`; one call at a time for a
  /// watch, on a worker, in commit order. Returns false from `changed`: the watch ends.
  virtual Result<uint64_t> watch(std::string_view prefix,
                                 std::function<bool(std::string_view key)> changed) = 0;
  /// Waits for a running call, except from inside it.
  virtual void unwatch(uint64_t id) = 0;
};

}  // namespace tessera::store
