#include "http/sse/backoff.hpp"

#include <boost/test/unit_test.hpp>

#include "fixed_random.hpp"

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(backoff)

BOOST_AUTO_TEST_CASE(the_wait_doubles_up_to_thirty_seconds_less_half_at_most) {
  FixedRandom random;
  Backoff least({}, random);
  for (const int64_t ms : {500, 1'000, 2'000, 4'000, 8'000, 15'000, 15'000, 15'000})
    BOOST_TEST(least.next_ms({}, {}) == ms);
  Backoff most({}, random);
  for (const int64_t ms : {1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000, 30'000}) {
    random.value = static_cast<uint64_t>(ms / 2);
    BOOST_TEST(most.next_ms({}, {}) == ms);
  }
  random.value = 0;
  for (int i = 0; i < 1'000; ++i) BOOST_TEST(least.next_ms({}, {}) == 15'000);
}

BOOST_AUTO_TEST_CASE(a_minute_up_makes_it_short_again) {
  FixedRandom random;
  Backoff backoff({}, random);
  BOOST_TEST(backoff.next_ms(59'999, {}) == 500);
  BOOST_TEST(backoff.next_ms(59'999, {}) == 1'000);
  BOOST_TEST(backoff.next_ms({}, {}) == 2'000);
  BOOST_TEST(backoff.next_ms(60'000, {}) == 500);
  BOOST_TEST(backoff.next_ms(0, {}) == 1'000);
}

BOOST_AUTO_TEST_CASE(the_server_s_time_replaces_the_first_wait) {
  FixedRandom random;
  Backoff backoff({}, random);
  BOOST_TEST(backoff.next_ms({}, 10'000) == 5'000);
  BOOST_TEST(backoff.next_ms({}, 10'000) == 10'000);
  BOOST_TEST(backoff.next_ms({}, 10'000) == 15'000);
  BOOST_TEST(backoff.next_ms({}, 86'400'000) == 43'200'000);  // above the cap as well
  BOOST_TEST(backoff.next_ms(60'000, 0) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
