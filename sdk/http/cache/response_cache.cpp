#include "http/cache/response_cache.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "http/cache/record.hpp"
#include "http/fields/cursor.hpp"

namespace tessera::http {
namespace {

Record read(ResponseStore& store, std::string_view key) {
  const auto bytes = store.get(key);
  return bytes ? read_record(*bytes) : Record();
}

/// Without any of these only a configured stale_if_error_s makes a response worth its room: most answers of
/// an API end here.
bool tells_of_reuse(const Headers& response) {
  return response.has("cache-control") || response.has("etag") || response.has("expires") ||
         response.has("last-modified");
}

/// Whether the response says anything about what is stored.
bool has_rules(const CacheRequest& request, const Entry& head) {
  return is_understood(head.status) && (request.method == "GET" || request.method == "HEAD");
}

}  // namespace

ResponseCache::Found ResponseCache::find(const CacheRequest& request, int64_t now_ms) const {
  std::optional<Entry> entry;
  if (is_answerable(request)) {
    entry = load(request, false);
    if (!entry && request.method == "HEAD") entry = load(request, true);
  }
  CacheDecision decision = decide(entry ? &*entry : nullptr, request, config_, now_ms);
  return {std::move(decision), std::move(entry)};
}

bool ResponseCache::may_admit(const CacheRequest& request, const Entry& head) const {
  if (config_.stale_if_error_s == 0 && !tells_of_reuse(head.headers)) return false;
  const std::string_view told = head.is_head ? "" : head.headers.get("content-length").value_or("");
  const int64_t length = parse_digits(told, config_.max_entry_bytes + 1).value_or(0);
  return has_rules(request, head) && may_store(request, head.status, head.headers) &&
         keep_ms(head, config_) > 0 && length <= config_.max_entry_bytes;
}

bool ResponseCache::admit(const CacheRequest& request, const Entry& head) {
  const bool is_admitted = may_admit(request, head);
  if (!is_admitted && has_rules(request, head)) forget(request, head.is_head);
  return is_admitted;
}

void ResponseCache::store(const CacheRequest& request, Entry response) {
  if (response.is_head && response.status == 200) {
    if (auto stored = load(request, false)) {
      const CacheTimes times{response.request_ms, response.response_ms};
      auto entry = freshened(std::move(*stored), response.headers, times, config_);
      if (!entry) forget(request, false);
      if (entry && admit(request, *entry)) save(request, *entry);
      if (entry) return;
    }
  }
  if (!admit(request, response)) return;
  response.headers = stored_fields(response.headers, config_);
  save(request, response);
}

std::optional<Entry> ResponseCache::confirm(const CacheRequest& request, Entry stored,
                                            const Headers& not_modified, CacheTimes times) {
  const bool is_head = stored.is_head;
  auto entry = confirmed(std::move(stored), not_modified, times, config_);
  if (!entry) forget(request, is_head);
  if (entry && admit(request, *entry)) save(request, *entry);
  return entry;
}

void ResponseCache::invalidate(const CacheRequest& request, int status, const Headers& response,
                               const ResolveUrl& resolve) {
  for (const std::string& url : invalidated_urls(request, status, response, resolve)) {
    const CacheRequest target{request.method, url, request.headers, request.partition};
    forget(target, false);
    forget(target, true);
  }
}

std::optional<Entry> ResponseCache::load(const CacheRequest& request, bool is_head) const {
  if (store_.is_empty()) return std::nullopt;
  const std::string primary = primary_key(request, is_head);
  Record record = read(store_, primary);
  if (const auto* variants = std::get_if<Variants>(&record))
    record = read(store_, variant_key(primary, *variants, request.headers));
  auto* const entry = std::get_if<Entry>(&record);
  if (entry == nullptr || entry->is_head != is_head) return std::nullopt;
  return std::move(*entry);
}

void ResponseCache::save(const CacheRequest& request, const Entry& entry) {
  const std::string primary = primary_key(request, entry.is_head);
  const auto names = vary_names(entry.headers);
  auto record = write_record(entry);
  if (!record || !names || std::ssize(*record) > config_.max_entry_bytes) {
    store_.remove(primary);
    return;
  }
  const int64_t ttl_ms = keep_ms(entry, config_);
  if (names->empty()) {
    store_.put(primary, std::move(*record), ttl_ms);
    return;
  }
  const Variants variants = variants_of(primary, *names);
  store_.put(primary, write_record(variants), std::max(ttl_ms, config_.keep_stale_ms));
  store_.put(variant_key(primary, variants, request.headers), std::move(*record), ttl_ms);
}

void ResponseCache::forget(const CacheRequest& request, bool is_head) {
  if (!store_.is_empty()) store_.remove(primary_key(request, is_head));
}

Variants ResponseCache::variants_of(std::string_view primary, std::string names) const {
  const Record record = read(store_, primary);
  const auto* const known = std::get_if<Variants>(&record);
  if (known != nullptr && known->names == names) return *known;
  Variants variants{{}, std::move(names)};
  random_.fill(variants.salt);
  return variants;
}

}  // namespace tessera::http
