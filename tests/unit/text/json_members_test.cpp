#include <boost/test/unit_test.hpp>
#include <string>

#include "text/json.hpp"

namespace tessera {
namespace {

Json document(const std::string& text) { return parse_json(text).value(); }

bool integer_ok(const std::string& literal, int64_t least = INT64_MIN, int64_t most = INT64_MAX) {
  return json_integer(document("{\"n\":" + literal + "}"), "n", least, most).ok();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_members)

BOOST_AUTO_TEST_CASE(absent_members_are_nothing) {
  const Json object = document("{}");
  BOOST_TEST(!json_string(object, "x").value().has_value());
  BOOST_TEST(!json_integer(object, "x", 0, 9).value().has_value());
  BOOST_TEST(!json_bool(object, "x").value().has_value());
  BOOST_TEST(json_object(object, "x").value() == nullptr);
  BOOST_TEST(json_array(object, "x").value() == nullptr);
}

BOOST_AUTO_TEST_CASE(present_members_have_their_value) {
  const Json object = document(R"({"s":"text","i":-3,"b":false,"o":{"k":1},"a":[1,2]})");
  BOOST_TEST(json_string(object, "s").value().value() == "text");
  BOOST_TEST(json_integer(object, "i", -3, 0).value().value() == -3);
  BOOST_TEST(json_bool(object, "b").value().value() == false);
  BOOST_TEST(json_object(object, "o").value()->size() == 1U);
  BOOST_TEST(json_array(object, "a").value()->size() == 2U);
}

BOOST_AUTO_TEST_CASE(another_type_is_an_error_that_names_the_member_only) {
  const Json object = document(R"({"text":"hidden","flag":true,"none":null})");
  BOOST_TEST(json_integer(object, "text", 0, 9).error().text == "the member \"text\" must be an integer");
  BOOST_TEST(!json_bool(object, "text").ok());
  BOOST_TEST(!json_object(object, "text").ok());
  BOOST_TEST(!json_array(object, "text").ok());
  BOOST_TEST(!json_string(object, "flag").ok());
  BOOST_TEST(!json_integer(object, "flag", 0, 9).ok());
  BOOST_TEST(!json_string(object, "none").ok());
  BOOST_TEST(!json_object(object, "none").ok());
}

BOOST_AUTO_TEST_CASE(a_document_that_is_no_object_has_no_members) {
  for (const char* text : {"[]", "1", "null", "\"x\""}) {
    BOOST_TEST(!json_string(document(text), "x").ok());
    BOOST_TEST(!json_only(document(text), {}).ok());
  }
}

BOOST_AUTO_TEST_CASE(integers_are_exact) {
  for (const char* literal : {"0", "-1", "9223372036854775807", "-9223372036854775808"}) {
    BOOST_TEST_CONTEXT(literal) { BOOST_TEST(integer_ok(literal)); }
  }
  for (const char* literal : {"-0", "0.0", "1.0", "1e3", "1E0", "9223372036854775808", "18446744073709551615",
                              "18446744073709551616", "-9223372036854775809", "\"1\""}) {
    BOOST_TEST_CONTEXT(literal) { BOOST_TEST(!integer_ok(literal)); }
  }
  BOOST_TEST(integer_ok("5", 5, 5));
  BOOST_TEST(!integer_ok("4", 5, 6));
  BOOST_TEST(!integer_ok("7", 5, 6));
}

BOOST_AUTO_TEST_CASE(unknown_members_are_named) {
  const Json object = document(R"({"a":1,"b":2})");
  BOOST_TEST(json_only(object, {"a", "b", "c"}).ok());
  BOOST_TEST(json_only(object, {"a"}).error().text == "the member \"b\" is not known here");
  const Json long_name = document("{\"" + std::string(100, 'x') + "\":1}");
  BOOST_TEST(json_only(long_name, {}).error().text ==
             "the member \"" + std::string(64, 'x') + "...\" is not known here");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
