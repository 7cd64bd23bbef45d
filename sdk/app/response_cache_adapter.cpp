#include "app/response_cache_adapter.hpp"

namespace tessera {

Result<std::unique_ptr<ResponseCacheAdapter>> ResponseCacheAdapter::open(std::shared_ptr<StoreCore> store) {
  TSR_ASSIGN_OR_RETURN(std::unique_ptr<store::Cache> cache,
                       store::Cache::open(store->database(), {.max_bytes = kMaxBytes}));
  return std::unique_ptr<ResponseCacheAdapter>(new ResponseCacheAdapter(std::move(store), std::move(cache)));
}

std::optional<Bytes> ResponseCacheAdapter::get(std::string_view key) {
  Result<std::optional<store::CacheEntry>> found = cache_->get(kNamespace, key);
  if (!found.ok() || !found->has_value()) return std::nullopt;
  return std::move((*found)->value);
}

void ResponseCacheAdapter::put(std::string_view key, Bytes bytes, int64_t ttl_ms) {
  if (!cache_->put(kNamespace, key, bytes, ttl_ms, /*negative=*/false).ok()) remove(key);
}

void ResponseCacheAdapter::remove(std::string_view key) {
  static_cast<void>(cache_->remove(kNamespace, key));  // what can't be removed can't be read either
}

}  // namespace tessera
