#include "http/cache/memory_store.hpp"

#include <boost/test/unit_test.hpp>

#include "fakes.hpp"

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(memory_store)

struct Kept {
  test::FakeClock clock;
  MemoryStore store{clock, 10'000};

  void put(std::string_view key, size_t size, int64_t ttl_ms = 1000) {
    store.put(key, Bytes(size, 7), ttl_ms);
  }
  size_t size(std::string_view key) { return store.get(key).value_or(Bytes()).size(); }
};

BOOST_AUTO_TEST_CASE(gives_what_was_put_last_until_it_is_removed) {
  Kept kept;
  BOOST_TEST(!kept.store.get("a").has_value());
  kept.put("a", 3);
  kept.put("a", 5);
  kept.put("b", 1);
  BOOST_TEST(kept.size("a") == 5U);
  kept.store.remove("a");
  kept.store.remove("absent");
  BOOST_TEST(!kept.store.get("a").has_value());
  BOOST_TEST(kept.size("b") == 1U);
  BOOST_TEST(!kept.store.is_empty());
  kept.store.remove("b");
  BOOST_TEST(kept.store.is_empty());
  BOOST_TEST(kept.store.bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(an_item_ends_with_its_time_whatever_the_wall_clock_does) {
  Kept kept;
  kept.put("a", 1, 1000);
  kept.clock.boot += 999;
  kept.clock.wall -= 100'000'000;
  BOOST_TEST(kept.store.get("a").has_value());
  kept.clock.boot += 1;
  BOOST_TEST(!kept.store.get("a").has_value());
  BOOST_TEST(kept.store.bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(no_time_removes) {
  Kept kept;
  kept.put("a", 1);
  kept.put("a", 1, 0);
  BOOST_TEST(!kept.store.get("a").has_value());
  BOOST_TEST(kept.store.bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(the_least_recently_used_go_first) {
  Kept kept;
  for (const std::string_view key : {"a", "b", "c"}) kept.put(key, 3000);
  BOOST_TEST(kept.size("a") == 3000U);  // used: "b" is the oldest now
  kept.put("d", 3000);
  BOOST_TEST(!kept.store.get("b").has_value());
  for (const std::string_view key : {"a", "c", "d"}) BOOST_TEST(kept.size(key) == 3000U);
  kept.put("e", 6500);  // room for this and one more
  BOOST_TEST(kept.size("d") == 3000U);
  BOOST_TEST(kept.size("e") == 6500U);
  BOOST_TEST(!kept.store.get("a").has_value());
  BOOST_TEST(!kept.store.get("c").has_value());
}

BOOST_AUTO_TEST_CASE(what_is_over_the_budget_is_not_kept_nor_what_it_would_have_replaced) {
  Kept kept;
  kept.put("a", 10);
  kept.put("b", 10);
  kept.put("a", 10'000);
  BOOST_TEST(!kept.store.get("a").has_value());
  BOOST_TEST(kept.size("b") == 10U);
}

BOOST_AUTO_TEST_CASE(empty_items_cost_too) {
  Kept kept;
  for (int i = 0; i < 1000; ++i) kept.put(std::to_string(i), 0);
  BOOST_TEST(kept.store.bytes() <= 10'000U);
  BOOST_TEST(kept.store.bytes() > 9'000U);
  BOOST_TEST(kept.store.get("999").has_value());
  BOOST_TEST(!kept.store.get("900").has_value());
}

BOOST_AUTO_TEST_CASE(the_default_budget_is_32_mib) {
  test::FakeClock clock;
  MemoryStore store(clock);
  store.put("fits", Bytes((size_t{32} << 20) - 1000), 1000);
  BOOST_TEST(store.get("fits").has_value());
  store.put("does not", Bytes(size_t{32} << 20), 1000);
  BOOST_TEST(!store.get("does not").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
