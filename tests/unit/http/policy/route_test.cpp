#include "http/policy/route.hpp"

#include <boost/test/unit_test.hpp>

#include "http/policy/host_name.hpp"

namespace tessera::http {
namespace {

bool matches(const std::string& pattern, std::string_view method, std::string_view host,
             std::string_view path) {
  const std::string patterns[] = {pattern};
  const auto table = RouteTable::make(patterns);
  BOOST_REQUIRE(table.ok());
  return table->find(method, host, path).has_value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(route)

BOOST_AUTO_TEST_CASE(a_pattern_matches_what_it_names) {
  struct Case {
    const char *pattern, *method, *host, *path;
    bool matches;
  };
  const Case cases[] = {
      {"GET", "GET", "a.example", "/", true},
      {"GET", "get", "a.example", "/", false},
      {"GET", "GETS", "a.example", "/", false},
      {"api.example.com", "PUT", "API.Example.com", "/x?y", true},
      {"api.example.com", "PUT", "api.example.com.", "/", true},
      {"api.example.com", "PUT", "www.api.example.com", "/", false},
      {"*.example.com", "PUT", "api.example.com", "/", true},
      {"*.example.com", "PUT", "v1.api.EXAMPLE.com", "/", true},
      {"*.example.com", "PUT", "example.com", "/", false},
      {"*.example.com", "PUT", ".example.com", "/", false},
      {"*.example.com", "PUT", "evilexample.com", "/", false},
      {"*.example.com", "PUT", "example.com.evil", "/", false},
      {"[::1]/x", "GET", "::1", "/x", true},
      {"[::1]/x", "GET", "[::1]", "/x", true},
      {"/v1/products", "GET", "h", "/v1/products", true},
      {"/v1/products", "GET", "h", "/v1/products?page=2", true},
      {"/v1/products", "GET", "h", "/v1/products#top", true},
      {"/v1/products", "GET", "h", "/v1/products/", false},
      {"/v1/products", "GET", "h", "/v1/productsX", false},
      {"/v1/products", "GET", "h", "/v1", false},
      {"/v1/products", "GET", "h", "/V1/products", false},
      {"/v1/products/*", "GET", "h", "/v1/products/42", true},
      {"/v1/products/*", "GET", "h", "/v1/products/", false},
      {"/v1/products/*", "GET", "h", "/v1/products", false},
      {"/v1/products/*", "GET", "h", "/v1/products/42/", false},
      {"/v1/products/*", "GET", "h", "/v1/products/42/images", false},
      {"/v1/*/images", "GET", "h", "/v1/42/images", true},
      {"/v1/*/images", "GET", "h", "/v1//images", false},
      {"/v1/**", "GET", "h", "/v1", true},
      {"/v1/**", "GET", "h", "/v1/", true},
      {"/v1/**", "GET", "h", "/v1/a/b/c", true},
      {"/v1/**", "GET", "h", "/v1a", false},
      {"/**", "GET", "h", "/", true},
      {"/", "GET", "h", "/", true},
      {"/", "GET", "h", "", true},
      {"/", "GET", "h", "?q", true},
      {"/", "GET", "h", "//", false},
      {"/x", "OPTIONS", "h", "*", false},
      {"OPTIONS", "OPTIONS", "h", "*", true},
      {"POST api.example.com/v1/copies", "POST", "api.example.com", "/v1/copies", true},
      {"POST api.example.com/v1/copies", "GET", "api.example.com", "/v1/copies", false},
      {"POST api.example.com/v1/copies", "POST", "web.example.com", "/v1/copies", false},
      {"POST *.example.com/v1/**", "POST", "a.example.com", "/v1/copies", true},
      {"GET /v1/products/*", "GET", "anything", "/v1/products/1", true},
      {"GET ", "GET", "h", "/any", true},
  };
  for (const Case& one : cases) {
    BOOST_TEST_INFO(one.pattern << " for " << one.method << " " << one.host << one.path);
    BOOST_TEST(matches(one.pattern, one.method, one.host, one.path) == one.matches);
  }
}

BOOST_AUTO_TEST_CASE(the_first_that_matches_is_the_route) {
  const std::string patterns[] = {"GET /v1/products/new", "GET /v1/products/*", "/v1/**"};
  const auto table = RouteTable::make(patterns);
  BOOST_REQUIRE(table.ok());
  BOOST_TEST(table->find("GET", "h", "/v1/products/new").value() == 0U);
  BOOST_TEST(table->find("GET", "h", "/v1/products/1").value() == 1U);
  BOOST_TEST(table->find("POST", "h", "/v1/products/new").value() == 2U);
  BOOST_TEST(!table->find("GET", "h", "/v2").has_value());
  BOOST_TEST(!RouteTable().find("GET", "h", "/").has_value());
}

BOOST_AUTO_TEST_CASE(malformed_patterns_are_refused_by_name) {
  for (const char* pattern : {"",
                              " /x",
                              "get /x",
                              "GET  /x",
                              "GET https://a.example/x",
                              "a.example:8080/x",
                              "*",
                              "*/x",
                              "*.",
                              "*./x",
                              "a.*.example",
                              "a*.example",
                              "/v*",
                              "/**/x",
                              "/x**",
                              "/a/***",
                              "/x?y",
                              "/x#y",
                              "a b/x",
                              "[::1",
                              "[x]/",
                              "[::1]:80/",
                              "GET \r\n/x"}) {
    const std::string patterns[] = {"/good", pattern};
    const auto table = RouteTable::make(patterns);
    BOOST_TEST_INFO(pattern);
    BOOST_REQUIRE(!table.ok());
    BOOST_TEST((table.error().code == ErrorCode::kARG));
    BOOST_TEST(table.error().domain == "http");
    BOOST_TEST(table.error().text.find('\n') == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(number_and_length_are_bounded) {
  std::vector<std::string> patterns(RouteTable::kMaxRoutes, "/x");
  BOOST_TEST(RouteTable::make(patterns).ok());
  patterns.emplace_back("/x");
  BOOST_TEST((RouteTable::make(patterns).error().code == ErrorCode::kLIMIT));
  patterns = {"/" + std::string(RouteTable::kMaxPattern - 1, 'x')};
  BOOST_TEST(RouteTable::make(patterns).ok());
  patterns[0] += 'x';
  BOOST_TEST((RouteTable::make(patterns).error().code == ErrorCode::kARG));
}

BOOST_AUTO_TEST_CASE(a_host_is_below_a_domain_only_after_a_dot) {
  BOOST_TEST(is_below("a.b", "b"));
  BOOST_TEST(is_below("a.b.", "b."));
  BOOST_TEST(!is_below("b", "b"));
  BOOST_TEST(!is_below(".b", "b"));
  BOOST_TEST(!is_below("ab", "b"));
  BOOST_TEST(!is_below("a.b", ""));
  BOOST_TEST(!is_below("", "b"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
