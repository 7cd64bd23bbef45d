#include "http/fields/content_range.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(content_range)

BOOST_AUTO_TEST_CASE(spans_with_and_without_a_total) {
  const auto range = parse_content_range("bytes 42-1233/1234");
  BOOST_REQUIRE(range.has_value());
  BOOST_TEST(!range->is_unsatisfied);
  BOOST_TEST(range->first == 42);
  BOOST_TEST(range->last == 1233);
  BOOST_TEST(range->total == 1234);
  BOOST_TEST(parse_content_range("Bytes 0-0/*").value().total == -1);
}

BOOST_AUTO_TEST_CASE(none_that_satisfies) {
  const auto range = parse_content_range("bytes */1234");
  BOOST_REQUIRE(range.has_value());
  BOOST_TEST(range->is_unsatisfied);
  BOOST_TEST(range->total == 1234);
}

BOOST_AUTO_TEST_CASE(what_is_none) {
  for (const char* const text : {"",
                                 "bytes",
                                 "bytes ",
                                 "bytes 1-2",
                                 "bytes 1-2/",
                                 "bytes /5",
                                 "bytes */*",
                                 "bytes 2-1/5",
                                 "bytes 1-5/5",
                                 "bytes 1-2/2",
                                 "items 1-2/5",
                                 "bytes -1-2/5",
                                 "bytes 1-/5",
                                 "bytes -2/5",
                                 "bytes 1-2/5 ",
                                 "bytes 1 -2/5",
                                 "bytes=1-2/5",
                                 "bytes 1-2/+5",
                                 "bytes 1-2-3/5",
                                 "bytes 0-1/9223372036854775807",
                                 "bytes 0-99999999999999999999/*"}) {
    BOOST_TEST(!parse_content_range(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
