#include "http/download/part.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(part_note)

BOOST_AUTO_TEST_CASE(comes_back_as_it_was) {
  for (const auto kind : {Validator::Kind::kEtag, Validator::Kind::kLastModified}) {
    const PartNote note{"0123", {kind, "\"one\""}, 100, 42};
    const auto again = parse_note(format_note(note));
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST(again->url_sha256 == note.url_sha256);
    BOOST_TEST((again->validator.kind == kind));
    BOOST_TEST(again->validator.value == note.validator.value);
    BOOST_TEST(again->length == 100);
    BOOST_TEST(again->synced == 42);
  }
}

BOOST_AUTO_TEST_CASE(what_is_none) {
  for (const char* const text :
       {"", "[]", "{}", R"({"version":1,"url_sha256":"a","length":1,"synced":0})",
        R"({"version":1,"url_sha256":"a","etag":"x","length":1,"synced":2})",
        R"({"version":2,"url_sha256":"a","etag":"x","length":3,"synced":2})",
        R"({"version":1,"url_sha256":"a","etag":"x","last_modified":"y","length":3,"synced":2})",
        R"({"version":1,"url_sha256":"a","etag":"x\r\nY: z","length":3,"synced":2})",
        R"({"version":1,"url_sha256":"a","etag":"","length":3,"synced":2})",
        R"({"version":1,"url_sha256":"a","etag":"x","length":3,"synced":-1})"}) {
    BOOST_TEST(!parse_note(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
