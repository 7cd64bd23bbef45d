#include "http/policy/jitter.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "fakes.hpp"
#include "fixed_random.hpp"

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(jitter)

BOOST_AUTO_TEST_CASE(both_ends_are_drawn_and_nothing_else) {
  FixedRandom random;
  BOOST_TEST(random_between(random, 2'000, 5'000) == 2'000);
  random.value = 3'000;
  BOOST_TEST(random_between(random, 2'000, 5'000) == 5'000);
  random.value = 3'001;
  BOOST_TEST(random_between(random, 2'000, 5'000) == 2'000);
  random.value = UINT64_MAX;
  BOOST_TEST(random_between(random, 7, 7) == 7);
  BOOST_TEST(random_between(random, 0, INT64_MAX) == INT64_MAX);
}

BOOST_AUTO_TEST_CASE(draws_spread_over_the_whole_span) {
  test::FakeRandom random;
  std::set<int64_t> drawn;
  for (int i = 0; i < 500; ++i) drawn.insert(random_between(random, 10, 19));
  BOOST_TEST(drawn.size() == 10U);
  BOOST_TEST(*drawn.begin() == 10);
  BOOST_TEST(*drawn.rbegin() == 19);
}

BOOST_AUTO_TEST_CASE(half_of_a_span_is_sure) {
  FixedRandom random;
  BOOST_TEST(half_random(random, 1'000) == 500);
  random.value = 500;
  BOOST_TEST(half_random(random, 1'000) == 1'000);
  BOOST_TEST(half_random(random, 1) == 1);
  random.value = 0;
  BOOST_TEST(half_random(random, 3) == 2);
}

BOOST_AUTO_TEST_CASE(doubling_stops_at_the_most) {
  BOOST_TEST(doubled(200, 0, 20'000) == 200);
  BOOST_TEST(doubled(200, 6, 20'000) == 12'800);
  BOOST_TEST(doubled(200, 7, 20'000) == 20'000);
  BOOST_TEST(doubled(200, INT64_MAX, 20'000) == 20'000);
  BOOST_TEST(doubled(30'000, 1, 20'000) == 20'000);
  BOOST_TEST(doubled(10'000, 1, 20'000) == 20'000);
  BOOST_TEST(doubled(10'001, 1, 20'000) == 20'000);
  BOOST_TEST(doubled(1, 62, INT64_MAX) == int64_t{1} << 62);
  BOOST_TEST(doubled(1, 63, INT64_MAX) == INT64_MAX);
  BOOST_TEST(doubled(1, 64, INT64_MAX) == INT64_MAX);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
