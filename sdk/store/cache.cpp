#include "store/cache.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/errors.hpp"
#include "text/utf8.hpp"

namespace tessera::store {
namespace {

constexpr size_t kMaxNamespaceBytes = 256;
constexpr size_t kMaxCacheKeyBytes = 8192;  // a URL with its query
constexpr int64_t kSweepEveryMs = 60'000;
constexpr int64_t kSweepRows = 500;
constexpr int64_t kClockStepMs = 3'600'000;
constexpr int64_t kEvictAtOnce = 64;
constexpr size_t kMostTouched = 16'384;  // rows whose use waits for the next write
constexpr CallOptions kRelaxed{.durability = Durability::kRelaxed};

Error bad(std::string text) { return store_error(ErrorCode::kARG, {}, std::move(text)); }

Status check_names(std::string_view ns, std::string_view key) {
  if (ns.empty() || ns.size() > kMaxNamespaceBytes || !is_utf8(ns))
    return bad("the namespace of a cache entry must have 1 to 256 bytes of UTF-8");
  if (key.empty() || key.size() > kMaxCacheKeyBytes || !is_utf8(key))
    return bad("the key of a cache entry must have 1 to 8,192 bytes of UTF-8");
  return {};
}

using Name = std::pair<std::string, std::string>;  // namespace and key

struct Counters {
  int64_t hits = 0, misses = 0, evicted = 0, expired = 0, loads = 0, joined_loads = 0;
};

/// One load that others may wait for.
struct Flight {
  explicit Flight(std::thread::id loading) : loader(loading) {}
  const std::thread::id loader;
  std::optional<Result<CacheEntry>> result;
  bool outdated = false;  // removed or cleared since it began: its result is not kept
};

class CacheImpl final : public Cache {
 public:
  CacheImpl(Database& database, const CacheConfig& config) : database_(database), config_(config) {}

  Status prepare() override {
    const Status made = database_.write(kRelaxed, [this](WriteScope& scope) -> Status {
      Connection& connection = scope.connection();
      TSR_RETURN_IF_ERROR(connection.run(
          "create table if not exists tsr_cache (id integer primary key, ns text not null, "
          "key text not null, value blob not null, negative integer not null, stored_at integer not null, "
          "expires_at integer not null, ttl_ms integer not null, last_used integer not null, "
          "bytes integer not null, unique (ns, key)) strict;"
          "create index if not exists tsr_cache_lru on tsr_cache (ns, last_used, bytes);"
          "create index if not exists tsr_cache_expiry on tsr_cache (expires_at);"
          "create table if not exists tsr_cache_spaces (ns text primary key not null, rows integer not null, "
          "bytes integer not null, high_ms integer not null) strict"));
      TSR_ASSIGN_OR_RETURN(const int64_t high,
                           connection.integer("select coalesce(max(high_ms), 0) from tsr_cache_spaces"));
      high_ms_.store(high, std::memory_order_relaxed);
      return follow_clock(connection, now());
    });
    return made;
  }

  Status put(std::string_view ns, std::string_view key, ByteView value, int64_t ttl_ms,
             bool negative) override {
    TSR_RETURN_IF_ERROR(check_names(ns, key));
    if (ttl_ms <= 0)
      return bad(
          "a cache entry needs a time to live of at least 1 ms; a lasting value belongs into the settings");
    outdate(ns, &key);
    const Result<int64_t> life = store(ns, key, {{value.begin(), value.end()}, negative, ttl_ms});
    if (!life) return life.error();
    return {};
  }

  Result<std::optional<CacheEntry>> get(std::string_view ns, std::string_view key) override {
    TSR_RETURN_IF_ERROR(check_names(ns, key));
    return look_up(ns, key, /*counted=*/true);
  }

