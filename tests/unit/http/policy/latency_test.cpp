#include "http/policy/latency.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "fakes.hpp"
#include "http/policy/jitter.hpp"

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(latency)

BOOST_AUTO_TEST_CASE(nothing_counted_is_nothing) {
  const Latency latency;
  BOOST_TEST(latency.count() == 0);
  BOOST_TEST(latency.least_us() == 0);
  BOOST_TEST(latency.most_us() == 0);
  BOOST_TEST(latency.quantile_us(500) == 0);
  BOOST_TEST(latency.count_up_to(30) == 0);
}

BOOST_AUTO_TEST_CASE(one_duration_comes_back_exactly) {
  for (const int64_t duration : {1, 31, 32, 33, 64, 65, 1'000, 123'456, 59'999'999, 1 << 30}) {
    Latency latency;
    latency.add(duration);
    for (const int per_mille : {0, 1, 500, 999, 1'000})
      BOOST_TEST(latency.quantile_us(per_mille) == duration);
    BOOST_TEST(latency.sum_us() == duration);
  }
}

BOOST_AUTO_TEST_CASE(what_lies_outside_counts_at_the_end) {
  Latency latency;
  latency.add(0);
  latency.add(INT64_MIN);
  BOOST_TEST(latency.most_us() == 1);
  latency.add(INT64_MAX);
  BOOST_TEST(latency.most_us() == int64_t{1} << 30);
  BOOST_TEST(latency.sum_us() == 2 + (int64_t{1} << 30));
  BOOST_TEST(latency.count_up_to(30) == 3);
}

BOOST_AUTO_TEST_CASE(no_quantile_is_off_by_more_than_a_64th) {
  // The neighbours keep the middle of the slot from being set right by the ends.
  for (int64_t duration = 2; duration < int64_t{1} << 30; duration += 1 + duration / 97) {
    Latency latency;
    latency.add(1);
    latency.add(duration);
    latency.add(int64_t{1} << 30);
    const int64_t error = std::abs(latency.quantile_us(500) - duration);
    if (error * 64 > duration) BOOST_TEST_ERROR(duration << " is off by " << error);
  }
}

BOOST_AUTO_TEST_CASE(quantiles_follow_the_rank) {
  Latency latency;
  for (int64_t i = 1; i <= 20; ++i) latency.add(i);
  BOOST_TEST(latency.quantile_us(0) == 1);
  BOOST_TEST(latency.quantile_us(50) == 1);
  BOOST_TEST(latency.quantile_us(51) == 2);
  BOOST_TEST(latency.quantile_us(500) == 10);
  BOOST_TEST(latency.quantile_us(501) == 11);
  BOOST_TEST(latency.quantile_us(950) == 19);
  BOOST_TEST(latency.quantile_us(990) == 20);
  BOOST_TEST(latency.quantile_us(1'000) == 20);
}

BOOST_AUTO_TEST_CASE(random_durations_agree_with_sorting) {
  test::FakeRandom random(3);
  Latency latency;
  std::vector<int64_t> all;
  for (int i = 0; i < 5'000; ++i) {
    const int64_t duration = random_between(random, 1, int64_t{1} << random_between(random, 1, 30));
    all.push_back(duration);
    latency.add(duration);
  }
  std::ranges::sort(all);
  for (const int per_mille : {1, 10, 250, 500, 900, 990, 999}) {
    const int64_t exact = all[static_cast<size_t>((5'000 * per_mille + 999) / 1000 - 1)];
    BOOST_TEST(std::abs(latency.quantile_us(per_mille) - exact) * 64 <= exact);
  }
}

BOOST_AUTO_TEST_CASE(powers_of_two_are_exact_bounds) {
  for (int power = 5; power < 30; ++power) {
    const int64_t bound = int64_t{1} << power;
    Latency latency;
    latency.add(bound);
    BOOST_TEST(latency.count_up_to(power) == 1);
    latency.add(bound + 1);
    BOOST_TEST(latency.count_up_to(power) == 1);
    BOOST_TEST(latency.count_up_to(power + 1) == 2);
  }
}

BOOST_AUTO_TEST_CASE(merging_is_counting_all) {
  Latency one, two, both;
  for (int64_t i = 1; i < 5'000; i += 7) {
    (i % 2 == 0 ? one : two).add(i * i);
    both.add(i * i);
  }
  one.merge(two);
  one.merge(Latency());
  Latency empty;
  empty.merge(one);
  for (const Latency& merged : {one, empty}) {
    BOOST_TEST(merged.count() == both.count());
    BOOST_TEST(merged.sum_us() == both.sum_us());
    BOOST_TEST(merged.least_us() == both.least_us());
    BOOST_TEST(merged.most_us() == both.most_us());
    for (int per_mille = 0; per_mille <= 1'000; per_mille += 10) {
      BOOST_TEST(merged.quantile_us(per_mille) == both.quantile_us(per_mille));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
