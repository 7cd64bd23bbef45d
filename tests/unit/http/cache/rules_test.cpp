#include "http/cache/rules.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <span>

#include "cache_fixture.hpp"
#include "http/cache/freshness.hpp"

namespace tessera::http {

BOOST_AUTO_TEST_SUITE(cache_rules)

constexpr int64_t kDayS = 86'400;

CacheDecision decision_of(const Headers& request, const Entry& entry, int64_t later_ms,
                          const CacheConfig& config = {}) {
  return decide(&entry, get(request), config, kStartMs + later_ms);
}

BOOST_AUTO_TEST_CASE(what_may_be_stored) {
  struct Row {
    std::string_view method;
    Headers request;
    int status;
    Headers response;
    bool may;
  };
  const Row rows[] = {
      {"GET", {}, 200, {}, true},
      {"HEAD", {}, 200, {}, true},
      {"POST", {}, 200, {{"Cache-Control", "max-age=60"}}, false},
      {"get", {}, 200, {}, false},
      {"OPTIONS", {}, 200, {{"Cache-Control", "max-age=60"}}, false},
      // no-store, of either side.
      {"GET", {{"Cache-Control", "no-store"}}, 200, {{"Cache-Control", "max-age=60"}}, false},
      {"GET", {}, 200, {{"Cache-Control", "no-store, max-age=60"}}, false},
      {"GET", {}, 200, {{"Cache-Control", "max-age=60"}, {"cache-control", "No-Store"}}, false},
      {"GET", {}, 200, {{"Cache-Control", "no-store, must-understand"}}, true},
      {"GET", {}, 206, {{"Cache-Control", "max-age=60, must-understand"}}, false},
      {"GET", {{"Cache-Control", "no-store"}}, 200, {{"Cache-Control", "must-understand"}}, false},
      // A private cache stores what is for one user.
      {"GET", {}, 200, {{"Cache-Control", "private, max-age=60"}}, true},
      {"GET", {}, 200, {{"Cache-Control", "no-cache"}}, true},
      {"GET", {{"Authorization", "Bearer a"}}, 200, {}, true},
      // Parts are not stored, nor what was asked for as a part.
      {"GET", {{"Range", "bytes=0-1"}}, 206, {{"Cache-Control", "max-age=60"}}, false},
      {"GET", {}, 206, {{"Cache-Control", "max-age=60"}}, false},
      {"GET", {{"Range", "bytes=0-1"}}, 200, {}, false},
      {"GET", {{"If-None-Match", "\"a\""}}, 200, {}, true},
      // Vary that no request matches.
      {"GET", {}, 200, {{"Vary", "*"}, {"Cache-Control", "max-age=60"}}, false},
      {"GET", {}, 200, {{"Vary", "Accept"}}, true},
      // Statuses without freshness of their own need a word.
      {"GET", {}, 302, {}, false},
      {"GET", {}, 302, {{"Cache-Control", "max-age=0"}}, true},
      {"GET", {}, 302, {{"Cache-Control", "public"}}, true},
      {"GET", {}, 302, {{"Cache-Control", "private"}}, true},
      {"GET", {}, 302, {{"Cache-Control", "s-maxage=60"}}, false},
      {"GET", {}, 302, {{"Expires", "0"}}, true},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT("row " << &row - rows) {
      const CacheRequest request{row.method, kUrl, row.request};
      BOOST_TEST(may_store(request, row.status, row.response) == row.may);
    }
  }
}

BOOST_AUTO_TEST_CASE(statuses_that_may_be_stored) {
  std::string by_itself, with_lifetime;
  for (int status = 100; status < 700; ++status) {
    if (may_store(get({}), status, {})) by_itself += std::to_string(status) + " ";
    if (may_store(get({}), status, {{"Cache-Control", "max-age=60"}}))
      with_lifetime += std::to_string(status) + " ";
    BOOST_TEST(is_understood(status) == may_store(get({}), status, {{"Expires", "0"}}));
  }
  BOOST_TEST(by_itself == "200 203 204 300 301 308 404 405 410 414 501 ");
  BOOST_TEST(with_lifetime == "200 203 204 300 301 302 303 307 308 404 405 410 414 501 ");
}

BOOST_AUTO_TEST_CASE(lifetimes) {
  struct Row {
    Headers response;
    int64_t seconds;
    int64_t heuristic_seconds;
  };
  const Row rows[] = {
      {{}, 0, 0},
      {{{"Cache-Control", "max-age=60"}}, 60, 60},
      {{{"Cache-Control", "MAX-AGE=\"60\""}}, 60, 60},
      {{{"Cache-Control", "max-age=60"}, {"Expires", date(900)}}, 60, 60},
      {{{"Cache-Control", "s-maxage=60"}}, 0, 0},
      // The first of several; what is malformed is no freshness.
      {{{"Cache-Control", "max-age=5, max-age=60"}}, 5, 5},
      {{{"Cache-Control", "max-age=60s"}, {"Expires", date(900)}}, 0, 0},
      {{{"Cache-Control", "max-age"}}, 0, 0},
      {{{"Cache-Control", "max-age=-1"}}, 0, 0},
      {{{"Cache-Control", "max-age=99999999999999999999"}}, int64_t{1} << 31, int64_t{1} << 31},
      {{{"Expires", date(900)}}, 900, 900},
      {{{"Expires", date(-1)}}, 0, 0},
      {{{"Expires", "0"}}, 0, 0},
      {{{"Expires", date(900)}, {"Expires", date(900)}}, 0, 0},
      {{{"Expires", date(900)}, {"Date", date(100)}}, 800, 800},
      {{{"Expires", date(900)}, {"Date", "yesterday"}}, 900, 900},
      {{{"Expires", "0"}, {"Last-Modified", date(-1000)}}, 0, 0},
      {{{"Last-Modified", date(-1000)}}, 0, 100},
      {{{"Last-Modified", date(1000)}}, 0, 0},
      {{{"Last-Modified", "long ago"}}, 0, 0},
      {{{"Cache-Control", "immutable"}}, 0, 0},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT("row " << &row - rows) {
      BOOST_TEST(lifetime_ms(entry_of(row.response), {}) == row.seconds * 1000);
      BOOST_TEST(lifetime_ms(entry_of(row.response), {.heuristic_percent = 10}) ==
                 row.heuristic_seconds * 1000);
    }
  }
}

BOOST_AUTO_TEST_CASE(only_some_statuses_have_a_lifetime_that_nobody_told) {
  const CacheConfig config{.heuristic_percent = 10};
  Entry entry = entry_of({{"Last-Modified", date(-1000)}, {"Cache-Control", "private"}});
  entry.status = 302;
  BOOST_TEST(lifetime_ms(entry, config) == 0);
  entry.headers.set("Cache-Control", "public");
  BOOST_TEST(lifetime_ms(entry, config) == 100'000);
}

BOOST_AUTO_TEST_CASE(ages) {
  struct Row {
    std::string_view name;
    Headers response;
    int64_t took_ms;
    int64_t age_ms;  // when it comes
  };
  const Row rows[] = {
      {"just made", {}, 0, 0},
      {"on its way", {}, 400, 400},
      {"cached elsewhere", {{"Age", "30"}}, 400, 30'400},
      {"dated earlier", {{"Date", date(-50)}}, 400, 50'400},
      {"the larger of both", {{"Date", date(-50)}, {"Age", "60"}}, 0, 60'000},
      {"the larger of both, the other way", {{"Date", date(-50)}, {"Age", "40"}}, 0, 50'000},
      {"a date in the future", {{"Date", date(3600)}}, 0, 0},
      {"a date in the future and an age", {{"Date", date(3600)}, {"Age", "7"}}, 0, 7000},
      {"a bad date", {{"Date", "soon"}}, 0, 0},
      {"no age that is a number", {{"Age", "-5"}}, 0, 0},
      {"a fraction", {{"Age", "5.5"}}, 0, 0},
      {"the first of a list", {{"Age", "5 , 9"}}, 0, 5000},
      {"the first of two", {{"Age", "5"}, {"Age", "9"}}, 0, 5000},
      {"too large for any number", {{"Age", "999999999999999999999"}}, 0, (int64_t{1} << 31) * 1000},
      {"a clock that was set back meanwhile", {}, -5000, 0},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.name) {
      Entry entry = entry_of(row.response);
      entry.request_ms = kStartMs - std::min(int64_t{0}, row.took_ms);
      entry.response_ms = kStartMs + std::max(int64_t{0}, row.took_ms);
      BOOST_TEST(age_ms(entry, entry.response_ms).value() == row.age_ms);
      BOOST_TEST(age_ms(entry, entry.response_ms + 1234).value() == row.age_ms + 1234);
      BOOST_TEST(!age_ms(entry, entry.response_ms - 1).has_value());
    }
  }
}

struct DecisionRow {
  std::string_view name;
  std::string_view asked;  // Cache-Control of the request
  std::string_view told;   // and of the response
  int64_t later_s;
  Reuse reuse;
};

void check_rows(std::span<const DecisionRow> rows) {
  for (const DecisionRow& row : rows) {
    BOOST_TEST_CONTEXT(row.name << ": " << row.asked << " / " << row.told << " after " << row.later_s) {
      Headers request, response;
      if (!row.asked.empty()) request.add("Cache-Control", row.asked);
      if (!row.told.empty()) response.add("Cache-Control", row.told);
      const CacheDecision decision = decision_of(request, entry_of(response), row.later_s * 1000);
      BOOST_TEST(name_of(decision.reuse) == name_of(row.reuse));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_response_is_fresh_until_its_lifetime_is_over) {
  const DecisionRow rows[] = {
      {"before", "", "max-age=60", 59, Reuse::kFresh},
      {"at the end", "", "max-age=60", 60, Reuse::kValidate},
      {"later", "", "max-age=60", 61, Reuse::kValidate},
      {"without one", "", "", 0, Reuse::kValidate},
      {"immutable gives none", "", "immutable", 0, Reuse::kValidate},
  };
  check_rows(rows);
  const Entry entry = entry_of({{"Cache-Control", "max-age=60"}});
  BOOST_TEST(name_of(decision_of({}, entry, 59'999).reuse) == "fresh");
}

BOOST_AUTO_TEST_CASE(what_the_response_demands) {
  const DecisionRow rows[] = {
      {"no-cache", "", "max-age=60, no-cache", 0, Reuse::kValidate},
      {"no-cache of a field", "", "max-age=60, no-cache=\"x-one, x-two\"", 0, Reuse::kValidate},
      {"no-cache and max-stale", "max-stale", "max-age=60, no-cache", 0, Reuse::kValidate},
      {"must-revalidate while fresh", "", "max-age=60, must-revalidate", 59, Reuse::kFresh},
      {"must-revalidate when stale", "max-stale", "max-age=60, must-revalidate", 60, Reuse::kValidate},
      {"of shared caches", "max-stale", "max-age=60, proxy-revalidate, s-maxage=0", 70, Reuse::kStale},
      {"in quotes it is no directive", "", "max-age=60, x=\"a, no-cache\"", 0, Reuse::kFresh},
  };
  check_rows(rows);
}

BOOST_AUTO_TEST_CASE(what_the_request_demands) {
  const DecisionRow rows[] = {
      {"no-cache", "no-cache", "max-age=60", 0, Reuse::kValidate},
      {"no-cache and max-stale", "no-cache, max-stale", "max-age=60", 0, Reuse::kValidate},
      {"max-age=0 at once", "max-age=0", "max-age=60", 0, Reuse::kFresh},
      {"max-age=0", "max-age=0", "max-age=60", 1, Reuse::kValidate},
      {"max-age kept", "max-age=10", "max-age=60", 10, Reuse::kFresh},
      {"max-age passed", "max-age=10", "max-age=60", 11, Reuse::kValidate},
      {"a malformed max-age is 0", "max-age=ten", "max-age=60", 1, Reuse::kValidate},
      {"max-age is no lifetime", "max-age=100", "max-age=60", 61, Reuse::kValidate},
      {"max-age and max-stale", "max-age=100, max-stale", "max-age=60", 61, Reuse::kStale},
      {"max-age before max-stale", "max-age=60, max-stale", "max-age=60", 61, Reuse::kValidate},
      {"min-fresh kept", "min-fresh=10", "max-age=60", 50, Reuse::kFresh},
      {"min-fresh passed", "min-fresh=10", "max-age=60", 51, Reuse::kValidate},
      {"min-fresh before max-stale", "min-fresh=1, max-stale", "max-age=60", 60, Reuse::kValidate},
      {"no-store uses what is stored", "no-store", "max-age=60", 0, Reuse::kFresh},
      {"unknown directives", "x, y=1", "max-age=60", 0, Reuse::kFresh},
  };
  check_rows(rows);
}

BOOST_AUTO_TEST_CASE(stale_answers_that_the_request_takes) {
  const DecisionRow rows[] = {
      {"any", "max-stale", "max-age=60", 1'000'000, Reuse::kStale},
      {"the limit", "max-stale=10", "max-age=60", 70, Reuse::kStale},
      {"over the limit", "max-stale=10", "max-age=60", 71, Reuse::kValidate},
      {"none", "max-stale=0", "max-age=60", 60, Reuse::kValidate},
      {"a malformed limit is none", "max-stale=x", "max-age=60", 60, Reuse::kValidate},
      {"fresh all the same", "max-stale=10", "max-age=60", 59, Reuse::kFresh},
  };
  check_rows(rows);
}

BOOST_AUTO_TEST_CASE(stale_while_revalidate) {
  const DecisionRow rows[] = {
      {"fresh", "", "max-age=60, stale-while-revalidate=10", 59, Reuse::kFresh},
      {"in the window", "", "max-age=60, stale-while-revalidate=10", 60, Reuse::kRefresh},
      {"its last second", "", "max-age=60, stale-while-revalidate=10", 69, Reuse::kRefresh},
      {"after it", "", "max-age=60, stale-while-revalidate=10", 70, Reuse::kValidate},
      {"malformed", "", "max-age=60, stale-while-revalidate=x", 60, Reuse::kValidate},
      {"must-revalidate", "", "max-age=60, stale-while-revalidate=10, must-revalidate", 60, Reuse::kValidate},
      {"no-cache", "", "max-age=60, stale-while-revalidate=10, no-cache", 60, Reuse::kValidate},
      {"asked for a new one", "no-cache", "max-age=60, stale-while-revalidate=10", 60, Reuse::kValidate},
      {"asked for a younger one", "max-age=5", "max-age=60, stale-while-revalidate=10", 60, Reuse::kValidate},
      {"taken stale", "max-stale=3", "max-age=60, stale-while-revalidate=10", 61, Reuse::kStale},
      {"taken less stale", "max-stale=3", "max-age=60, stale-while-revalidate=10", 65, Reuse::kRefresh},
  };
  check_rows(rows);
}

BOOST_AUTO_TEST_CASE(only_if_cached) {
  const DecisionRow rows[] = {
      {"fresh", "only-if-cached", "max-age=60", 59, Reuse::kFresh},
      {"stale", "only-if-cached", "max-age=60", 60, Reuse::kNotCached},
      {"taken stale", "only-if-cached, max-stale", "max-age=60", 90, Reuse::kStale},
      {"nothing goes out behind it", "only-if-cached", "max-age=60, stale-while-revalidate=9", 60,
       Reuse::kStale},
      {"no-cache", "only-if-cached, no-cache", "max-age=60", 0, Reuse::kNotCached},
  };
  check_rows(rows);
  const Headers asked{{"Cache-Control", "only-if-cached"}};
  BOOST_TEST(name_of(decide(nullptr, get(asked), {}, kStartMs).reuse) == "not cached");
  BOOST_TEST(decision_of(asked, entry_of({{"ETag", "\"a\""}}), 0).conditions.size() == 0U);
}

BOOST_AUTO_TEST_CASE(immutable_is_not_asked_about_while_it_is_fresh) {
  const DecisionRow rows[] = {
      {"a reload", "max-age=0", "max-age=60, immutable", 30, Reuse::kFresh},
      {"a forced reload", "no-cache", "max-age=60, immutable", 30, Reuse::kValidate},
      {"a reload when stale", "max-age=0", "max-age=60, immutable", 60, Reuse::kValidate},
      {"a stale one is as old as any", "max-age=0, max-stale", "max-age=60, immutable", 60, Reuse::kValidate},
      {"min-fresh counts", "min-fresh=40", "max-age=60, immutable", 30, Reuse::kValidate},
  };
  check_rows(rows);
}

BOOST_AUTO_TEST_CASE(pragma_speaks_where_cache_control_does_not) {
  const Entry entry = entry_of({{"Cache-Control", "max-age=60"}, {"Pragma", "no-cache"}});
  BOOST_TEST(name_of(decision_of({}, entry, 0).reuse) == "fresh");
  BOOST_TEST(name_of(decision_of({{"Pragma", "No-Cache"}}, entry, 0).reuse) == "validate");
  BOOST_TEST(name_of(decision_of({{"Pragma", "no-cache"}, {"Cache-Control", "x"}}, entry, 0).reuse) ==
             "fresh");
  BOOST_TEST(name_of(decision_of({{"Pragma", "other"}}, entry, 0).reuse) == "fresh");
  const Entry old = entry_of({{"Expires", date(60)}, {"Pragma", "no-cache"}});
  BOOST_TEST(name_of(decision_of({}, old, 0).reuse) == "validate");
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_makes_nothing_fresh) {
  const Entry entry = entry_of(
      {{"Cache-Control", "max-age=3600, stale-while-revalidate=9, stale-if-error=9"}, {"ETag", "\"a\""}});
  const CacheConfig config{.stale_if_error_s = kDayS};
  for (const int64_t back_ms : {int64_t{1}, int64_t{1000}, int64_t{3'600'000}, kStartMs}) {
    for (const std::string_view asked : {"", "max-stale", "max-age=100000", "stale-if-error=100000"}) {
      const CacheDecision decision = decision_of({{"Cache-Control", asked}}, entry, -back_ms, config);
      BOOST_TEST(name_of(decision.reuse) == "validate");
      BOOST_TEST(!decision.covers_errors);
      BOOST_TEST(decision.conditions.get("If-None-Match").value() == "\"a\"");
    }
  }
  BOOST_TEST(name_of(decision_of({}, entry, 0).reuse) == "fresh");
}

BOOST_AUTO_TEST_CASE(conditions_are_the_validators_that_are_stored) {
  struct Row {
    Headers response;
    std::string_view conditions;
  };
  const std::string modified = date(-500);
  const Row rows[] = {
      {{}, ""},
      {{{"ETag", "\"a\""}}, "If-None-Match: \"a\"\n"},
      {{{"etag", " W/\"a\" "}}, "If-None-Match: W/\"a\"\n"},
      {{{"ETag", "unquoted"}}, "If-None-Match: unquoted\n"},
      {{{"ETag", ""}}, ""},
      {{{"Last-Modified", "a while ago"}}, ""},
  };
  for (const Row& row : rows) {
    const CacheDecision decision = decision_of({}, entry_of(row.response), 0);
    BOOST_TEST(name_of(decision.reuse) == "validate");
    BOOST_TEST(text_of(decision.conditions) == row.conditions);
  }
  const Entry both = entry_of({{"Last-Modified", modified}, {"ETag", "\"a\""}});
  BOOST_TEST(text_of(decision_of({}, both, 0).conditions) ==
             "If-None-Match: \"a\"\nIf-Modified-Since: " + modified + "\n");
  const Entry old = entry_of({{"Cache-Control", "max-age=1, stale-while-revalidate=9"}, {"ETag", "\"a\""}});
  BOOST_TEST(text_of(decision_of({}, old, 0).conditions) == "");
  BOOST_TEST(text_of(decision_of({}, old, 1000).conditions) == "If-None-Match: \"a\"\n");
  BOOST_TEST(text_of(decision_of({{"Cache-Control", "max-stale"}}, old, 1000).conditions) == "");
}

BOOST_AUTO_TEST_CASE(callers_with_conditions_of_their_own_are_left_alone) {
  const Entry entry = entry_of({{"Cache-Control", "max-age=60, stale-if-error=60"}});
  for (const std::string_view name :
       {"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "if-unmodified-since"}) {
    const CacheDecision decision = decision_of({{name, "x"}}, entry, 0);
    BOOST_TEST(name_of(decision.reuse) == "miss");
    BOOST_TEST(!decision.covers_errors);
    BOOST_TEST(name_of(decision_of({{name, "x"}, {"Cache-Control", "only-if-cached"}}, entry, 0).reuse) ==
               "not cached");
  }
}

BOOST_AUTO_TEST_CASE(methods) {
  Entry entry = entry_of({{"Cache-Control", "max-age=60"}});
  const Headers none;
  const auto reuse = [&](std::string_view method) {
    return name_of(decide(&entry, {method, kUrl, none}, {}, kStartMs).reuse);
  };
  BOOST_TEST(reuse("GET") == "fresh");
  BOOST_TEST(reuse("HEAD") == "fresh");
  for (const std::string_view method : {"POST", "PUT", "DELETE", "OPTIONS", "get", ""})
    BOOST_TEST(reuse(method) == "miss");
  entry.is_head = true;
  BOOST_TEST(reuse("GET") == "miss");
  BOOST_TEST(reuse("HEAD") == "fresh");
}

BOOST_AUTO_TEST_CASE(when_a_stale_answer_covers_an_error) {
  struct Row {
    std::string_view asked, told;
    int64_t default_s, later_s;
    bool covers;
  };
  const Row rows[] = {
      {"", "max-age=60", 0, 61, false},
      {"", "max-age=60", kDayS, 61, true},
      {"", "max-age=60", kDayS, 60 + kDayS - 1, true},
      {"", "max-age=60", kDayS, 60 + kDayS, false},
      {"", "max-age=60, stale-if-error=10", 0, 69, true},
      {"", "max-age=60, stale-if-error=10", kDayS, 70, false},
      {"", "max-age=60, stale-if-error=0", kDayS, 61, false},
      {"stale-if-error=10", "max-age=60", 0, 69, true},
      {"stale-if-error=10", "max-age=60", 0, 70, false},
      {"stale-if-error=5", "max-age=60, stale-if-error=10", kDayS, 66, false},
      {"stale-if-error=0", "max-age=60, stale-if-error=10", kDayS, 61, false},
      // The request wants another one, but not at any price.
      {"max-age=0", "max-age=60, stale-if-error=10", 0, 30, true},
      {"max-age=0", "max-age=60", 0, 30, false},
      {"no-cache", "max-age=60, stale-if-error=10", kDayS, 30, false},
      {"no-cache, stale-if-error=10", "max-age=60", 0, 61, true},
      // The server forbids it.
      {"stale-if-error=10", "max-age=60, must-revalidate", kDayS, 61, false},
      {"stale-if-error=10", "max-age=60, no-cache, stale-if-error=10", kDayS, 61, false},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT("row " << &row - rows) {
      const Entry entry = entry_of({{"Cache-Control", row.told}});
      const CacheConfig config{.stale_if_error_s = row.default_s};
      const CacheDecision decision =
          decision_of({{"Cache-Control", row.asked}}, entry, row.later_s * 1000, config);
      BOOST_TEST(name_of(decision.reuse) == "validate");
      BOOST_TEST(decision.covers_errors == row.covers);
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_that_may_be_covered) {
  std::string statuses;
  for (int status = 100; status < 700; ++status) {
    if (is_covered_error({.status = status})) statuses += std::to_string(status) + " ";
  }
  BOOST_TEST(statuses == "500 502 503 504 ");
  std::string failures;
  for (int i = 1; i <= static_cast<int>(Failure::kCallback); ++i) {
    const auto failure = static_cast<Failure>(i);
    if (is_covered_error({.failure = failure})) failures.append(failure_name(failure)).push_back(' ');
  }
  BOOST_TEST(failures == "no_route resolve connect timeout reset refused protocol proxy ");
}

BOOST_AUTO_TEST_CASE(how_long_a_response_is_worth_its_room) {
  const CacheConfig config{.keep_stale_ms = 1'000'000};
  struct Row {
    Headers response;
    int64_t seconds;
  };
  const Row rows[] = {
      {{}, 0},
      {{{"Cache-Control", "max-age=0"}}, 0},
      {{{"Cache-Control", "max-age=60"}}, 1060},
      {{{"Cache-Control", "max-age=60"}, {"Age", "20"}}, 1040},
      {{{"Cache-Control", "max-age=60"}, {"Age", "80"}}, 0},
      {{{"Cache-Control", "max-age=60, must-revalidate"}}, 60},
      {{{"Cache-Control", "max-age=60, no-cache"}}, 0},
      {{{"Cache-Control", "stale-while-revalidate=30"}}, 30},
      {{{"Cache-Control", "stale-while-revalidate=30, stale-if-error=50"}}, 50},
      {{{"Cache-Control", "max-age=60, stale-if-error=5000"}}, 5060},
      {{{"ETag", "\"a\""}}, 1000},
      {{{"ETag", "\"a\""}, {"Cache-Control", "no-cache"}}, 1000},
      {{{"Last-Modified", date(-1)}, {"Cache-Control", "max-age=60, must-revalidate"}}, 1060},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT("row " << &row - rows) {
      BOOST_TEST(keep_ms(entry_of(row.response), config) == row.seconds * 1000);
    }
  }
  const CacheConfig covering{.stale_if_error_s = 300};
  BOOST_TEST(keep_ms(entry_of({}), covering) == 300'000);
  BOOST_TEST(keep_ms(entry_of({{"Cache-Control", "stale-if-error=0"}}), covering) == 0);
  BOOST_TEST(keep_ms(entry_of({{"Cache-Control", "must-revalidate"}}), covering) == 0);
}

BOOST_AUTO_TEST_CASE(an_answer_tells_its_age) {
  const Entry entry = entry_of({{"Age", "5"}, {"X-One", "1"}});
  const std::string others = "X-One: 1\nDate: " + date(0) + "\n";
  BOOST_TEST(text_of(answer_fields(entry, kStartMs + 2999)) == others + "Age: 7\n");
  BOOST_TEST(text_of(answer_fields(entry_of({{"X-One", "1"}}), kStartMs)) == others + "Age: 0\n");
  BOOST_TEST(answer_fields(entry, kStartMs - 1).get("Age").value() == "5");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
