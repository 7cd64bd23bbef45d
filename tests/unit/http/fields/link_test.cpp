#include "http/fields/link.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

/// "target rel rel name=value|..."
std::string shown(std::string_view field) {
  std::string text;
  for (const Link& link : parse_links(field)) {
    if (!text.empty()) text += '|';
    text += link.target;
    for (const std::string& rel : link.rels) text += ' ' + rel;
    for (const auto& [name, value] : link.params) text += ' ' + name + '=' + value;
  }
  return text;
}

std::string next_of(std::string_view field) {
  const auto links = parse_links(field);
  const Link* const next = find_link(links, "next");
  return next == nullptr ? "none" : next->target;
}

BOOST_AUTO_TEST_SUITE(link)

BOOST_AUTO_TEST_CASE(links_of_every_shape) {
  BOOST_TEST(shown("<https://a/b?page=2>; rel=\"next\", <https://a/b?page=9>; rel=\"last\"") ==
             "https://a/b?page=2 next|https://a/b?page=9 last");
  BOOST_TEST(shown("<a>;rel=next") == "a next");
  BOOST_TEST(shown(" \t<a> ; REL = \"NEXT  Prefetch\" ,, <b>;rel=last,") == "a next prefetch|b last");
  BOOST_TEST(
      shown("<a,b;c>; rel=next; title=\"x, <y>; z \\\"q\\\"\"; flag; empty=; star*=UTF-8''%e2%82%ac") ==
      "a,b;c next title=x, <y>; z \"q\" flag= empty= star*=UTF-8''%e2%82%ac");
  BOOST_TEST(shown("<>; rel=self") == " self");
  BOOST_TEST(shown("<a>; rel=\"https://example.com/Rel next\"") == "a https://example.com/rel next");
  BOOST_TEST(shown("<a>; ; ;rel=next;") == "a next");
}

BOOST_AUTO_TEST_CASE(only_the_first_rel_counts_and_a_link_without_is_none) {
  BOOST_TEST(shown("<a>; rel=next; rel=last") == "a next");
  BOOST_TEST(shown("<a>, <b>; title=x, <c>; rel=\"\", <d>; rel=next") == "d next");
}

BOOST_AUTO_TEST_CASE(what_comes_after_something_malformed_is_left_out) {
  BOOST_TEST(shown("") == "");
  BOOST_TEST(shown("https://a; rel=next") == "");
  BOOST_TEST(shown("<a; rel=next") == "");
  BOOST_TEST(shown("<a>; rel=next, b, <c>; rel=last") == "a next");
  BOOST_TEST(shown("<a>; rel=next, <b> c; rel=last") == "a next");
  BOOST_TEST(shown("<a>; rel=next, <b> <c>; rel=last") == "a next");
  BOOST_TEST(shown("<a>; rel=next, <b>; title=\"x; rel=last") == "a next");
}

BOOST_AUTO_TEST_CASE(a_relation_is_found_for_this_resource_only) {
  BOOST_TEST(next_of("<a>; rel=prev, <b>; rel=\"last NEXT\"") == "b");
  BOOST_TEST(next_of("<a>; rel=nextpage") == "none");
  BOOST_TEST(next_of("<a>; rel=next; anchor=\"/other\", <b>; rel=next") == "b");
  BOOST_TEST(next_of("<a>; rel=next; Anchor=\"#x\"") == "none");
}

BOOST_AUTO_TEST_CASE(limits_hold_at_their_edge) {
  std::string field, params = "<a>;rel=next";
  for (size_t i = 0; i <= kMostLinks; ++i) field += "<a>;rel=b,";
  BOOST_TEST(parse_links(field).size() == kMostLinks);
  for (size_t i = 0; i <= kMostLinkParams; ++i) params += ";x=1";
  BOOST_TEST(parse_links(params).at(0).params.size() == kMostLinkParams);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
