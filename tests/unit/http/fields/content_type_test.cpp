#include "http/fields/content_type.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

using namespace std::string_view_literals;

/// "type charset boundary", an absent one as "-".
std::string shown(std::string_view value) {
  const auto type = parse_content_type(value);
  if (!type) return "nothing";
  const auto part = [](const std::string& text) { return text.empty() ? "-" : text; };
  return type->type + ' ' + part(type->charset) + ' ' + part(type->boundary);
}

bool is_json(std::string_view value) { return parse_content_type(value).value().is_json(); }

BOOST_AUTO_TEST_SUITE(content_type)

BOOST_AUTO_TEST_CASE(type_and_parameters) {
  BOOST_TEST(shown("text/html") == "text/html - -");
  BOOST_TEST(shown(" Text/HTML ; Charset = \"UTF-8\" ") == "text/html utf-8 -");
  BOOST_TEST(shown("text/html;charset=utf-8") == "text/html utf-8 -");
  BOOST_TEST(shown("multipart/form-data; boundary=\"a; b\\\"c\"; charset=x") ==
             "multipart/form-data x a; b\"c");
  BOOST_TEST(shown("text/plain; charset=a; charset=b; boundary=C; boundary=d") == "text/plain a C");
  BOOST_TEST(shown("text/plain;;; x; y=; charset=a") == "text/plain a -");
}

BOOST_AUTO_TEST_CASE(a_malformed_parameter_is_passed_over) {
  BOOST_TEST(shown("text/plain; charset=") == "text/plain - -");
  BOOST_TEST(shown("text/plain; charset=\"a b\"; charset=c") == "text/plain c -");
  BOOST_TEST(shown("text/plain; charset=\"a") == "text/plain - -");
  BOOST_TEST(shown("text/plain; charset=utf-8, text/html") == "text/plain - -");
  BOOST_TEST(shown("a/b; boundary=" + std::string(70, 'x')) == "a/b - " + std::string(70, 'x'));
  BOOST_TEST(shown("a/b; boundary=" + std::string(71, 'x')) == "a/b - -");
}

BOOST_AUTO_TEST_CASE(what_names_no_type_is_nothing) {
  for (const std::string_view value :
       {""sv, "text"sv, "/"sv, "text/"sv, "/html"sv, "te xt/html"sv, "text /html"sv, "text/html charset=a"sv,
        "text/html, a/b"sv, "text/html\0"sv, "; charset=a"sv}) {
    BOOST_TEST_CONTEXT(value) BOOST_TEST(shown(value) == "nothing");
  }
}

BOOST_AUTO_TEST_CASE(json_is_told_by_type_or_suffix) {
  BOOST_TEST(is_json("application/json"));
  BOOST_TEST(is_json("Application/JSON; charset=utf-8"));
  BOOST_TEST(is_json("application/problem+json"));
  BOOST_TEST(is_json("application/vnd.api+JSON"));
  BOOST_TEST(!is_json("text/json5"));
  BOOST_TEST(!is_json("application/jsonp"));
  BOOST_TEST(!is_json("application/json-seq"));
  BOOST_TEST(!is_json("text/html; x=application/json"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
