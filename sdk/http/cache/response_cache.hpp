// The private HTTP cache of the API client: the rules of this folder over a ResponseStore.
#pragma once

#include <optional>

#include "base/http_cache_store.hpp"
#include "base/random.hpp"
#include "http/cache/entry.hpp"
#include "http/cache/key.hpp"
#include "http/cache/rules.hpp"
#include "http/cache/update.hpp"

namespace tessera::http {

/// As safe from several threads as the store and the random source are. May wait where the store does.
class ResponseCache {
 public:
  ResponseCache(ResponseStore& store, Random& random, CacheConfig config)
      : store_(store), random_(random), config_(config) {}

  struct Found {
    CacheDecision decision;
    std::optional<Entry> entry;
  };
  Found find(const CacheRequest& request, int64_t now_ms) const;

  /// Of a final response's head: whether the body is to be collected for store(). When it is not, what this
  /// response would have replaced is removed; nothing is by an error that may pass.
  bool admit(const CacheRequest& request, const Entry& head);
  /// What admit() says, without what it does; never waits.
  bool may_admit(const CacheRequest& request, const Entry& head) const;
  /// A whole response from the server. After one to HEAD the stored one of GET is up to date or removed.
  void store(const CacheRequest& request, Entry response);
  /// After a 304 to the conditions of find(): the response to answer with. Nothing when the 304 means another
  /// one: `stored` is removed, and the request must be sent again without conditions.
  std::optional<Entry> confirm(const CacheRequest& request, Entry stored, const Headers& not_modified,
                               CacheTimes times);
  /// After the response to a request of any method.
  void invalidate(const CacheRequest& request, int status, const Headers& response,
                  const ResolveUrl& resolve);

 private:
  std::optional<Entry> load(const CacheRequest& request, bool is_head) const;
  void save(const CacheRequest& request, const Entry& entry);  // that was admitted
  void forget(const CacheRequest& request, bool is_head);
  Variants variants_of(std::string_view primary, std::string names) const;

  ResponseStore& store_;
  Random& random_;
  const CacheConfig config_;
};

}  // namespace tessera::http
