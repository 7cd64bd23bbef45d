// Settings and watching them.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "store_fixture.hpp"

namespace tessera::test {
namespace {

struct Opened : StoreFixture {
  tsr_status try_put(std::string_view key, const tsr_value& value) {
    return tsr_store_put(store.get(), str(key), &value, nullptr, failure.out());
  }
  Store store = open_store();
  Failure failure;
};

/// Collects what a watch reports.
class Seen {
 public:
  static tsr_status changed(void* user, tsr_str key) {
    auto* const self = static_cast<Seen*>(user);
    const std::lock_guard lock(self->mutex_);
    self->keys_.emplace_back(key.data, key.len);
    self->changed_.notify_all();
    return self->answer_;
  }
  static void free(void* user) { ++static_cast<Seen*>(user)->freed_; }
  bool wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(kLongMs), [&] { return keys_.size() >= count; });
  }
  std::vector<std::string> keys() {
    const std::lock_guard lock(mutex_);
    return keys_;
  }
  void end_with(tsr_status answer) { answer_ = answer; }
  int freed() const { return freed_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> keys_;
  tsr_status answer_ = TSR_OK;
  std::atomic<int> freed_{0};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_settings, Opened)

BOOST_AUTO_TEST_CASE(every_type_comes_back) {
  tsr_value truth = integer(1);
  truth.type = TSR_VALUE_BOOL;
  for (const tsr_value& value : {null_value(), integer(-7), real(0.25), text("żółw"), blob("\xFF"), truth,
                                 bytes_value(TSR_VALUE_JSON, "{\"a\":[1,2]}")}) {
    put(store, "k", value);
    const Rowset rows = get(store, "k");
    BOOST_TEST(tsr_rowset_count(rows.get()) == 1U);
    const tsr_value& back = cell(rows.get(), 0, "value");
    BOOST_TEST(back.type == value.type);
    BOOST_TEST(back.integer == value.integer);
    BOOST_TEST(back.real == value.real);
    BOOST_TEST(content_of(back) == content_of(value));
  }
}

BOOST_AUTO_TEST_CASE(a_missing_one_is_an_outcome_without_an_error) {
  Rowset rows;
  const uint64_t live = tsr_live_objects();
  BOOST_TEST(tsr_store_get(store.get(), TSR_LIT("none"), rows.out(), failure.out()) == TSR_E_NOT_FOUND);
  BOOST_TEST(!failure);
  BOOST_TEST(!rows);
  BOOST_TEST(tsr_store_remove(store.get(), TSR_LIT("none"), nullptr, failure.out()) == TSR_E_NOT_FOUND);
  BOOST_TEST(!failure);
  BOOST_TEST(tsr_live_objects() == live);
}

BOOST_AUTO_TEST_CASE(keys_and_json_are_checked) {
  const std::string longest(1024, 'k');
  BOOST_TEST(try_put(longest, integer(1)) == TSR_OK);
  BOOST_TEST(try_put(longest + 'k', integer(1)) == TSR_E_ARG);
  BOOST_TEST(try_put("", integer(1)) == TSR_E_ARG);
  BOOST_TEST(try_put("\xC3(", integer(1)) == TSR_E_ARG);
  BOOST_TEST(try_put("j", bytes_value(TSR_VALUE_JSON, "{")) == TSR_E_ARG);
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  BOOST_TEST(try_put("j", bytes_value(TSR_VALUE_JSON, deep)) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(lists_by_prefix_in_order) {
  for (const char* key : {"ui/theme", "ui/font", "ui", "net/proxy", "ui_x"}) put(store, key, text(key));
  Rowset rows;
  BOOST_TEST(tsr_store_list(store.get(), TSR_LIT("ui/"), rows.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_rowset_count(rows.get()) == 2U);
  BOOST_TEST(content_of(cell(rows.get(), 0, "key")) == "ui/font");
  BOOST_TEST(content_of(cell(rows.get(), 1, "value")) == "ui/theme");
  BOOST_TEST(tsr_store_list(store.get(), tsr_str_of(nullptr), rows.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_rowset_count(rows.get()) == 5U);
}

BOOST_AUTO_TEST_CASE(watching_tells_each_commit_in_order) {
  Seen seen;
  Subscription watch;
  BOOST_REQUIRE(tsr_store_watch(store.get(), TSR_LIT("ui/"), &Seen::changed, &seen, &Seen::free, watch.out(),
                                nullptr) == TSR_OK);
  put(store, "ui/a", integer(1));
  put(store, "other", integer(1));
  put(store, "ui/b", integer(1));
  BOOST_TEST(tsr_store_remove(store.get(), TSR_LIT("ui/a"), nullptr, nullptr) == TSR_OK);
  BOOST_TEST(seen.wait_for(3));
  BOOST_TEST((seen.keys() == std::vector<std::string>{"ui/a", "ui/b", "ui/a"}));
  watch = Subscription();
  BOOST_TEST(seen.freed() == 1);
  put(store, "ui/c", integer(1));
  BOOST_TEST(seen.keys().size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_watch_may_end_itself_and_is_freed_when_refused) {
  Seen seen;
  seen.end_with(TSR_E_CANCELLED);
  {
    Subscription watch;
    BOOST_REQUIRE(tsr_store_watch(store.get(), TSR_LIT(""), &Seen::changed, &seen, &Seen::free, watch.out(),
                                  nullptr) == TSR_OK);
    put(store, "a", integer(1));
    BOOST_TEST(seen.wait_for(1));
    put(store, "b", integer(1));
  }
  BOOST_TEST(seen.keys().size() == 1U);
  BOOST_TEST(seen.freed() == 1);
  BOOST_TEST(tsr_store_watch(store.get(), TSR_LIT(""), nullptr, &seen, &Seen::free, nullptr, nullptr) ==
             TSR_E_ARG);
  BOOST_TEST(seen.freed() == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
