#include "http/fields/rate_limit.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>

namespace tessera::http {
namespace {

constexpr int64_t kNowMs = 1'780'000'000'500;

std::string shown(const Headers& headers) {
  const auto limit = read_rate_limit(headers, kNowMs);
  if (!limit) return "nothing";
  const auto number = [](std::optional<int64_t> value) { return value ? std::to_string(*value) : "?"; };
  return std::to_string(limit->remaining) + " of " + number(limit->limit) + " for " +
         number(limit->reset_after_ms);
}

BOOST_AUTO_TEST_SUITE(rate_limit)

BOOST_AUTO_TEST_CASE(the_current_draft) {
  BOOST_TEST(shown({{"RateLimit", "\"default\";r=50;t=30"}}) == "50 of ? for 30000");
  BOOST_TEST(shown({{"ratelimit-policy", "\"default\";q=100;w=60"},
                    {"ratelimit", "\"default\";r=50;t=30"}}) == "50 of 100 for 30000");
  // Without an effective window, the policy's window is the longest it can be.
  BOOST_TEST(shown({{"RateLimit-Policy", "\"a\";q=100;w=60"}, {"RateLimit", "\"a\";r=0"}}) ==
             "0 of 100 for 60000");
  BOOST_TEST(shown({{"RateLimit", "\"default\";r=999;pk=:dHJpYWwxMjEzMjM=:"}}) == "999 of ? for ?");
  BOOST_TEST(shown({{"RateLimit", "default;r=5;t=1"}, {"RateLimit-Policy", "default;q=6"}}) ==
             "5 of 6 for 1000");
}

BOOST_AUTO_TEST_CASE(the_strictest_policy_counts) {
  const Field policies{"RateLimit-Policy", "\"burst\";q=100;w=60, \"daily\";q=1000;w=86400"};
  BOOST_TEST(shown({policies, {"RateLimit", "\"burst\";r=70;t=20, \"daily\";r=4;t=40000"}}) ==
             "4 of 1000 for 40000000");
  BOOST_TEST(
      shown({policies, {"RateLimit", "\"daily\";r=400;t=40000"}, {"RateLimit", "\"burst\";r=7;t=20"}}) ==
      "7 of 100 for 20000");
  BOOST_TEST(shown({policies, {"RateLimit", "\"burst\";r=0;t=20, \"daily\";r=0;t=300"}}) ==
             "0 of 1000 for 300000");
  BOOST_TEST(shown({policies, {"RateLimit", "\"daily\";r=0;t=300, \"burst\";r=0;t=20"}}) ==
             "0 of 1000 for 300000");
}

BOOST_AUTO_TEST_CASE(another_unit_counts_only_when_nothing_is_left) {
  const Field policies{"RateLimit-Policy", "\"n\";q=100;qu=\"requests\", \"b\";q=9000;qu=\"content-bytes\""};
  BOOST_TEST(shown({policies, {"RateLimit", "\"n\";r=70;t=2, \"b\";r=4;t=5"}}) == "70 of 100 for 2000");
  BOOST_TEST(shown({policies, {"RateLimit", "\"n\";r=70;t=2, \"b\";r=0;t=5"}}) == "0 of 9000 for 5000");
}

BOOST_AUTO_TEST_CASE(the_older_drafts) {
  BOOST_TEST(shown({{"RateLimit", "limit=100, remaining=50, reset=50"}}) == "50 of 100 for 50000");
  BOOST_TEST(shown({{"RateLimit", "remaining=0"}}) == "0 of ? for ?");
  BOOST_TEST(shown({{"RateLimit-Limit", "100"}, {"RateLimit-Remaining", "50"}, {"RateLimit-Reset", "50"}}) ==
             "50 of 100 for 50000");
  BOOST_TEST(shown({{"RateLimit-Limit", "10, 10;w=1, 50;w=60"},
                    {"RateLimit-Remaining", "9"},
                    {"RateLimit-Reset", "1"}}) == "9 of 10 for 1000");
}

BOOST_AUTO_TEST_CASE(the_custom_fields_give_a_span_or_a_time) {
  const auto reset = [](std::string_view value) {
    return shown(
        {{"X-RateLimit-Limit", "60"}, {"X-RateLimit-Remaining", "56"}, {"X-RateLimit-Reset", value}});
  };
  BOOST_TEST(reset("30") == "56 of 60 for 30000");
  BOOST_TEST(reset("1.25") == "56 of 60 for 1250");
  BOOST_TEST(reset("999999999") == "56 of 60 for 86400000");  // a span, capped
  BOOST_TEST(reset("1000000000") == "56 of 60 for 0");        // a time, long past
  BOOST_TEST(reset("1780000030") == "56 of 60 for 29500");    // seconds
  BOOST_TEST(reset("1780000030.123") == "56 of 60 for 29623");
  BOOST_TEST(reset("1780000030500") == "56 of 60 for 30000");  // milliseconds
  BOOST_TEST(reset("1780086401") == "56 of 60 for 86400000");
  BOOST_TEST(reset("tomorrow") == "56 of 60 for ?");
  BOOST_TEST(reset("-5") == "56 of 60 for ?");
  BOOST_TEST(shown({{"X-RateLimit-Remaining", "598.0"}}) == "598 of ? for ?");
}

BOOST_AUTO_TEST_CASE(of_a_proxy_and_its_server_the_stricter_holds) {
  BOOST_TEST(shown({{"X-RateLimit-Remaining", "5"},
                    {"X-RateLimit-Reset", "10"},
                    {"X-RateLimit-Remaining", "3"},
                    {"X-RateLimit-Reset", "7"}}) == "3 of ? for 10000");
}

BOOST_AUTO_TEST_CASE(the_newest_well_formed_fields_win) {
  const Field separate{"RateLimit-Remaining", "2"}, custom{"X-RateLimit-Remaining", "3"};
  BOOST_TEST(shown({custom, separate, {"RateLimit", "\"a\";r=1"}}) == "1 of ? for ?");
  BOOST_TEST(shown({custom, separate, {"RateLimit", "\"a\";r=-1"}}) == "2 of ? for ?");
  BOOST_TEST(shown({custom, {"RateLimit-Remaining", "many"}}) == "3 of ? for ?");
}

BOOST_AUTO_TEST_CASE(what_is_malformed_is_nothing) {
  BOOST_TEST(shown({}) == "nothing");
  for (const std::string_view value :
       {"", "50", "\"a\"", "\"a\";r", "\"a\";r=x", "\"a\";r=-1", "\"a\";r=1;;t=3", "(\"a\");r=1",
        "limit=1, reset=2", "remaining=x", "remaining=(1)", "remaining=9999999999999999"}) {
    BOOST_TEST_CONTEXT(value) BOOST_TEST(shown({{"RateLimit", value}}) == "nothing");
  }
  for (const std::string_view value : {"", "-1", "a", "1, a", "(1)", "0x10", "10 requests"}) {
    BOOST_TEST_CONTEXT(value) BOOST_TEST(shown({{"X-RateLimit-Remaining", value}}) == "nothing");
  }
  BOOST_TEST(shown({{"RateLimit", "\"a\";r=1;t=9"}, {"RateLimit-Policy", "\"a\";q=;w"}}) ==
             "1 of ? for 9000");
  BOOST_TEST(shown({{"RateLimit", "\"a\";r=1;t=999999999999999"}}) == "1 of ? for 86400000");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
