#include "http/fields/retry_after.hpp"

#include <boost/test/unit_test.hpp>

#include "http/fields/http_date.hpp"

namespace tessera::http {
namespace {

using namespace std::string_view_literals;

constexpr int64_t kNowMs = 784'111'777'250;  // Sun, 06 Nov 1994 08:49:37.250

BOOST_AUTO_TEST_SUITE(retry_after)

BOOST_AUTO_TEST_CASE(seconds_are_waited_up_to_a_day) {
  BOOST_TEST(parse_retry_after("0", kNowMs).value() == 0);
  BOOST_TEST(parse_retry_after("120", kNowMs).value() == 120'000);
  BOOST_TEST(parse_retry_after("86400", kNowMs).value() == 86'400'000);
  BOOST_TEST(parse_retry_after("86401", kNowMs).value() == 86'400'000);
  BOOST_TEST(parse_retry_after("2147483647", kNowMs).value() == 86'400'000);
}

BOOST_AUTO_TEST_CASE(a_date_is_seen_from_the_wall_clock) {
  BOOST_TEST(parse_retry_after("Sun, 06 Nov 1994 08:49:38 GMT", kNowMs).value() == 750);
  BOOST_TEST(parse_retry_after("Sunday, 06-Nov-94 08:50:37 GMT", kNowMs).value() == 59'750);
  BOOST_TEST(parse_retry_after("Sun Nov  6 08:49:38 1994", kNowMs).value() == 750);
  BOOST_TEST(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNowMs - 250).value() == 0);
  BOOST_TEST(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNowMs).value() == 86'400'000);
}

BOOST_AUTO_TEST_CASE(what_is_malformed_past_or_absurd_is_nothing) {
  for (const std::string_view value :
       {""sv, "soon"sv, "-1"sv, "+1"sv, "1.5"sv, "1e3"sv, "1,2"sv, "2147483648"sv, "100000000000000000000"sv,
        "Sun, 06 Nov 1994 08:49:37 GMT"sv, "Thu, 01 Jan 1970 00:00:00 GMT"sv,
        "Sat, 01 Jan 0000 00:00:00 GMT"sv, "Sun, 06 Nov 12994 08:49:37 GMT"sv}) {
    BOOST_TEST_CONTEXT(value) BOOST_TEST(!parse_retry_after(value, kNowMs).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
