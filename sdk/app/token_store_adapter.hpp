// Tokens of OAuth accounts in a table of the SDK's own inside the encrypted store.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/store_core.hpp"
#include "http/auth/token_store.hpp"

namespace tessera {

/// One account's row. A swap returns once its commit is on disk: a rotated pair survives a power cut.
class TokenStoreAdapter final : public http::TokenStore {
 public:
  /// Accounts of one name in different tenants are different; without a scope the tenant is empty.
  TokenStoreAdapter(std::shared_ptr<StoreCore> store, std::string tenant, std::string account)
      : store_(std::move(store)), tenant_(std::move(tenant)), account_(std::move(account)) {}

  Result<std::optional<http::TokenRecord>> load() override;
  Result<bool> compare_and_swap(uint64_t expected, const http::TokenRecord& record) override;

 private:
  const std::shared_ptr<StoreCore> store_;
  const std::string tenant_, account_;
};

}  // namespace tessera
