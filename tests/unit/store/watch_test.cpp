// Watches: who is told of what, when, and when no longer.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "feature_fixture.hpp"
#include "store/settings.hpp"
#include "store/watch.hpp"

namespace tessera::store {
namespace {

using namespace feature_test;

/// What a watch was told, in order.
class Told {
 public:
  bool operator()(std::string_view key) {
    std::unique_lock lock(mutex_);
    if (inside_++ != 0) overlapped_ = true;
    changed_.notify_all();
    opened_.wait(lock, [this] { return open_; });
    text_ += (text_.empty() ? "" : " ") + std::string(key);
    ++count_;
    --inside_;
    changed_.notify_all();
    return goes_on_;
  }
  /// Waits for `count` calls.
  std::string wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count_ >= count; });
    return text_;
  }
  void wait_inside() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return inside_ != 0; });
  }
  void set_open(bool open) {
    const std::lock_guard guard(mutex_);
    open_ = open;
    opened_.notify_all();
  }
  void end_with_next() {
    const std::lock_guard guard(mutex_);
    goes_on_ = false;
  }
  bool overlapped() const { return overlapped_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_, opened_;
  std::string text_;
  size_t count_ = 0;
  int inside_ = 0;
  bool open_ = true, goes_on_ = true, overlapped_ = false;
};

struct WatchWorld : World {
  WatchWorld() : settings(require(Settings::open(*database))) {}
  uint64_t watch(std::string_view prefix, Told& told) {
    return require(settings->watch(prefix, [&told](std::string_view key) { return told(key); }));
  }
  void put(std::string_view key) { require(settings->put(key, Value::of(int64_t{1}), {})); }
  std::unique_ptr<Settings> settings;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(watch)

BOOST_AUTO_TEST_CASE(a_watch_is_told_of_its_prefix_in_the_order_of_commits) {
  WatchWorld world;
  Told all, some;
  world.watch("", all);
  world.watch("a.", some);
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const std::string key = "a." + std::to_string(i);
    world.put(key);
    expected += (i == 0 ? "" : " ") + key;
  }
  world.put("b");
  require(world.settings->remove("a.7", {}));
  BOOST_TEST(some.wait_for(201) == expected + " a.7");
  BOOST_TEST(all.wait_for(202) == expected + " b a.7");
  BOOST_TEST(!some.overlapped());
}

BOOST_AUTO_TEST_CASE(nothing_is_told_before_its_commit_or_after_a_rollback) {
  WatchWorld world;
  Told told;
  world.watch("", told);
  {
    auto transaction = require(world.database->begin({}));
    require(world.settings->put_within(*transaction, "dropped", {}));
  }
  auto transaction = require(world.database->begin({}));
  require(world.settings->put_within(*transaction, "outer", {}));
  {
    auto nested = require(transaction->nest());
    require(world.settings->put_within(*nested, "undone", {}));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  BOOST_TEST(told.wait_for(0).empty());
  require(transaction->commit());
  BOOST_TEST(told.wait_for(1) == "outer");
  BOOST_TEST(error_of(world.settings->remove("nothing", {})) == ErrorCode::kNOT_FOUND);
  world.put("last");
  BOOST_TEST(told.wait_for(2) == "outer last");
}

BOOST_AUTO_TEST_CASE(a_slow_watcher_is_told_of_each_waiting_key_once) {
  WatchWorld world;
  Told told;
  world.watch("", told);
  told.set_open(false);
  world.put("first");
  told.wait_inside();
  for (int i = 0; i < 50; ++i) world.put(i % 2 == 0 ? "x" : "y");
  told.set_open(true);
  BOOST_TEST(told.wait_for(3) == "first x y");
  world.put("x");
  BOOST_TEST(told.wait_for(4) == "first x y x");
}

BOOST_AUTO_TEST_CASE(a_watcher_far_behind_is_told_its_prefix) {
  WatchHub hub;
  Told told;
  hub.add("p", [&told](std::string_view key) { return told(key); });
  told.set_open(false);
  hub.tell("p-first");
  told.wait_inside();
  for (size_t i = 0; i <= WatchHub::kMostWaiting; ++i) hub.tell("p" + std::to_string(i));
  hub.tell("p-last");
  told.set_open(true);
  BOOST_TEST(told.wait_for(3) == "p-first p p-last");
}

BOOST_AUTO_TEST_CASE(unwatch_waits_for_a_running_call) {
  WatchWorld world;
  Told told;
  const uint64_t id = world.watch("", told);
  told.set_open(false);
  world.put("one");
  told.wait_inside();
  std::atomic<bool> ended{false};
  std::thread ending([&] {
    world.settings->unwatch(id);
    ended = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  BOOST_TEST(!ended.load());
  told.set_open(true);
  ending.join();
  world.put("two");
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  BOOST_TEST(told.wait_for(1) == "one");
  world.settings->unwatch(id);  // again is fine
  world.settings->unwatch(12345);
}

BOOST_AUTO_TEST_CASE(a_watch_may_end_itself_and_use_the_settings) {
  WatchWorld world;
  Told returned;
  world.watch("", returned);
  returned.end_with_next();

  std::atomic<uint64_t> own{0};
  std::atomic<int> calls{0};
  std::mutex done;
  std::condition_variable ready;
  own = require(world.settings->watch("", [&](std::string_view) {
    const bool read = world.settings->get("k", {}).ok();
    world.settings->unwatch(own);
    const std::lock_guard guard(done);
    calls += read ? 1 : 100;
    ready.notify_all();
    return true;
  }));
  world.put("k");
  {
    std::unique_lock lock(done);
    ready.wait_for(lock, std::chrono::seconds(20), [&] { return calls != 0; });
  }
  world.put("k2");
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  BOOST_TEST(calls.load() == 1);
  BOOST_TEST(returned.wait_for(1) == "k");
}

BOOST_AUTO_TEST_CASE(a_throwing_watcher_ends) {
  WatchHub hub;
  std::atomic<int> calls{0};
  const uint64_t id = hub.add("", [&](std::string_view) -> bool {
    ++calls;
    throw 1;
  });
  hub.tell("a");
  hub.tell("b");
  hub.remove(id);
  BOOST_TEST(calls.load() <= 1);
}

BOOST_AUTO_TEST_CASE(many_writers_and_watches_come_and_go) {
  WatchWorld world;
  std::atomic<int> told{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 60; ++i)
        static_cast<void>(world.settings->put("k" + std::to_string(t), Value::of(int64_t{i}), {}));
    });
  for (int i = 0; i < 40; ++i) {
    const auto id = world.settings->watch("k", [&](std::string_view) {
      ++told;
      return true;
    });
    std::this_thread::yield();
    world.settings->unwatch(require(id));
  }
  for (std::thread& thread : threads) thread.join();
  world.settings->watch("k", [&](std::string_view) { return true; }).ok();
  world.put("k");
  world.settings.reset();  // with a watch still on
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
