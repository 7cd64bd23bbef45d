#include "http/auth/token_store.hpp"

namespace tessera::http {

Result<std::optional<TokenRecord>> MemoryTokenStore::load() {
  const std::scoped_lock lock(mutex_);
  std::optional<TokenRecord> found;
  if (record_) found = record_->copy();
  return found;
}

Result<bool> MemoryTokenStore::compare_and_swap(uint64_t expected, const TokenRecord& record) {
  const std::scoped_lock lock(mutex_);
  if ((record_ ? record_->version : 0) != expected) return false;
  record_ = record.copy();
  return true;
}

}  // namespace tessera::http