  Result<CacheEntry> get_or_load(std::string_view ns, std::string_view key, int64_t timeout_ms,
                                 const std::function<Result<Loaded>()>& load) override {
    TSR_ASSIGN_OR_RETURN(std::optional<CacheEntry> known, get(ns, key));
    if (known) return std::move(*known);
    const Name name{ns, key};
    std::shared_ptr<Flight> flight;
    {
      std::unique_lock lock(mutex_);
      const auto found = flights_.find(name);
      if (found != flights_.end()) return join(lock, found->second, ns, timeout_ms);
      flight = std::make_shared<Flight>(std::this_thread::get_id());
      flights_.emplace(name, flight);
    }
    try {
      Result<CacheEntry> result = run(name, load, *flight);
      land(name, *flight, result);
      return result;
    } catch (...) {
      land(name, *flight,
           store_error(ErrorCode::kNO_MEMORY, {}, "memory ran out while a cache entry was loaded"));
      throw;
    }
  }

  Status remove(std::string_view ns, std::string_view key) override {
    TSR_RETURN_IF_ERROR(check_names(ns, key));
    outdate(ns, &key);
    return database_.write(kRelaxed, [&](WriteScope& scope) -> Status {
      TSR_ASSIGN_OR_RETURN(
          Statement statement,
          scope.connection().statement("delete from tsr_cache where ns = ?1 and key = ?2 returning bytes"));
      TSR_RETURN_IF_ERROR(statement.bind_all(ns, key));
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (!found) return {};
      const int64_t bytes = statement.column(0).integer;
      TSR_RETURN_IF_ERROR(statement.run());
      return account(scope.connection(), ns, -1, -bytes);
    });
  }

  Status clear(std::string_view ns) override {
    TSR_RETURN_IF_ERROR(check_names(ns, "-"));
    outdate(ns, nullptr);
    return database_.write(kRelaxed, [&](WriteScope& scope) -> Status {
      for (const std::string_view sql :
           {"delete from tsr_cache where ns = ?1", "delete from tsr_cache_spaces where ns = ?1"}) {
        TSR_ASSIGN_OR_RETURN(Statement statement, scope.connection().statement(sql));
        TSR_RETURN_IF_ERROR(statement.bind_all(ns));
        TSR_RETURN_IF_ERROR(statement.run());
      }
      return {};
    });
  }

  Result<int64_t> sweep() override {
    int64_t swept = 0;
    const Status written = database_.write(kRelaxed, [&](WriteScope& scope) -> Status {
      const int64_t now_ms = now();
      TSR_RETURN_IF_ERROR(follow_clock(scope.connection(), now_ms));
      swept = 0;
      return delete_expired(scope.connection(), now_ms, &swept);
    });
    if (!written) return written.error();
    return swept;
  }

  Result<CacheStats> stats(std::string_view ns) override {
    TSR_RETURN_IF_ERROR(check_names(ns, "-"));
    CacheStats stats;
    const Status read = database_.read({}, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(Statement statement,
                           connection.statement("select rows, bytes from tsr_cache_spaces where ns = ?1"));
      TSR_RETURN_IF_ERROR(statement.bind_all(ns));
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (!found) return {};
      stats.rows = statement.column(0).integer;
      stats.bytes = statement.column(1).integer;
      return {};
    });
    if (!read) return read.error();
    const std::lock_guard guard(mutex_);
    const Counters& counters = counters_[std::string(ns)];
    stats.hits = counters.hits;
    stats.misses = counters.misses;
    stats.evicted = counters.evicted;
    stats.expired = counters.expired;
    stats.loads = counters.loads;
    stats.joined_loads = counters.joined_loads;
    return stats;
  }

 private:
  int64_t now() const { return database_.clock().wall_ms(); }

  // --- Reading ---

