#include "base/testing.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "base/clock.hpp"

namespace tessera {

BOOST_AUTO_TEST_SUITE(injection)

BOOST_AUTO_TEST_CASE(a_fixed_clock_reaches_references_taken_before) {
  const Clock& clock = system_clock();
  testing::set_clock(1234, 56);
  BOOST_TEST(clock.wall_ms() == 1234);
  BOOST_TEST(clock.boot_ms() == 56);
  testing::reset_clock();
  BOOST_TEST(clock.wall_ms() > 1'000'000'000'000);
}

BOOST_AUTO_TEST_CASE(hardware_root_is_empty_until_set) {
  BOOST_TEST(testing::hardware_root().empty());
  testing::set_hardware_root("/fake");
  BOOST_TEST(testing::hardware_root() == "/fake");
  testing::set_hardware_root({});
}

BOOST_AUTO_TEST_CASE(throws_once_in_the_named_function) {
  testing::throw_in("tsr_one", testing::Fault::kDefect);
  testing::maybe_throw("tsr_other");
  BOOST_CHECK_THROW(testing::maybe_throw("tsr_one"), std::runtime_error);
  testing::maybe_throw("tsr_one");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
