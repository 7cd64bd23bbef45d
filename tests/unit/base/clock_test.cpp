#include "base/clock.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera {

BOOST_AUTO_TEST_SUITE(clock)

BOOST_AUTO_TEST_CASE(counts_milliseconds_since_the_epoch_and_since_boot) {
  constexpr int64_t kYear2024 = 1'704'067'200'000;
  constexpr int64_t kYear2200 = 7'258'118'400'000;
  const Clock& clock = system_clock();
  BOOST_TEST(clock.wall_ms() > kYear2024);
  BOOST_TEST(clock.wall_ms() < kYear2200);
  const int64_t before = clock.boot_ms();
  BOOST_TEST(before > 0);
  BOOST_TEST(clock.boot_ms() >= before);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