  Result<std::optional<CacheEntry>> look_up(std::string_view ns, std::string_view key, bool counted) {
    const int64_t now_ms = now();
    if (now_ms < high_ms_.load(std::memory_order_relaxed) - kClockStepMs) {
      const Status followed = database_.write(
          kRelaxed, [&](WriteScope& scope) { return follow_clock(scope.connection(), now_ms); });
      if (!followed) return followed.error();
    }
    std::optional<CacheEntry> entry;
    int64_t id = 0;
    const Status read = database_.read({}, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(
          Statement statement,
          connection.statement(
              "select id, expires_at, negative, value from tsr_cache where ns = ?1 and key = ?2"));
      TSR_RETURN_IF_ERROR(statement.bind_all(ns, key));
      TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
      if (!found) return {};
      id = statement.column(0).integer;
      const int64_t expires_at = statement.column(1).integer;
      if (expires_at <= now_ms) return {};
      const ByteView value = statement.column(3).bytes();
      entry = CacheEntry{{value.begin(), value.end()}, statement.column(2).integer != 0, expires_at - now_ms};
      return {};
    });
    if (!read) return read.error();
    const std::lock_guard guard(mutex_);
    // The time of use goes to disk with the next write, so that reads stay reads.
    if (entry && (touched_.size() < kMostTouched || touched_.contains(id))) touched_[id] = now_ms;
    if (counted) {
      Counters& counters = counters_[std::string(ns)];
      ++(entry ? counters.hits : counters.misses);
    }
    return entry;
  }

  // --- Loading ---

  Result<CacheEntry> join(std::unique_lock<std::mutex>& lock, std::shared_ptr<Flight> flight,
                          std::string_view ns, int64_t timeout_ms) {
    if (flight->loader == std::this_thread::get_id())
      return store_error(
          ErrorCode::kSTATE, {},
          "the loader of a cache entry asked for the entry that it loads; load it without the cache");
    ++counters_[std::string(ns)].joined_loads;
    const auto wait = std::chrono::milliseconds(std::max<int64_t>(timeout_ms, 0));
    if (!landed_.wait_for(lock, wait, [&] { return flight->result.has_value(); }))
      return store_error(
          ErrorCode::kTIMEOUT, {},
          "another call still loads this cache entry; ask again later or with a longer time limit");
    return *flight->result;
  }

  Result<CacheEntry> run(const Name& name, const std::function<Result<Loaded>()>& load,
                         const Flight& flight) {
    // The load before may have ended between the look and the flight.
    auto known = look_up(name.first, name.second, /*counted=*/false);
    if (!known) return known.error();
    if (*known) return std::move(**known);
    {
      const std::lock_guard guard(mutex_);
      ++counters_[name.first].loads;
    }
    Result<Loaded> loaded = call(load);
    if (!loaded) return loaded.error();
    if (loaded->ttl_ms <= 0) return CacheEntry{std::move(loaded->value), loaded->negative, 0};
    {
      const std::lock_guard guard(mutex_);
      if (flight.outdated) return CacheEntry{std::move(loaded->value), loaded->negative, life_of(*loaded)};
    }
    const Result<int64_t> life = store(name.first, name.second, *loaded);
    if (!life) {  // what was loaded is good even where it can't be kept
      database_.logger().write(LogLevel::kWarn, kArea, "cache_entry_not_kept", life.error().text);
      return CacheEntry{std::move(loaded->value), loaded->negative, 0};
    }
    return CacheEntry{std::move(loaded->value), loaded->negative, *life};
  }

  void land(const Name& name, Flight& flight, const Result<CacheEntry>& result) {
    const std::lock_guard guard(mutex_);
    flight.result = result;
    flights_.erase(name);
    landed_.notify_all();
  }

  static Result<Loaded> call(const std::function<Result<Loaded>()>& load) {
    try {
      return load();
    } catch (const std::bad_alloc&) {
      return store_error(ErrorCode::kNO_MEMORY, {}, "memory ran out while a cache entry was loaded");
    } catch (...) {
      return store_error(ErrorCode::kCALLBACK, {},
                         "the loader of a cache entry threw an exception; nothing was kept");
    }
  }

  /// Loads under way of the key, or of the namespace, must not bring back what a change made old.
  void outdate(std::string_view ns, const std::string_view* key) {
    const std::lock_guard guard(mutex_);
    for (const auto& [name, flight] : flights_)
      if (name.first == ns && (key == nullptr || name.second == *key)) flight->outdated = true;
  }

