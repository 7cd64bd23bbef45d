// Responses of the API client in the encrypted store, in a namespace and with a budget of their own.
#pragma once

#include <memory>
#include <utility>

#include "app/store_core.hpp"
#include "base/http_cache_store.hpp"

namespace tessera {

class ResponseCacheAdapter final : public ResponseStore {
 public:
  static constexpr std::string_view kNamespace = "tsr.http";
  static constexpr int64_t kMaxBytes = int64_t{32} << 20;

  static Result<std::unique_ptr<ResponseCacheAdapter>> open(std::shared_ptr<StoreCore> store);

  std::optional<Bytes> get(std::string_view key) override;
  void put(std::string_view key, Bytes bytes, int64_t ttl_ms) override;
  void remove(std::string_view key) override;

 private:
  ResponseCacheAdapter(std::shared_ptr<StoreCore> store, std::unique_ptr<store::Cache> cache)
      : store_(std::move(store)), cache_(std::move(cache)) {}

  const std::shared_ptr<StoreCore> store_;
  const std::unique_ptr<store::Cache>
      cache_;  // over the store's tables; the application's has its own budget
};

}  // namespace tessera
