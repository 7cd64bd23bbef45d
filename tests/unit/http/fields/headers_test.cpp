#include "http/fields/headers.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(headers)

BOOST_AUTO_TEST_CASE(names_have_no_case_and_fields_keep_their_order) {
  Headers headers{{"Accept", "a"}, {"X-One", "1"}, {"accept", "b"}};
  BOOST_TEST(headers.size() == 3U);
  BOOST_TEST(headers.get("ACCEPT").value() == "a");
  BOOST_TEST(headers.joined("Accept") == "a, b");
  BOOST_TEST(headers.joined("absent") == "");
  BOOST_TEST(!headers.has("absent"));
  BOOST_TEST(headers[1].name == "X-One");
  BOOST_TEST(headers[1].value == "1");
}

BOOST_AUTO_TEST_CASE(setting_replaces_all_and_removing_leaves_the_others) {
  Headers headers{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  headers.set("a", headers[1].value);
  BOOST_TEST(headers.size() == 2U);
  BOOST_TEST(headers.get("a").value() == "2");
  headers.remove("B");
  BOOST_TEST(headers.size() == 1U);
  headers.clear();
  BOOST_TEST(headers.size() == 0U);
}

BOOST_AUTO_TEST_CASE(what_could_split_a_message_is_refused) {
  BOOST_TEST(check_field("X-Name", "caf\xC3\xA9 \t ok").ok());
  BOOST_TEST(check_field("!#$%&'*+-.^_`|~09", "").ok());
  for (const std::string_view name : {""sv, "a b"sv, "a:"sv, "a\r\n"sv, "\xC3\xA9"sv, "a\0"sv, "(a)"sv}) {
    BOOST_TEST(static_cast<int>(check_field(name, "x").error().code) == static_cast<int>(ErrorCode::kARG));
  }
  for (const std::string_view value : {"a\r\nb"sv, "a\nb"sv, "a\rb"sv, "a\0b"sv, "a\x7F"sv, "\x1B[0m"sv}) {
    const Error error = check_field("X-Secret", value).error();
    BOOST_TEST(error.text == "the value of the header X-Secret holds a control character; encode it first");
  }
  BOOST_TEST(check_field("a\r\nb", "x").error().text == "the header name \"a??b\" is not a token");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