  // --- Writing ---

  int64_t life_of(const Loaded& entry) {
    int64_t ttl_ms = std::min<int64_t>(entry.ttl_ms, int64_t{1} << 52);
    std::array<uint8_t, 4> bytes{};
    database_.random().fill(bytes);
    const uint32_t drawn = uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16;
    // 0.9 to 1.1 of it, so that what was put together does not run out together.
    ttl_ms += static_cast<int64_t>((static_cast<double>(drawn) / (1 << 24) - 0.5) * 0.2 *
                                   static_cast<double>(ttl_ms));
    if (entry.negative) ttl_ms = std::min(ttl_ms, config_.negative_ttl_ms);
    return std::max<int64_t>(ttl_ms, 1);
  }

  /// Gives the life that the entry got.
  Result<int64_t> store(std::string_view ns, std::string_view key, const Loaded& entry) {
    const int64_t bytes = static_cast<int64_t>(key.size() + entry.value.size());
    if (bytes > config_.max_bytes)
      return store_error(ErrorCode::kLIMIT, {},
                         "a cache entry of " + std::to_string(bytes) +
                             " bytes is larger than its namespace may be (" +
                             std::to_string(config_.max_bytes) + "); keep it elsewhere or raise the budget");
    const int64_t life_ms = life_of(entry);
    int64_t evicted = 0;
    const Status written = database_.write(kRelaxed, [&](WriteScope& scope) -> Status {
      Connection& connection = scope.connection();
      const int64_t now_ms = now();
      TSR_RETURN_IF_ERROR(follow_clock(connection, now_ms));
      TSR_RETURN_IF_ERROR(flush_touched(scope));
      TSR_RETURN_IF_ERROR(sweep_when_due(scope, now_ms));
      TSR_ASSIGN_OR_RETURN(const int64_t replaced, bytes_of(connection, ns, key));
      TSR_RETURN_IF_ERROR(put_row(connection, ns, key, entry, now_ms, life_ms, bytes));
      TSR_RETURN_IF_ERROR(
          account(connection, ns, replaced < 0 ? 1 : 0, bytes - std::max<int64_t>(replaced, 0)));
      evicted = 0;
      return evict(connection, ns, key, &evicted);
    });
    if (!written) return written.error();
    if (evicted != 0) count(ns, &Counters::evicted, evicted);
    return life_ms;
  }

  /// -1 when there is no such entry.
  static Result<int64_t> bytes_of(Connection& connection, std::string_view ns, std::string_view key) {
    TSR_ASSIGN_OR_RETURN(Statement statement,
                         connection.statement("select bytes from tsr_cache where ns = ?1 and key = ?2"));
    TSR_RETURN_IF_ERROR(statement.bind_all(ns, key));
    TSR_ASSIGN_OR_RETURN(const bool found, statement.step());
    return found ? statement.column(0).integer : int64_t{-1};
  }

  static Status put_row(Connection& connection, std::string_view ns, std::string_view key,
                        const Loaded& entry, int64_t now_ms, int64_t life_ms, int64_t bytes) {
    TSR_ASSIGN_OR_RETURN(
        Statement statement,
        connection.statement(
            "insert into tsr_cache (ns, key, value, negative, stored_at, expires_at, ttl_ms, last_used, "
            "bytes) "
            "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?5, ?8) on conflict (ns, key) do update set "
            "value = excluded.value, negative = excluded.negative, stored_at = excluded.stored_at, "
            "expires_at = excluded.expires_at, ttl_ms = excluded.ttl_ms, last_used = excluded.last_used, "
            "bytes = excluded.bytes"));
    static constexpr uint8_t kNothing = 0;  // an empty vector's data may be null, which would bind NULL
    const ByteView value = entry.value.empty() ? ByteView(&kNothing, 0) : ByteView(entry.value);
    TSR_RETURN_IF_ERROR(statement.bind_all(ns, key, value, int64_t{entry.negative}, now_ms, now_ms + life_ms,
                                           life_ms, bytes));
    return statement.run();
  }

