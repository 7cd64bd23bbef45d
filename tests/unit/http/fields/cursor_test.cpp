#include "http/fields/cursor.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(cursor)

BOOST_AUTO_TEST_CASE(digits_saturate_and_nothing_else_is_a_number) {
  BOOST_TEST(parse_digits("0", 9).value() == 0);
  BOOST_TEST(parse_digits("007", 9).value() == 7);
  BOOST_TEST(parse_digits("9", 9).value() == 9);
  BOOST_TEST(parse_digits("10", 9).value() == 9);
  BOOST_TEST(parse_digits("9223372036854775807", INT64_MAX).value() == INT64_MAX);
  BOOST_TEST(parse_digits("9223372036854775808", INT64_MAX).value() == INT64_MAX);
  BOOST_TEST(parse_digits(std::string(100'000, '9'), 1 << 20).value() == 1 << 20);
  for (const std::string_view text :
       {""sv, "-1"sv, "+1"sv, " 1"sv, "1 "sv, "1.0"sv, "0x1"sv, "1\0"sv, "\xD9\xA1"sv}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!parse_digits(text, 99).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_quoted_string_hides_what_ends_an_element) {
  Cursor in("a=\"1,\\\"2\", b");
  BOOST_TEST(in.take_until(",") == "a=\"1,\\\"2\"");
  BOOST_TEST(in.rest() == ", b");
  Cursor unclosed("a=\"1, b");
  BOOST_TEST(unclosed.take_until(",") == "a=\"1, b");
  BOOST_TEST(unclosed.at_end());
}

BOOST_AUTO_TEST_CASE(quoted_strings_are_unescaped) {
  for (const auto& [text, content] : {std::pair{"\"\""sv, ""sv},
                                      {"\"a b\""sv, "a b"sv},
                                      {"\"\\\"\\\\\\x\""sv, "\"\\x"sv},
                                      {"\"a\"b"sv, "a"sv}}) {
    Cursor in(text);
    BOOST_TEST(in.take_quoted().value() == content);
  }
  for (const std::string_view text : {""sv, "a"sv, "\""sv, "\"a"sv, "\"a\\"sv, "\"a\\\""sv}) {
    Cursor in(text);
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!in.take_quoted().has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_parameter_is_a_name_with_or_without_a_value) {
  const auto check = [](std::string_view text, std::string_view name, std::string_view value) {
    const Parameter parameter = split_parameter(text);
    BOOST_TEST(parameter.name == name);
    BOOST_TEST(parameter.value.value_or("(none)") == value);
  };
  check(" a ", "a", "(none)");
  check("a=", "a", "");
  check(" a = b ", "a", "b");
  check("a=\"b c\" ", "a", "b c");
  check("a=\"\"", "a", "");
  check("a=b=c", "a", "b=c");
  check("a=\"b\"c", "a", "\"b\"c");
  check("a=\"b", "a", "\"b");
  check("", "", "(none)");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
