#include "http/policy/failure.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(failure)

BOOST_AUTO_TEST_CASE(each_has_a_name_of_its_own) {
  for (int i = 0; i <= static_cast<int>(Failure::kCallback); ++i) {
    const std::string_view name = failure_name(static_cast<Failure>(i));
    BOOST_TEST(name != "unknown");
    for (int j = 0; j < i; ++j) BOOST_TEST(name != failure_name(static_cast<Failure>(j)));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