  /// Adds to the totals of a namespace.
  Status account(Connection& connection, std::string_view ns, int64_t rows, int64_t bytes) {
    TSR_ASSIGN_OR_RETURN(
        Statement statement,
        connection.statement("insert into tsr_cache_spaces (ns, rows, bytes, high_ms) values (?1, ?2, ?3, "
                             "?4) on conflict (ns) "
                             "do update set rows = rows + excluded.rows, bytes = bytes + excluded.bytes, "
                             "high_ms = max(high_ms, excluded.high_ms)"));
    TSR_RETURN_IF_ERROR(statement.bind_all(ns, rows, bytes, high_ms_.load(std::memory_order_relaxed)));
    return statement.run();
  }

  /// Deletes the least recently used entries, but not `kept`, until the namespace is within its budget.
  Status evict(Connection& connection, std::string_view ns, std::string_view kept, int64_t* evicted) {
    for (;;) {
      TSR_ASSIGN_OR_RETURN(Statement totals,
                           connection.statement("select rows, bytes from tsr_cache_spaces where ns = ?1"));
      TSR_RETURN_IF_ERROR(totals.bind_all(ns));
      TSR_ASSIGN_OR_RETURN(const bool known, totals.step());
      if (!known) return {};
      int64_t rows = totals.column(0).integer;
      int64_t bytes = totals.column(1).integer;
      if (rows <= config_.max_rows && bytes <= config_.max_bytes) return {};

      TSR_ASSIGN_OR_RETURN(Statement oldest,
                           connection.statement("select id, bytes from tsr_cache where ns = ?1 and key <> ?2 "
                                                "order by last_used, id limit ?3"));
      TSR_RETURN_IF_ERROR(oldest.bind_all(ns, kept, kEvictAtOnce));
      std::vector<int64_t> victims;
      int64_t freed = 0;
      while (rows > config_.max_rows || bytes > config_.max_bytes) {
        TSR_ASSIGN_OR_RETURN(const bool found, oldest.step());
        if (!found) break;
        victims.push_back(oldest.column(0).integer);
        freed += oldest.column(1).integer;
        bytes -= oldest.column(1).integer;
        --rows;
      }
      if (victims.empty()) return {};
      TSR_RETURN_IF_ERROR(delete_rows(connection, victims));
      TSR_RETURN_IF_ERROR(account(connection, ns, -static_cast<int64_t>(victims.size()), -freed));
      *evicted += static_cast<int64_t>(victims.size());
    }
  }

  static Status delete_rows(Connection& connection, const std::vector<int64_t>& ids) {
    for (const int64_t id : ids) {
      TSR_ASSIGN_OR_RETURN(Statement statement, connection.statement("delete from tsr_cache where id = ?1"));
      TSR_RETURN_IF_ERROR(statement.bind_all(id));
      TSR_RETURN_IF_ERROR(statement.run());
    }
    return {};
  }

  Status sweep_when_due(WriteScope& scope, int64_t now_ms) {
    const int64_t boot_ms = database_.clock().boot_ms();
    int64_t last = swept_boot_ms_.load(std::memory_order_relaxed);
    if (last != 0 && boot_ms >= last && boot_ms - last < kSweepEveryMs) return {};
    if (!swept_boot_ms_.compare_exchange_strong(last, boot_ms, std::memory_order_relaxed)) return {};
    int64_t swept = 0;
    return delete_expired(scope.connection(), now_ms, &swept);
  }

