#include "http/cache/memory_store.hpp"

#include <utility>

namespace tessera::http {
namespace {

constexpr size_t kItemBytes = 192;  // nodes of list and map, and their allocations

}  // namespace

size_t MemoryStore::cost_of(const Item& item) { return kItemBytes + item.key.size() + item.bytes.size(); }

void MemoryStore::drop(Items::iterator item) {
  bytes_ -= cost_of(*item);
  by_key_.erase(item->key);
  items_.erase(item);
}

std::optional<Bytes> MemoryStore::get(std::string_view key) {
  const std::lock_guard guard(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  const auto item = found->second;
  if (clock_.boot_ms() - item->put_ms >= item->ttl_ms) {
    drop(item);
    return std::nullopt;
  }
  items_.splice(items_.begin(), items_, item);
  return item->bytes;
}

void MemoryStore::put(std::string_view key, Bytes bytes, int64_t ttl_ms) {
  Item item{std::string(key), std::move(bytes), clock_.boot_ms(), ttl_ms};
  const size_t cost = cost_of(item);
  const std::lock_guard guard(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) drop(found->second);
  if (ttl_ms <= 0 || cost > max_bytes_) return;
  while (bytes_ + cost > max_bytes_) drop(std::prev(items_.end()));
  items_.push_front(std::move(item));
  by_key_.emplace(items_.front().key, items_.begin());
  bytes_ += cost;
}

void MemoryStore::remove(std::string_view key) {
  const std::lock_guard guard(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) drop(found->second);
}

bool MemoryStore::is_empty() const {
  const std::lock_guard guard(mutex_);
  return items_.empty();
}

size_t MemoryStore::bytes() const {
  const std::lock_guard guard(mutex_);
  return bytes_;
}

}  // namespace tessera::http
