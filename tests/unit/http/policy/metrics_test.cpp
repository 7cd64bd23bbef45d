#include "http/policy/metrics.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

Json calls_of(const Metrics& metrics, const std::string& route) {
  return metrics.to_json().at("routes").at(route).at("calls");
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(calls_count_by_outcome) {
  Metrics metrics;
  for (const int status : {101, 200, 204, 304, 404, 429, 500, 503, 599, 700}) {
    metrics.on_call("r", {Failure::kNone, status}, 0, 10);
  }
  metrics.on_call("r", {Failure::kTimeout}, 2, 10);
  metrics.on_local_end("r", LocalEnd::kBreakerOpen);
  metrics.on_local_end("r", LocalEnd::kCached);
  BOOST_TEST(calls_of(metrics, "r") == Json({{"1xx", 1},
                                             {"2xx", 2},
                                             {"3xx", 1},
                                             {"4xx", 2},
                                             {"5xx", 4},
                                             {"timeout", 1},
                                             {"breaker_open", 1},
                                             {"cached", 1}}));
  BOOST_TEST(metrics.to_json().at("routes").at("r").at("retries") == 2);
}

BOOST_AUTO_TEST_CASE(every_failure_and_local_end_has_a_counter_of_its_own) {
  Metrics metrics;
  for (int i = 1; i <= static_cast<int>(Failure::kCallback); ++i) {
    const auto failure = static_cast<Failure>(i);
    metrics.on_call("r", {failure}, 0, 1);
    BOOST_TEST(calls_of(metrics, "r").at(std::string(failure_name(failure))) == 1);
  }
  for (int i = 0; i <= static_cast<int>(LocalEnd::kRateLimited); ++i) {
    metrics.on_local_end("r", static_cast<LocalEnd>(i));
  }
  BOOST_TEST(calls_of(metrics, "r").size() == 13U + 5U);
  for (const char* name : {"cached", "breaker_open", "offline", "queue_full", "rate_limited"}) {
    BOOST_TEST(calls_of(metrics, "r").at(name) == 1);
  }
}

BOOST_AUTO_TEST_CASE(the_json_tells_the_latency) {
  Metrics metrics;
  for (int64_t us = 1; us <= 20; ++us) metrics.on_call("r", {Failure::kNone, 200}, 0, us);
  metrics.on_local_end("r", LocalEnd::kOffline);  // took no time
  BOOST_TEST(
      metrics.to_json().at("routes").at("r").at("latency_us") ==
      Json({{"count", 20}, {"sum", 210}, {"min", 1}, {"max", 20}, {"p50", 10}, {"p95", 19}, {"p99", 20}}));
  BOOST_TEST(dump_json(Metrics().to_json()) == R"({"routes":{}})");
}

BOOST_AUTO_TEST_CASE(the_text_is_prometheus) {
  Metrics metrics;
  metrics.on_call("GET /x", {Failure::kNone, 200}, 1, 1'024);
  metrics.on_call("GET /x", {Failure::kNone, 200}, 0, 1'025);
  metrics.on_call("GET /x", {Failure::kReset}, 1, 61'000'000);
  const std::string text = metrics.to_prometheus();
  for (const char* line :
       {"# TYPE tessera_http_calls_total counter",
        R"(tessera_http_calls_total{route="GET /x",outcome="2xx"} 2)",
        R"(tessera_http_calls_total{route="GET /x",outcome="reset"} 1)",
        "# TYPE tessera_http_retries_total counter", R"(tessera_http_retries_total{route="GET /x"} 2)",
        "# TYPE tessera_http_call_duration_seconds histogram",
        R"(tessera_http_call_duration_seconds_bucket{route="GET /x",le="0.001024"} 1)",
        R"(tessera_http_call_duration_seconds_bucket{route="GET /x",le="0.002048"} 2)",
        R"(tessera_http_call_duration_seconds_bucket{route="GET /x",le="33.554432"} 2)",
        R"(tessera_http_call_duration_seconds_bucket{route="GET /x",le="67.108864"} 3)",
        R"(tessera_http_call_duration_seconds_bucket{route="GET /x",le="+Inf"} 3)",
        R"(tessera_http_call_duration_seconds_sum{route="GET /x"} 61.002049)",
        R"(tessera_http_call_duration_seconds_count{route="GET /x"} 3)"}) {
    BOOST_TEST_INFO(line << "\nin\n" << text);
    BOOST_TEST(has_line(text, line));
  }
  BOOST_TEST(text.back() == '\n');
  BOOST_TEST(text.find("outcome=\"3xx\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(label_values_are_escaped) {
  Metrics metrics;
  metrics.on_local_end("a\\b\"c\nd", LocalEnd::kCached);
  BOOST_TEST(has_line(metrics.to_prometheus(),
                      R"(tessera_http_calls_total{route="a\\b\"c\nd",outcome="cached"} 1)"));
}

BOOST_AUTO_TEST_CASE(routes_beyond_the_bound_and_names_that_cant_be_shown_are_other) {
  Metrics metrics(3);
  for (const char* route : {"a", "b", "c", "d", "e", "a"}) metrics.on_local_end(route, LocalEnd::kCached);
  metrics.on_local_end("", LocalEnd::kCached);
  metrics.on_local_end("\xFF", LocalEnd::kCached);
  metrics.on_local_end(std::string(129, 'x'), LocalEnd::kCached);
  BOOST_TEST(metrics.to_json().at("routes").size() == 4U);
  BOOST_TEST(calls_of(metrics, "a").at("cached") == 2);
  BOOST_TEST(calls_of(metrics, "other").at("cached") == 5);
  Metrics wide;
  wide.on_local_end(std::string(128, 'x'), LocalEnd::kCached);
  BOOST_TEST(wide.to_json().at("routes").contains(std::string(128, 'x')));
}

BOOST_AUTO_TEST_CASE(merging_adds_and_keeps_the_bound) {
  Metrics one(1), two;
  one.on_call("a", {Failure::kNone, 200}, 1, 10);
  two.on_call("a", {Failure::kNone, 200}, 2, 30);
  two.on_call("b", {Failure::kNone, 500}, 0, 20);
  one.merge(two);
  const Json routes = one.to_json().at("routes");
  BOOST_TEST(routes.size() == 2U);
  BOOST_TEST(routes.at("a").at("calls").at("2xx") == 2);
  BOOST_TEST(routes.at("a").at("retries") == 3);
  BOOST_TEST(routes.at("a").at("latency_us").at("sum") == 40);
  BOOST_TEST(routes.at("other").at("calls").at("5xx") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
