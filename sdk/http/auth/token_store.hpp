// The port to where the tokens of an account are kept, for one process or for several that share it.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "base/result.hpp"
#include "http/auth/token_record.hpp"

namespace tessera::http {

/// Safe from any thread; may wait for a disk or a database. An exception is a CALLBACK error.
class TokenStore {
 public:
  virtual ~TokenStore() = default;
  /// Nothing when it holds none.
  virtual Result<std::optional<TokenRecord>> load() = 0;
  /// Holds `record` instead of that of version `expected` (0: of none), durably once it returns; false, and
  /// no change, when it holds another version.
  virtual Result<bool> compare_and_swap(uint64_t expected, const TokenRecord& record) = 0;
};

/// Of one process, and gone with it.
class MemoryTokenStore final : public TokenStore {
 public:
  Result<std::optional<TokenRecord>> load() override;
  Result<bool> compare_and_swap(uint64_t expected, const TokenRecord& record) override;

 private:
  std::mutex mutex_;
  std::optional<TokenRecord> record_;  // guarded by mutex_
};

}  // namespace tessera::http
