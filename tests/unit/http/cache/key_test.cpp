#include "http/cache/key.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(cache_key)

constexpr std::string_view kUrl = "https://api.example.com/items?page=2";

std::string key_of(const Headers& headers, std::string_view partition = "", bool is_head = false,
                   std::string_view url = kUrl) {
  return primary_key({"GET", url, headers, partition}, is_head);
}

BOOST_AUTO_TEST_CASE(a_key_is_64_hex_digits_and_tells_nothing) {
  const std::string key = key_of({{"Authorization", "Bearer secret"}});
  BOOST_TEST(key.size() == 64U);
  BOOST_TEST(key.find_first_not_of("0123456789abcdef") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(url_kind_of_method_partition_and_credentials_make_a_key) {
  const std::set<std::string> keys{
      key_of({}),
      key_of({}, "", true),
      key_of({}, "ana"),
      key_of({}, "", false, "https://api.example.com/items?page=3"),
      key_of({{"Authorization", "Bearer a"}}),
      key_of({{"Authorization", "Bearer b"}}),
      key_of({{"Authorization", ""}}),
      key_of({{"Cookie", "Bearer a"}}),
      key_of({{"Cookie", "a=1"}, {"Authorization", "Bearer a"}}),
  };
  BOOST_TEST(keys.size() == 9U);
}

BOOST_AUTO_TEST_CASE(nothing_else_of_the_request_does) {
  BOOST_TEST(key_of({{"Accept", "text/html"}, {"X-Any", "1"}}) == key_of({}));
  BOOST_TEST(key_of({{"authorization", "Bearer a "}}) == key_of({{"Authorization", "Bearer a"}}));
}

BOOST_AUTO_TEST_CASE(parts_do_not_run_into_each_other) {
  BOOST_TEST(key_of({}, "a", false, "bc") != key_of({}, "ab", false, "c"));
}

BOOST_AUTO_TEST_CASE(names_of_vary) {
  struct Row {
    Headers response;
    std::string_view names;
  };
  for (const auto& [response, names] : {
           Row{{}, ""},
           Row{{{"Vary", "Accept"}}, "accept"},
           Row{{{"Vary", "  Origin ,, Accept-Encoding,origin"}}, "accept-encoding,origin"},
           Row{{{"Vary", "b"}, {"vary", "A"}}, "a,b"},
           Row{{{"Vary", ""}}, ""},
       }) {
    BOOST_TEST(vary_names(response).value() == names);
  }
}

BOOST_AUTO_TEST_CASE(a_vary_that_selects_nothing) {
  const std::string longest(4094, 'x');
  BOOST_TEST(vary_names({{"Vary", longest + ",y"}}).value() == longest + ",y");
  for (const std::string_view value : {"*", "accept, *", "* ,origin", "a b", "\"a\"", "a\xC3\xA9"}) {
    BOOST_TEST_CONTEXT(value) { BOOST_TEST(!vary_names({{"Vary", value}}).has_value()); }
  }
  BOOST_TEST(!vary_names({{"Vary", longest + ",yy"}}).has_value());
  BOOST_TEST(!vary_names({{"Vary", "origin"}, {"Vary", "*"}}).has_value());
}

BOOST_AUTO_TEST_CASE(a_variant_is_selected_by_the_named_fields_only) {
  const Variants variants{{1}, "accept-language,x-tenant"};
  const auto variant = [&](const Headers& request) { return variant_key("p", variants, request); };
  const std::string plain = variant({{"Accept-Language", "de, en"}, {"X-Tenant", "a"}});

  BOOST_TEST(variant({{"X-Tenant", "a"}, {"accept-language", "de, en"}, {"X-Other", "z"}}) == plain);
  // White space around the commas of a list, and the lines that it came in, mean nothing.
  BOOST_TEST(variant({{"Accept-Language", "de"}, {"X-Tenant", "a"}, {"Accept-Language", " en"}}) == plain);
  BOOST_TEST(variant({{"Accept-Language", "de,en ,"}, {"X-Tenant", " a"}}) == plain);

  for (const Headers& other : {
           Headers{{"Accept-Language", "en, de"}, {"X-Tenant", "a"}},
           Headers{{"Accept-Language", "de, en"}, {"X-Tenant", "A"}},
           Headers{{"Accept-Language", "de, en"}, {"X-Tenant", ""}},
           Headers{{"Accept-Language", "de, en"}},
           Headers{{"X-Tenant", "a"}},
           Headers{},
       }) {
    BOOST_TEST(variant(other) != plain);
  }
}

BOOST_AUTO_TEST_CASE(white_space_counts_where_a_field_is_no_known_list) {
  const Variants variants{{1}, "x-tenant"};
  BOOST_TEST(variant_key("p", variants, {{"X-Tenant", "a,b"}}) !=
             variant_key("p", variants, {{"X-Tenant", "a, b"}}));
}

BOOST_AUTO_TEST_CASE(an_absent_field_is_not_an_empty_one) {
  const Variants variants{{1}, "origin"};
  BOOST_TEST(variant_key("p", variants, {}) != variant_key("p", variants, {{"Origin", ""}}));
}

BOOST_AUTO_TEST_CASE(salt_and_url_tell_variants_apart) {
  const Headers request{{"Origin", "a"}};
  const std::string key = variant_key("p", {{1}, "origin"}, request);
  BOOST_TEST(variant_key("p", {{2}, "origin"}, request) != key);
  BOOST_TEST(variant_key("q", {{1}, "origin"}, request) != key);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
