#include "http/fields/oauth_answer.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

OAuthAnswer parse(std::string_view body) { return parse_oauth_answer(body).value(); }

BOOST_AUTO_TEST_SUITE(oauth_answer)

BOOST_AUTO_TEST_CASE(a_token_with_everything) {
  const OAuthAnswer answer =
      parse(R"({"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600,)"
            R"("refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","scope":"a b","example_parameter":{"x":[1]}})");
  BOOST_TEST(!answer.is_error());
  BOOST_TEST(answer.access_token == "2YotnFZFEjr1zCsicMWpAA");
  BOOST_TEST(answer.token_type == "Bearer");
  BOOST_TEST(answer.expires_in.value() == 3600);
  BOOST_TEST(answer.refresh_token == "tGzv3JOkF0XG5Qx2TlKWIA");
  BOOST_TEST(answer.scope == "a b");
}

BOOST_AUTO_TEST_CASE(a_token_alone) {
  const OAuthAnswer answer =
      parse(R"({"access_token":"a","refresh_token":null,"token_type":7,"scope":["x"]})");
  BOOST_TEST(answer.access_token == "a");
  BOOST_TEST(answer.refresh_token == "");
  BOOST_TEST(answer.token_type == "");
  BOOST_TEST(answer.scope == "");
  BOOST_TEST(!answer.expires_in.has_value());
}

BOOST_AUTO_TEST_CASE(the_life_is_a_number_in_any_spelling) {
  const auto life = [](const std::string& value) {
    return parse(R"({"access_token":"a","expires_in":)" + value + "}").expires_in.value_or(-1);
  };
  BOOST_TEST(life("0") == 0);
  BOOST_TEST(life("3600.9") == 3600);
  BOOST_TEST(life("\"3600\"") == 3600);
  BOOST_TEST(life("2147483649") == 2'147'483'648);
  BOOST_TEST(life("1e300") == 2'147'483'648);
  BOOST_TEST(life("\"99999999999999999999\"") == 2'147'483'648);
  for (const char* value : {"-1", "-0.5", "\"-1\"", "\"3600s\"", "\"\"", "null", "true", "[3600]"}) {
    BOOST_TEST_CONTEXT(value) BOOST_TEST(life(value) == -1);
  }
}

BOOST_AUTO_TEST_CASE(an_error_holds_no_token) {
  const OAuthAnswer answer = parse(
      R"({"error":"invalid_grant","error_description":"revoked\n\u0001\u007f gr\u00fcn","access_token":"a"})");
  BOOST_TEST(answer.is_error());
  BOOST_TEST(answer.error == "invalid_grant");
  BOOST_TEST(answer.error_description == "revoked??? gr\xC3\xBCn");
  BOOST_TEST(answer.access_token == "");
  BOOST_TEST(parse(R"({"error":"x","error_description":7})").error_description == "");
  // No error by the RFC, and the token is usable.
  BOOST_TEST(parse(R"({"error":null,"access_token":"a"})").access_token == "a");
  BOOST_TEST(parse(R"({"error":"","access_token":"a"})").access_token == "a");
}

BOOST_AUTO_TEST_CASE(long_texts_are_cut_between_characters) {
  std::string euros;
  for (int i = 0; i < 171; ++i) euros += "\xE2\x82\xAC";
  const OAuthAnswer answer =
      parse(R"({"error":")" + std::string(100, 'x') + R"(","error_description":")" + euros + "\"}");
  BOOST_TEST(answer.error == std::string(64, 'x'));
  BOOST_TEST(answer.error_description == euros.substr(0, 510));
}

BOOST_AUTO_TEST_CASE(an_unusable_answer_shows_nothing_of_itself) {
  const auto refused = [](const std::string& body, ErrorCode code) {
    const auto answer = parse_oauth_answer(body);
    BOOST_TEST_CONTEXT(body.substr(0, 80)) {
      BOOST_REQUIRE(!answer.ok());
      BOOST_TEST((answer.error().code == code));
      BOOST_TEST(answer.error().domain == "http");
      BOOST_TEST(answer.error().text.starts_with("the token endpoint's answer "));
      BOOST_TEST(answer.error().text.find("s3cret") == std::string::npos);
    }
  };
  for (const char* body :
       {"", "access_token=s3cret", "[\"s3cret\"]", "{}", R"({"access_token":7})", R"({"access_token":""})",
        R"({"s3cret":1,"s3cret":2})", R"({"error":{"code":"s3cret"}})",
        R"({"access_token":"s3cret\r\nX: y"})", R"({"access_token":"s3cret x"})",
        R"({"access_token":"s3cr\u00e9t"})", R"({"access_token":"s3cret\u0000"})",
        R"({"access_token":"a","refresh_token":"s3cret\n"})"}) {
    refused(body, ErrorCode::kARG);
  }
  refused(R"({"access_token":"s3cret)" + std::string(kLargestOAuthAnswer, 'x') + "\"}", ErrorCode::kLIMIT);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