  Status delete_expired(Connection& connection, int64_t now_ms, int64_t* swept) {
    struct Space {
      int64_t rows = 0, bytes = 0;
    };
    std::map<std::string, Space> spaces;
    std::vector<int64_t> ids;
    {
      TSR_ASSIGN_OR_RETURN(Statement expired,
                           connection.statement("select id, ns, bytes from tsr_cache where expires_at <= ?1 "
                                                "order by expires_at limit ?2"));
      TSR_RETURN_IF_ERROR(expired.bind_all(now_ms, kSweepRows));
      for (;;) {
        TSR_ASSIGN_OR_RETURN(const bool found, expired.step());
        if (!found) break;
        ids.push_back(expired.column(0).integer);
        Space& space = spaces[std::string(expired.column(1).text())];
        ++space.rows;
        space.bytes += expired.column(2).integer;
      }
    }
    TSR_RETURN_IF_ERROR(delete_rows(connection, ids));
    for (const auto& [ns, space] : spaces) {
      TSR_RETURN_IF_ERROR(account(connection, ns, -space.rows, -space.bytes));
      count(ns, &Counters::expired, space.rows);
    }
    *swept += static_cast<int64_t>(ids.size());
    return {};
  }

  /// Times of use that reads left behind. A rollback loses them, which costs no more than order.
  Status flush_touched(WriteScope& scope) {
    std::unordered_map<int64_t, int64_t> touched;
    {
      const std::lock_guard guard(mutex_);
      touched.swap(touched_);
    }
    for (const auto& [id, used_ms] : touched) {
      TSR_ASSIGN_OR_RETURN(Statement statement,
                           scope.connection().statement(
                               "update tsr_cache set last_used = ?2 where id = ?1 and last_used < ?2"));
      TSR_RETURN_IF_ERROR(statement.bind_all(id, used_ms));
      TSR_RETURN_IF_ERROR(statement.run());
    }
    return {};
  }

  /// Entries that were put while the clock ran more than an hour ahead live no longer than they were given,
  /// counted from now.
  Status follow_clock(Connection& connection, int64_t now_ms) {
    const int64_t high_ms = high_ms_.load(std::memory_order_relaxed);
    if (now_ms >= high_ms) {
      high_ms_.store(now_ms, std::memory_order_relaxed);
      return {};
    }
    if (now_ms >= high_ms - kClockStepMs) return {};
    TSR_ASSIGN_OR_RETURN(
        Statement entries,
        connection.statement(
            "update tsr_cache set expires_at = min(expires_at, ?1 + ttl_ms), stored_at = ?1, "
            "last_used = min(last_used, ?1) where stored_at > ?1"));
    TSR_RETURN_IF_ERROR(entries.bind_all(now_ms));
    TSR_RETURN_IF_ERROR(entries.run());
    TSR_ASSIGN_OR_RETURN(Statement spaces,
                         connection.statement("update tsr_cache_spaces set high_ms = min(high_ms, ?1)"));
    TSR_RETURN_IF_ERROR(spaces.bind_all(now_ms));
    TSR_RETURN_IF_ERROR(spaces.run());
    high_ms_.store(now_ms, std::memory_order_relaxed);
    return {};
  }

  void count(std::string_view ns, int64_t Counters::* counter, int64_t amount) {
    const std::lock_guard guard(mutex_);
    counters_[std::string(ns)].*counter += amount;
  }

  Database& database_;
  const CacheConfig config_;
  std::atomic<int64_t> high_ms_{0};  // the latest wall time seen
  std::atomic<int64_t> swept_boot_ms_{0};

  std::mutex mutex_;
  std::condition_variable landed_;
  std::map<Name, std::shared_ptr<Flight>> flights_;
  std::map<std::string, Counters> counters_;
  std::unordered_map<int64_t, int64_t> touched_;  // row to time of use
};

}  // namespace

Result<std::unique_ptr<Cache>> Cache::open(Database& database, const CacheConfig& config) {
  if (config.max_bytes <= 0 || config.max_rows <= 0 || config.negative_ttl_ms <= 0)
    return bad("the limits of a cache must be above zero");
  auto cache = std::make_unique<CacheImpl>(database, config);
  TSR_RETURN_IF_ERROR(cache->prepare());
  return std::unique_ptr<Cache>(std::move(cache));
}

}  // namespace tessera::store
