#include "text/utf8.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera {

using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(accepts_the_edges_of_each_length) {
  for (const std::string_view text :
       {""sv, "plain"sv, "\0"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv,
        "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv, "a\xC3\xA9z"sv}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(is_utf8(text)); }
  }
}

BOOST_AUTO_TEST_CASE(refuses_malformed_sequences) {
  for (const std::string_view text : {
           "\x80"sv,
           "\xBF"sv,  // continuation alone
           "\xC3"sv,
           "\xE2\x82"sv,
           "\xF0\x9F\x98"sv,  // cut off
           "\xC3("sv,
           "\xE2(\xA1"sv,
           "\xF0\x9F\x98("sv,
           "\xC0\x80"sv,
           "\xC1\xBF"sv,
           "\xE0\x9F\xBF"sv,
           "\xF0\x8F\xBF\xBF"sv,  // overlong
           "\xED\xA0\x80"sv,
           "\xED\xBF\xBF"sv,  // surrogates
           "\xF4\x90\x80\x80"sv,
           "\xF5\x80\x80\x80"sv,
           "\xFE"sv,
           "\xFF"sv,
       }) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!is_utf8(text));
      BOOST_TEST(!is_utf8("ok" + std::string(text) + "ok"));
    }
  }
}

BOOST_AUTO_TEST_CASE(ascii_helpers_leave_other_bytes) {
  BOOST_TEST(trim_ascii(" \t\r\n a b \n") == "a b");
  BOOST_TEST(trim_ascii(" \n ") == "");
  BOOST_TEST(trim_ascii("\v\xC2\xA0") == "\v\xC2\xA0");
  BOOST_TEST(to_lower_ascii("AZaz[\xC3\x89") == "azaz[\xC3\x89");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
