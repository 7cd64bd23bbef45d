// The durable queue of requests as the API client drains it. The store's outbox is one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tessera {

/// A leased request: nobody else gets it until `lease_until_ms` of the wall clock.
struct OutboxRequest {
  std::string id;
  int64_t attempt = 0;  // with the id it names the lease
  std::string topic, ordering_key, idempotency_key;
  std::string method, url, headers_json;
  Bytes body;
  int64_t lease_until_ms = 0;
};

/// What is not to be given now.
struct OutboxHold {
  std::vector<std::string> topics;
  std::vector<std::string> url_prefixes;
};

struct OutboxDepth {
  int64_t pending = 0, leased = 0, ambiguous = 0, dead = 0;
  bool operator==(const OutboxDepth&) const = default;
};

/// Safe from any thread; waits for a disk. With the lease gone, to another or with its item, complete() and
/// its like are STATE or NOT_FOUND.
class OutboxQueue {
 public:
  virtual ~OutboxQueue() = default;
  /// Up to `count` requests that are due, of an ordering key its oldest only, and none while one is leased or
  /// in doubt.
  virtual Result<std::vector<OutboxRequest>> lease(const OutboxHold& hold, size_t count) = 0;
  virtual Status complete(std::string_view id, int64_t attempt) = 0;
  /// True: it went to the dead letters, because it is permanent or its attempts are used up. Else it comes
  /// back after `retry_after_ms`, or the queue's own growing pause when that is 0.
  virtual Result<bool> fail(std::string_view id, int64_t attempt, std::string_view error, bool is_permanent,
                            int64_t retry_after_ms) = 0;
  /// As if it had not been leased: nothing of it was sent.
  virtual Status release(std::string_view id, int64_t attempt) = 0;
  virtual Status extend(std::string_view id, int64_t attempt, int64_t lease_ms) = 0;
  /// Removes every request of the topic, leased ones too.
  virtual Result<int64_t> revoke(std::string_view topic) = 0;
  /// Wall time at which a request becomes due, or a lease runs out; nothing when none waits.
  virtual Result<std::optional<int64_t>> next_due_ms(const OutboxHold& hold) = 0;
  virtual Result<OutboxDepth> depth() = 0;
  /// Called, on any thread, after a change that may have made a request due, such as a new one. It must not
  /// wait, nor use the queue. An empty one ends that, but a call that runs goes on.
  virtual void set_waker(std::function<void()> waker) = 0;
};

}  // namespace tessera
