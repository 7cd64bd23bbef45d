#include "http/fields/cache_control.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

std::string shown(std::string_view field) {
  const CacheControl control = parse_cache_control(field);
  std::string text;
  const auto flag = [&](const char* name, bool is_set) {
    if (is_set) text += std::string(name) + ' ';
  };
  const auto number = [&](const char* name, std::optional<int64_t> value) {
    if (value) text += std::string(name) + '=' + std::to_string(*value) + ' ';
  };
  flag("no-store", control.no_store);
  flag("no-cache", control.no_cache);
  flag("no-transform", control.no_transform);
  flag("only-if-cached", control.only_if_cached);
  flag("must-revalidate", control.must_revalidate);
  flag("proxy-revalidate", control.proxy_revalidate);
  flag("must-understand", control.must_understand);
  flag("immutable", control.immutable);
  flag("public", control.is_public);
  flag("private", control.is_private);
  number("max-age", control.max_age);
  number("s-maxage", control.s_maxage);
  number("max-stale", control.max_stale);
  number("min-fresh", control.min_fresh);
  number("stale-while-revalidate", control.stale_while_revalidate);
  number("stale-if-error", control.stale_if_error);
  if (!text.empty()) text.pop_back();
  return text;
}

BOOST_AUTO_TEST_SUITE(cache_control)

BOOST_AUTO_TEST_CASE(every_directive_is_known) {
  const std::string all =
      "no-store no-cache no-transform only-if-cached must-revalidate proxy-revalidate must-understand "
      "immutable "
      "public private max-age=1 s-maxage=2 max-stale=3 min-fresh=4 stale-while-revalidate=5 stale-if-error=6";
  std::string field = all;
  for (char& c : field) {
    if (c == ' ') c = ',';
  }
  BOOST_TEST(shown(field) == all);
}

BOOST_AUTO_TEST_CASE(spelling_is_free) {
  BOOST_TEST(shown("MAX-AGE=60 ,\tNo-Cache,, PRIVATE") == "no-cache private max-age=60");
  BOOST_TEST(shown("max-age=\"60\"") == "max-age=60");
  BOOST_TEST(shown("max-age = 60") == "max-age=60");
  BOOST_TEST(shown("no-cache=\"Set-Cookie, max-age=5\"") == "no-cache");
  BOOST_TEST(shown("private=\"X\", no-store=1") == "no-store private");
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_passed_over) {
  BOOST_TEST(shown("") == "");
  BOOST_TEST(shown("foo, x-no-store, no-stores, bar=\"no-store, max-age=1\", public") == "public");
  BOOST_TEST(shown("pre-check=0, post-check=\"\", max-age=1") == "max-age=1");
}

BOOST_AUTO_TEST_CASE(numbers_saturate) {
  BOOST_TEST(shown("max-age=0") == "max-age=0");
  BOOST_TEST(shown("max-age=2147483647") == "max-age=2147483647");
  BOOST_TEST(shown("max-age=2147483649") == "max-age=2147483648");
  BOOST_TEST(shown("max-age=99999999999999999999999") == "max-age=2147483648");
}

BOOST_AUTO_TEST_CASE(a_malformed_number_allows_nothing) {
  for (const std::string_view value :
       {"", "=", "=-1", "=+1", "=1.5", "=abc", "=1 2", "=\"1", "=\"1\"2", "=0x10"}) {
    BOOST_TEST_CONTEXT(value) BOOST_TEST(shown("max-age" + std::string(value)) == "max-age=0");
  }
  BOOST_TEST(shown("stale-if-error=x, stale-while-revalidate") ==
             "stale-while-revalidate=0 stale-if-error=0");
  BOOST_TEST(shown("max-stale") == "max-stale=2147483648");
  BOOST_TEST(shown("max-stale=x") == "max-stale=0");
}

BOOST_AUTO_TEST_CASE(the_first_of_several_counts) {
  BOOST_TEST(shown("max-age=5, max-age=10") == "max-age=5");
  BOOST_TEST(shown("max-age=10, max-age=5") == "max-age=10");
  BOOST_TEST(shown("max-age=x, max-age=5") == "max-age=0");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
