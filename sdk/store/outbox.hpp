// Durable queue of requests (storage design, section c1): leases, order per key, dead letters, counted drops.
// Thread-safe. Delivers nothing itself.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.hpp"

namespace tessera::store {

struct OutboxConfig {
  int64_t max_rows = 10'000;
  int64_t max_bytes = int64_t{64} << 20;
  int64_t max_age_ms = int64_t{30} * 24 * 3600 * 1000;
  int64_t lease_ms = 60'000;
  int64_t max_attempts = 20;
  int64_t backoff_base_ms = 30'000;  // x2, full jitter
  int64_t backoff_cap_ms = 3'600'000;
  int64_t key_window_ms = int64_t{24} * 3600 * 1000;  // older and attempted: AMBIGUOUS
};

enum class OutboxState : int32_t { kPending = 0, kLeased = 1, kAmbiguous = 2, kDead = 3 };

struct OutboxItem {
  std::string id;               // UUIDv7 text
  std::string idempotency_key;  // UUIDv4 text, made at enqueue unless given
  std::string topic;            // the app's own name for the kind of work, e.g. "telemetry"
  std::string method, url, headers_json;
  Bytes body;
  std::string ordering_key;  // FIFO among equal ones of all topics; empty: no order
  int32_t priority = 0;      // higher first
  int64_t created_ms = 0, not_before_ms = 0, lease_until_ms = 0;
  int64_t attempts = 0;
  OutboxState state = OutboxState::kPending;
  std::string last_error;
};

struct OutboxCounts {
  int64_t pending = 0, leased = 0, ambiguous = 0, dead = 0, bytes = 0;
  int64_t delivered = 0, dropped_full = 0, dropped_age = 0, dropped_revoked = 0;
};

class Outbox {
 public:
  static Result<std::unique_ptr<Outbox>> open(Database& database, const OutboxConfig& config);
  virtual ~Outbox() = default;
  /// Makes the tables that are not there, as after Database::replace().
  virtual Status prepare() = 0;
  /// Strict commit before it returns; gives the id. Fields that the queue sets itself are ignored. Headers
  /// named authorization, cookie, proxy-authorization or x-api-key are ARG: credentials are added when
  /// sending. A full queue drops the lowest priority, then the oldest, and counts it; LIMIT when the item
  /// alone is too large or of lower priority than all.
  virtual Result<std::string> enqueue(const OutboxItem& item) = 0;
  virtual Result<std::string> enqueue_within(Transaction& transaction, const OutboxItem& item) = 0;
  /// Up to `count` due items with a lease, of any topic when it is empty; an ordering key gives its oldest
  /// only, and none while one is leased, dead ones aside. Expired leases are queued again.
  virtual Result<std::vector<OutboxItem>> lease(std::string_view topic, size_t count) = 0;
  /// The lease's end of a delivered item. STATE when the lease has passed to another.
  virtual Status complete(std::string_view id, int64_t attempt) = 0;
  /// Back with backoff (or `retry_after_ms`), to the dead letters when permanent or out of attempts.
  virtual Status fail(std::string_view id, int64_t attempt, std::string_view error, bool permanent,
                      int64_t retry_after_ms) = 0;
  virtual Status extend(std::string_view id, int64_t attempt, int64_t lease_ms) = 0;
  /// A dead or ambiguous item again, with a new count of attempts.
  virtual Status retry(std::string_view id) = 0;
  virtual Status remove(std::string_view id) = 0;
  /// Consent revoked: deletes every item of the topic, counted.
  virtual Result<int64_t> revoke(std::string_view topic) = 0;
  virtual Result<std::optional<OutboxItem>> find(std::string_view id) = 0;
  /// Oldest first.
  virtual Result<std::vector<OutboxItem>> list(std::optional<OutboxState> state, size_t limit) = 0;
  virtual Result<OutboxCounts> counts() = 0;
  /// When the next item becomes due, nothing when none waits.
  virtual Result<std::optional<int64_t>> next_due_ms() = 0;
};

}  // namespace tessera::store
