#include "http/fields/problem.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

Problem parse(std::string_view body) { return parse_problem(body).value(); }

BOOST_AUTO_TEST_SUITE(problem)

BOOST_AUTO_TEST_CASE(standard_members_and_extensions) {
  const Problem problem = parse(
      R"({"type":"https://example.com/out-of-credit","title":"No credit","status":403,"detail":"30 of 50 \u20ac",)"
      R"("instance":"/account/12345","balance":30,"accounts":["/1",{"a":null}]})");
  BOOST_TEST(problem.type == "https://example.com/out-of-credit");
  BOOST_TEST(problem.title == "No credit");
  BOOST_TEST(problem.status.value() == 403);
  BOOST_TEST(problem.detail == "30 of 50 \xE2\x82\xAC");
  BOOST_TEST(problem.instance == "/account/12345");
  BOOST_TEST(problem.extensions_json == R"({"accounts":["/1",{"a":null}],"balance":30})");
}

BOOST_AUTO_TEST_CASE(absent_members_have_defaults) {
  const Problem problem = parse("{}");
  BOOST_TEST(problem.type == "about:blank");
  BOOST_TEST(problem.title == "");
  BOOST_TEST(problem.detail == "");
  BOOST_TEST(problem.instance == "");
  BOOST_TEST(!problem.status.has_value());
  BOOST_TEST(problem.extensions_json == "");
}

BOOST_AUTO_TEST_CASE(a_member_of_a_wrong_type_is_as_if_it_had_not_come) {
  const Problem problem =
      parse(R"({"type":7,"title":["x"],"status":"403","detail":null,"instance":{"a":1},"code":"kept"})");
  BOOST_TEST(problem.type == "about:blank");
  BOOST_TEST(problem.title == "");
  BOOST_TEST(!problem.status.has_value());
  BOOST_TEST(problem.detail == "");
  BOOST_TEST(problem.instance == "");
  BOOST_TEST(problem.extensions_json == R"({"code":"kept"})");
}

BOOST_AUTO_TEST_CASE(a_status_is_a_whole_number_from_100_to_599) {
  BOOST_TEST(parse(R"({"status":100})").status.value() == 100);
  BOOST_TEST(parse(R"({"status":599})").status.value() == 599);
  for (const char* status : {"99", "600", "-404", "404.0", "4e2", "18446744073709551615", "true"}) {
    BOOST_TEST_CONTEXT(status)
    BOOST_TEST(!parse(R"({"status":)" + std::string(status) + "}").status.has_value());
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_object_is_an_error_that_shows_nothing) {
  for (const char* body : {"", "null", "[]", "\"secret\"", "{", "{\"secret\":1,\"secret\":2}",
                           "<html>secret</html>", "{\"title\":\"\xFF\"}"}) {
    const auto problem = parse_problem(body);
    BOOST_TEST_CONTEXT(body) {
      BOOST_REQUIRE(!problem.ok());
      BOOST_TEST((problem.error().code == ErrorCode::kARG));
      BOOST_TEST(problem.error().domain == "http");
      BOOST_TEST(problem.error().text.find("secret") == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_size_is_bounded) {
  const std::string frame = R"({"detail":""})";
  const auto body_of = [&](size_t size) {
    return R"({"detail":")" + std::string(size - frame.size(), 'x') + R"("})";
  };
  BOOST_TEST(parse(body_of(kLargestProblem)).detail.size() == kLargestProblem - frame.size());
  BOOST_TEST((parse_problem(body_of(kLargestProblem + 1)).error().code == ErrorCode::kLIMIT));
  BOOST_TEST((parse_problem(std::string(60'000, '[')).error().code == ErrorCode::kLIMIT));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
