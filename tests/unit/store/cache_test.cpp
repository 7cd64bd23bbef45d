// The cache: life, budgets, clocks, and one load for all.
#include "store/cache.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "feature_fixture.hpp"

namespace tessera::store {
namespace {

using namespace feature_test;

struct CacheWorld : World {
  explicit CacheWorld(CacheConfig with = {}) : config(with), cache(require(Cache::open(*database, config))) {}
  void reopen_all() {
    cache.reset();
    reopen();
    cache = require(Cache::open(*database, config));
  }
  void put(std::string_view key, std::string_view value, int64_t ttl_ms = kHourMs) {
    require(cache->put("ns", key, as_bytes(value), ttl_ms, false));
  }
  std::string get(std::string_view key) {
    const auto entry = require(cache->get("ns", key));
    return entry ? std::string(as_text(entry->value)) : "-";
  }
  CacheStats stats() { return require(cache->stats("ns")); }
  int64_t count(std::string_view sql) {
    int64_t number = 0;
    require(database->read({}, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(number, connection.integer(sql));
      return {};
    }));
    return number;
  }

  CacheConfig config;
  std::unique_ptr<Cache> cache;
};

Result<Loaded> loaded(std::string_view text) { return Loaded{to_bytes(text), false, kHourMs}; }

/// Opens once for all.
class Gate {
 public:
  void open() {
    const std::lock_guard guard(mutex_);
    open_ = true;
    opened_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    opened_.wait_for(lock, std::chrono::seconds(20), [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cache)

BOOST_AUTO_TEST_CASE(an_entry_lives_for_its_time_give_or_take_a_tenth) {
  CacheWorld world;
  int64_t shortest = kHourMs * 2, longest = 0;
  for (int i = 0; i < 200; ++i) {
    world.put("k", "v");
    const int64_t life = require(world.cache->get("ns", "k"))->expires_in_ms;
    shortest = std::min(shortest, life);
    longest = std::max(longest, life);
  }
  BOOST_TEST(shortest >= kHourMs * 9 / 10);
  BOOST_TEST(longest <= kHourMs * 11 / 10);
  BOOST_TEST(longest - shortest > kHourMs / 10);
  world.clock.pass(kHourMs * 9 / 10 - 1);
  BOOST_TEST(world.get("k") == "v");
  world.clock.pass(kHourMs * 2 / 10 + 2);
  BOOST_TEST(world.get("k") == "-");
  world.put("k", "again");
  world.reopen_all();
  BOOST_TEST(world.get("k") == "again");
}

BOOST_AUTO_TEST_CASE(negative_entries_live_a_minute_at_most) {
  CacheWorld world;
  for (int i = 0; i < 30; ++i) {
    require(world.cache->put("ns", "k", {}, kHourMs, true));
    const auto entry = require(world.cache->get("ns", "k"));
    BOOST_REQUIRE(entry.has_value());
    BOOST_TEST(entry->negative);
    BOOST_TEST(entry->value.empty());
    BOOST_TEST(entry->expires_in_ms <= 60'000);
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused) {
  CacheWorld world({.max_bytes = 100});
  const auto put = [&](std::string_view ns, std::string_view key, size_t size, int64_t ttl_ms) {
    return error_of(world.cache->put(ns, key, Bytes(size), ttl_ms, false));
  };
  BOOST_TEST(put("ns", "k", 1, 0) == ErrorCode::kARG);
  BOOST_TEST(put("ns", "k", 1, -1) == ErrorCode::kARG);
  BOOST_TEST(put("", "k", 1, 1) == ErrorCode::kARG);
  BOOST_TEST(put("ns", "", 1, 1) == ErrorCode::kARG);
  BOOST_TEST(put("ns", "\xFF", 1, 1) == ErrorCode::kARG);
  BOOST_TEST(put("ns", "k", 99, 1) == ErrorCode::kOk);
  BOOST_TEST(put("ns", "k", 100, 1) == ErrorCode::kLIMIT);
  BOOST_TEST(put("ns", "k", 1, INT64_MAX) == ErrorCode::kOk);
  BOOST_TEST(world.get("k") != "-");
  BOOST_TEST(error_of(Cache::open(*world.database, {.max_rows = 0})) == ErrorCode::kARG);
}

BOOST_AUTO_TEST_CASE(the_least_recently_used_go_first_when_bytes_or_rows_run_out) {
  CacheWorld world({.max_bytes = 1000, .max_rows = 5});
  for (int i = 0; i < 5; ++i) {
    world.put(std::to_string(i), "v");
    world.clock.pass(kSecondMs);
  }
  BOOST_TEST(world.get("0") == "v");  // used, though the oldest
  world.clock.pass(kSecondMs);
  world.put("5", "v");
  BOOST_TEST(world.get("1") == "-");
  BOOST_TEST(world.get("0") == "v");
  BOOST_TEST(world.stats().rows == 5);
  world.clock.pass(kSecondMs);
  world.put("big", std::string(990, 'x'));
  BOOST_TEST(world.stats().bytes <= 1000);
  BOOST_TEST(world.get("big") != "-");
  BOOST_TEST(world.stats().evicted == 3);
  // Other namespaces have budgets of their own.
  require(world.cache->put("other", "k", as_bytes(std::string(900, 'x')), kHourMs, false));
  BOOST_TEST(world.get("big") != "-");
}

BOOST_AUTO_TEST_CASE(reads_write_nothing) {
  CacheWorld world;
  world.put("k", "v");
  const int64_t before = require(world.database->stats()).commits;
  for (int i = 0; i < 100; ++i) BOOST_TEST(world.get("k") == "v");
  BOOST_TEST(require(world.database->stats()).commits == before);
}

BOOST_AUTO_TEST_CASE(totals_are_those_of_the_rows) {
  CacheWorld world;
  world.put("a", "12345");
  world.put("a", "123");
  world.put("b", "1");
  require(world.cache->remove("ns", "b"));
  require(world.cache->remove("ns", "b"));
  world.put("c", "1234567");
  const CacheStats stats = world.stats();
  BOOST_TEST(stats.rows == world.count("select count(*) from tsr_cache"));
  BOOST_TEST(stats.bytes == world.count("select sum(bytes) from tsr_cache"));
  BOOST_TEST(stats.bytes == 4 + 8);
  require(world.cache->clear("ns"));
  BOOST_TEST(world.stats().rows == 0);
  BOOST_TEST(world.get("a") == "-");
}

BOOST_AUTO_TEST_CASE(writes_sweep_once_a_minute) {
  CacheWorld world;
  for (int i = 0; i < 700; ++i) world.put(std::to_string(i), "v", kSecondMs);
  world.clock.pass(kMinuteMs - 1);
  world.put("x", "v");
  BOOST_TEST(world.stats().rows == 701);
  world.clock.pass(2);
  world.put("y", "v");
  BOOST_TEST(world.stats().rows == 202);  // 500 at a time
  BOOST_TEST(require(world.cache->sweep()) == 200);
  BOOST_TEST(world.stats().expired == 700);
  BOOST_TEST(world.count("select count(*) from tsr_cache") == 2);
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_does_not_make_entries_last) {
  for (const bool with_restart : {false, true}) {
    CacheWorld world;
    world.clock.wall += 365 * kDayMs;
    world.put("k", "v");
    world.clock.wall -= 365 * kDayMs;
    if (with_restart) world.reopen_all();
    const auto entry = require(world.cache->get("ns", "k"));
    BOOST_REQUIRE(entry.has_value());
    BOOST_TEST(entry->expires_in_ms <= kHourMs * 11 / 10);
    world.clock.pass(kHourMs * 11 / 10 + 1);
    BOOST_TEST(world.get("k") == "-");
  }
}

BOOST_AUTO_TEST_CASE(one_load_serves_all_who_ask_meanwhile) {
  CacheWorld world;
  Gate started, go;
  std::atomic<int> loads{0};
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  const auto load = [&]() -> Result<Loaded> {
    ++loads;
    started.open();
    go.pass();
    return loaded("value");
  };
  const auto ask = [&] {
    const auto entry = world.cache->get_or_load("ns", "k", 20'000, load);
    if (entry && as_text(entry->value) == "value") ++served;
  };
  threads.emplace_back(ask);
  started.pass();
  for (int i = 0; i < 5; ++i) threads.emplace_back(ask);
  while (world.stats().joined_loads < 5) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  // Not with the patience of the others.
  BOOST_TEST(error_of(world.cache->get_or_load("ns", "k", 1, load)) == ErrorCode::kTIMEOUT);
  go.open();
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(loads.load() == 1);
  BOOST_TEST(served.load() == 6);
  BOOST_TEST(world.get("k") == "value");
  BOOST_TEST(world.stats().loads == 1);
}

BOOST_AUTO_TEST_CASE(a_failed_load_is_told_to_all_and_not_kept) {
  CacheWorld world;
  Gate started, go;
  std::atomic<int> refused{0};
  const auto load = [&]() -> Result<Loaded> {
    started.open();
    go.pass();
    return Error{ErrorCode::kIO, "test", "the source is down", {}};
  };
  std::vector<std::thread> threads;
  const auto ask = [&] {
    if (error_of(world.cache->get_or_load("ns", "k", 20'000, load)) == ErrorCode::kIO) ++refused;
  };
  threads.emplace_back(ask);
  started.pass();
  threads.emplace_back(ask);
  while (world.stats().joined_loads < 1) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  go.open();
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(refused.load() == 2);
  BOOST_TEST(as_text(require(world.cache->get_or_load("ns", "k", 0, [] { return loaded("now"); })).value) ==
             "now");
  BOOST_TEST(error_of(world.cache->get_or_load("ns", "x", 0, []() -> Result<Loaded> { throw 1; })) ==
             ErrorCode::kCALLBACK);
  BOOST_TEST(as_text(require(world.cache->get_or_load("ns", "x", 0, [] { return loaded("y"); })).value) ==
             "y");
}

BOOST_AUTO_TEST_CASE(a_loader_may_use_the_store_but_not_ask_for_its_own_key) {
  CacheWorld world;
  world.script("create table t (x)");
  const auto own = [&]() -> Result<Loaded> {
    auto entry = world.cache->get_or_load("ns", "k", 1000, [] { return loaded("inner"); });
    if (!entry) return entry.error();
    return loaded("outer");
  };
  BOOST_TEST(error_of(world.cache->get_or_load("ns", "k", 1000, own)) == ErrorCode::kSTATE);
  const auto other = [&]() -> Result<Loaded> {
    TSR_RETURN_IF_ERROR(world.database->execute("insert into t values (1)", {}, {}));
    TSR_ASSIGN_OR_RETURN(const CacheEntry entry,
                         world.cache->get_or_load("ns", "k2", 1000, [] { return loaded("inner"); }));
    return Loaded{entry.value, false, kHourMs};
  };
  BOOST_TEST(as_text(require(world.cache->get_or_load("ns", "k", 1000, other)).value) == "inner");
  BOOST_TEST(world.count("select count(*) from t") == 1);
}

BOOST_AUTO_TEST_CASE(what_was_removed_during_a_load_does_not_come_back) {
  CacheWorld world;
  const auto load = [&]() -> Result<Loaded> {
    require(world.cache->remove("ns", "k"));
    return loaded("old");
  };
  BOOST_TEST(as_text(require(world.cache->get_or_load("ns", "k", 0, load)).value) == "old");
  BOOST_TEST(world.get("k") == "-");
  const auto replaced = [&]() -> Result<Loaded> {
    world.put("k", "new");
    return loaded("old");
  };
  BOOST_TEST(as_text(require(world.cache->get_or_load("ns", "k", 0, replaced)).value) == "old");
  BOOST_TEST(world.get("k") == "new");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_kept_is_given_all_the_same) {
  CacheWorld world({.max_bytes = 10});
  const auto load = [] { return loaded("longer than ten bytes"); };
  BOOST_TEST(as_text(require(world.cache->get_or_load("ns", "k", 0, load)).value) == "longer than ten bytes");
  BOOST_TEST(world.get("k") == "-");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
