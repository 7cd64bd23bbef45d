#include "http/fields/http_date.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

using namespace std::string_view_literals;

constexpr int64_t kNow = 1'780'000'000;  // 28 May 2026

std::optional<int64_t> parse(std::string_view text) { return parse_http_date(text, kNow); }

BOOST_AUTO_TEST_SUITE(http_date)

BOOST_AUTO_TEST_CASE(the_three_forms_name_one_second) {
  BOOST_TEST(parse("Sun, 06 Nov 1994 08:49:37 GMT").value() == 784'111'777);
  BOOST_TEST(parse("Sunday, 06-Nov-94 08:49:37 GMT").value() == 784'111'777);
  BOOST_TEST(parse("Sun Nov  6 08:49:37 1994").value() == 784'111'777);
  BOOST_TEST(parse("Wed Nov 16 08:49:37 1994").value() == 784'975'777);
}

BOOST_AUTO_TEST_CASE(names_have_no_case_and_the_weekday_only_has_to_be_one) {
  BOOST_TEST(parse("sUN, 06 nOV 1994 08:49:37 gmt").value() == 784'111'777);
  BOOST_TEST(parse("Fri, 06 Nov 1994 08:49:37 GMT").value() == 784'111'777);
  BOOST_TEST(parse("Friday, 06-Nov-94 08:49:37 GMT").value() == 784'111'777);
  BOOST_TEST(parse("Fri Nov  6 08:49:37 1994").value() == 784'111'777);
  BOOST_TEST(!parse("Xyz, 06 Nov 1994 08:49:37 GMT").has_value());
  BOOST_TEST(!parse("Sun, 06-Nov-94 08:49:37 GMT").has_value());
}

BOOST_AUTO_TEST_CASE(the_edges_of_time) {
  BOOST_TEST(parse("Thu, 01 Jan 1970 00:00:00 GMT").value() == 0);
  BOOST_TEST(parse("Wed, 31 Dec 1969 23:59:59 GMT").value() == -1);
  BOOST_TEST(parse("Sat, 01 Jan 0000 00:00:00 GMT").value() == -62'167'219'200);
  BOOST_TEST(parse("Fri, 31 Dec 9999 23:59:59 GMT").value() == 253'402'300'799);
  BOOST_TEST(parse("Tue, 29 Feb 2000 00:00:00 GMT").value() == 951'782'400);
  BOOST_TEST(parse("Sat, 31 Dec 2016 23:59:60 GMT").value() == 1'483'228'800);
}

BOOST_AUTO_TEST_CASE(two_digits_mean_the_year_that_is_at_most_fifty_ahead) {
  const auto is_year = [](std::string_view digits, int64_t now, std::string_view year) {
    const auto date = parse_http_date("Monday, 01-Jun-" + std::string(digits) + " 00:00:00 GMT", now);
    BOOST_TEST(format_http_date(date.value()).substr(12, 4) == year);
  };
  is_year("26", kNow, "2026");
  is_year("76", kNow, "2076");
  is_year("77", kNow, "1977");
  is_year("99", kNow, "1999");
  is_year("05", 4'080'000'000, "2105");  // from 2099
  is_year("49", 4'080'000'000, "2149");
  is_year("50", 4'080'000'000, "2050");
  is_year("99", INT64_MAX, "9999");
}

BOOST_AUTO_TEST_CASE(what_is_no_date_is_none) {
  for (const std::string_view text : {
           ""sv,
           "soon"sv,
           "0"sv,
           "Sun, 06 Nov 1994 08:49:37"sv,
           "Sun, 06 Nov 1994 08:49:37 GMT "sv,
           " Sun, 06 Nov 1994 08:49:37 GMT"sv,
           "Sun, 06 Nov 1994 08:49:37 UTC"sv,
           "Sun, 06 Nov 1994 08:49:37 +0000"sv,
           "Sun, 6 Nov 1994 08:49:37 GMT"sv,
           "Sun,  6 Nov 1994 08:49:37 GMT"sv,
           "Sun, 06 Nov 94 08:49:37 GMT"sv,
           "Sun, 06 Nov 12345 08:49:37 GMT"sv,
           "Sun, 06 Nov -001 08:49:37 GMT"sv,
           "Sun, 06 Nov 1994 8:49:37 GMT"sv,
           "Sun, 06 Nov 1994 08:49 GMT"sv,
           "Sun, 06 Nov 1994 24:00:00 GMT"sv,
           "Sun, 06 Nov 1994 08:60:00 GMT"sv,
           "Sun, 06 Nov 1994 08:49:61 GMT"sv,
           "Sun, 06 Nov 1994 08:49:60 GMT"sv,
           "Sun, 00 Nov 1994 08:49:37 GMT"sv,
           "Sun, 31 Nov 1994 08:49:37 GMT"sv,
           "Wed, 29 Feb 1900 08:49:37 GMT"sv,
           "Sun, 06 Foo 1994 08:49:37 GMT"sv,
           "Sunday, 06 Nov 1994 08:49:37 GMT"sv,
           "Sunday, 06-Nov-1994 08:49:37 GMT"sv,
           "Sun Nov 6 08:49:37 1994"sv,
           "Sun Nov  6 08:49:37 1994 GMT"sv,
           "Sun Nov  6 08:49:37 94"sv,
           "Sun, 06 Nov 1994 08:49:37 GMT\0"sv,
       }) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!parse(text).has_value());
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_as_the_same) {
  BOOST_TEST(format_http_date(784'111'777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  BOOST_TEST(format_http_date(-1) == "Wed, 31 Dec 1969 23:59:59 GMT");
  BOOST_TEST(format_http_date(INT64_MAX) == "Fri, 31 Dec 9999 23:59:59 GMT");
  BOOST_TEST(format_http_date(INT64_MIN) == "Sat, 01 Jan 0000 00:00:00 GMT");
  // A step without a common divisor with a day walks through months, weekdays and times.
  for (int64_t seconds = -62'167'219'200; seconds <= 253'402'300'799; seconds += 86'400 * 29 + 3'661) {
    BOOST_REQUIRE(parse(format_http_date(seconds)).value() == seconds);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
