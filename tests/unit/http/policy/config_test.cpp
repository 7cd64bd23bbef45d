#include "http/policy/config.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

HttpPolicyConfig read(const std::string& text) {
  const auto json = parse_json(text);
  BOOST_REQUIRE(json.ok());
  auto config = read_policy_config(*json);
  BOOST_TEST_INFO((config.ok() ? "" : config.error().text));
  BOOST_REQUIRE(config.ok());
  return std::move(*config);
}

std::string refused(const std::string& text) {
  const auto json = parse_json(text);
  BOOST_REQUIRE(json.ok());
  const auto config = read_policy_config(*json);
  BOOST_TEST_INFO(text);
  BOOST_REQUIRE(!config.ok());
  BOOST_TEST((config.error().code == ErrorCode::kARG));
  BOOST_TEST(config.error().domain == "http");
  return config.error().text;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(the_defaults_are_those_of_the_design) {
  const HttpPolicyConfig config = read("{}");
  BOOST_TEST(config.timeouts.connect_ms == 10'000);
  BOOST_TEST(config.timeouts.attempt_ms == 30'000);
  BOOST_TEST(config.timeouts.total_ms == 60'000);
  BOOST_TEST(config.timeouts.stall_ms == 30'000);
  BOOST_TEST(config.timeouts.stall_bytes_per_s == 1);
  BOOST_TEST(config.retry.max_attempts == 3);
  BOOST_TEST(config.retry.transient_base_ms == 200);
  BOOST_TEST(config.retry.throttle_base_ms == 1'000);
  BOOST_TEST(config.retry.max_backoff_ms == 20'000);
  BOOST_TEST(config.retry.max_retry_after_ms == 60'000);
  BOOST_TEST(config.retry.max_gate_ms == 86'400'000);
  BOOST_TEST(config.retry.background_gate_ms == 60'000);
  BOOST_TEST(config.retry.max_other_routes == 3);  // TT-53
  BOOST_TEST(config.retry.route_statuses.empty());
  BOOST_TEST(config.budget.tokens == 10);
  BOOST_TEST(config.budget.success_thousandths == 100);
  BOOST_TEST(config.breaker.is_enabled);
  BOOST_TEST(config.breaker.max_failures == 5);  // TT-49
  BOOST_TEST(config.breaker.max_percent == 20);  // TT-50
  BOOST_TEST(config.breaker.min_calls == 20);
  BOOST_TEST(config.breaker.window_ms == 60'000);
  BOOST_TEST(config.breaker.cooldown_ms == 30'000);
  BOOST_TEST(config.breaker.max_cooldown_ms == 600'000);
  BOOST_TEST(config.breaker.successes_to_close == 2);
  BOOST_TEST(!config.breaker.probes_on_network_change);
  BOOST_TEST(!config.connectivity.is_strict);
  BOOST_TEST(config.connectivity.backoff_ms == 1'000);
  BOOST_TEST(config.connectivity.max_backoff_ms == 60'000);
  BOOST_TEST(config.limiter.rate == 0);
  BOOST_TEST(config.limiter.burst == 20);
  BOOST_TEST(config.limiter.max_pending == 10'000);
  BOOST_TEST(config.limiter.spacing_most_ms == 0);
  BOOST_TEST(!config.idempotency.is_automatic);
  BOOST_TEST(config.idempotency.header == "Idempotency-Key");
  BOOST_TEST(config.proxies.urls.empty());
  BOOST_TEST(config.proxies.bad_ms == 60'000);
  BOOST_TEST(config.proxies.max_bad_ms == 3'600'000);
  BOOST_TEST(config.sizes.max_redirects == 5);
  BOOST_TEST(config.sizes.max_pages == 1'000);
  BOOST_TEST(config.sizes.max_body_bytes == 33'554'432);
  BOOST_TEST(config.sizes.max_header_bytes == 262'144);
  BOOST_TEST(config.sizes.max_expansion == 100);
  BOOST_TEST(config.sizes.expansion_free_bytes == 1'048'576);
  BOOST_TEST(config.pool.per_host == 8);
  BOOST_TEST(config.pool.idle_ms == 60'000);
  BOOST_TEST(config.routes.empty());
}

BOOST_AUTO_TEST_CASE(every_member_is_read) {
  const HttpPolicyConfig config = read(R"({
    "timeouts": {"connect_ms": 1, "attempt_ms": 2, "total_ms": 3, "stall_ms": 1000, "stall_bytes_per_s": 5},
    "retry": {"max_attempts": 1, "transient_base_ms": 2, "throttle_base_ms": 3, "max_backoff_ms": 4,
              "max_retry_after_ms": 5, "max_gate_ms": 6000, "background_gate_ms": 7, "max_other_routes": 8,
              "route_statuses": [403, 429]},
    "budget": {"tokens": 4, "success_thousandths": 500},
    "breaker": {"enabled": false, "max_failures": 2, "max_percent": 3, "min_calls": 4, "window_ms": 5000,
                "cooldown_ms": 6000, "max_cooldown_ms": 7000, "successes_to_close": 8, "probe_lease_ms": 9000,
                "probe_on_network_change": true},
    "connectivity": {"strict": true, "backoff_ms": 2, "max_backoff_ms": 3, "in_use_ms": 4,
                     "probe_lease_ms": 5000},
    "limiter": {"rate": 100, "per": "minute", "burst": 7, "max_pending": 8,
                "spacing_ms": {"min": 9, "max": 10}},
    "idempotency": {"automatic": true, "header": "X-Request-Id"},
    "proxies": {"urls": ["http://p:3128"], "mode": "sticky", "no_proxy": ["localhost"], "bad_ms": 1000,
                "max_bad_ms": 2000},
    "sizes": {"max_redirects": 0, "max_pages": 2, "max_body_bytes": 3, "max_header_bytes": 4096,
              "max_expansion": 5, "expansion_free_bytes": 6},
    "pool": {"per_host": 1, "idle_ms": 0},
    "routes": [{"match": "GET /v1/*"},
               {"match": "POST /v1/login", "name": "login", "max_attempts": 2, "attempt_ms": 3, "total_ms": 4,
                "limiter": {"rate": 10, "per": "minute"}, "automatic_key": false, "skip_breaker": true}]})");
  BOOST_TEST(config.timeouts.connect_ms == 1);
  BOOST_TEST(config.timeouts.attempt_ms == 2);
  BOOST_TEST(config.timeouts.total_ms == 3);
  BOOST_TEST(config.timeouts.stall_ms == 1'000);
  BOOST_TEST(config.timeouts.stall_bytes_per_s == 5);
  BOOST_TEST(config.retry.max_attempts == 1);
  BOOST_TEST(config.retry.transient_base_ms == 2);
  BOOST_TEST(config.retry.throttle_base_ms == 3);
  BOOST_TEST(config.retry.max_backoff_ms == 4);
  BOOST_TEST(config.retry.max_retry_after_ms == 5);
  BOOST_TEST(config.retry.max_gate_ms == 6'000);
  BOOST_TEST(config.retry.background_gate_ms == 7);
  BOOST_TEST(config.retry.max_other_routes == 8);
  BOOST_TEST((config.retry.route_statuses == std::vector<int>{403, 429}));
  BOOST_TEST(config.budget.tokens == 4);
  BOOST_TEST(config.budget.success_thousandths == 500);
  BOOST_TEST(!config.breaker.is_enabled);
  BOOST_TEST(config.breaker.max_failures == 2);
  BOOST_TEST(config.breaker.max_percent == 3);
  BOOST_TEST(config.breaker.min_calls == 4);
  BOOST_TEST(config.breaker.window_ms == 5'000);
  BOOST_TEST(config.breaker.cooldown_ms == 6'000);
  BOOST_TEST(config.breaker.max_cooldown_ms == 7'000);
  BOOST_TEST(config.breaker.successes_to_close == 8);
  BOOST_TEST(config.breaker.probe_lease_ms == 9'000);
  BOOST_TEST(config.breaker.probes_on_network_change);
  BOOST_TEST(config.connectivity.is_strict);
  BOOST_TEST(config.connectivity.backoff_ms == 2);
  BOOST_TEST(config.connectivity.max_backoff_ms == 3);
  BOOST_TEST(config.connectivity.in_use_ms == 4);
  BOOST_TEST(config.connectivity.probe_lease_ms == 5'000);
  BOOST_TEST(config.limiter.rate == 100);
  BOOST_TEST(config.limiter.period_ms == 60'000);
  BOOST_TEST(config.limiter.burst == 7);
  BOOST_TEST(config.limiter.max_pending == 8);
  BOOST_TEST(config.limiter.spacing_least_ms == 9);
  BOOST_TEST(config.limiter.spacing_most_ms == 10);
  BOOST_TEST(config.idempotency.is_automatic);
  BOOST_TEST(config.idempotency.header == "X-Request-Id");
  BOOST_TEST((config.proxies.urls == std::vector<std::string>{"http://p:3128"}));
  BOOST_TEST((config.proxies.mode == ProxyMode::kSticky));
  BOOST_TEST((config.proxies.no_proxy == std::vector<std::string>{"localhost"}));
  BOOST_TEST(config.proxies.bad_ms == 1'000);
  BOOST_TEST(config.proxies.max_bad_ms == 2'000);
  BOOST_TEST(config.sizes.max_redirects == 0);
  BOOST_TEST(config.sizes.max_pages == 2);
  BOOST_TEST(config.sizes.max_body_bytes == 3);
  BOOST_TEST(config.sizes.max_header_bytes == 4'096);
  BOOST_TEST(config.sizes.max_expansion == 5);
  BOOST_TEST(config.sizes.expansion_free_bytes == 6);
  BOOST_TEST(config.pool.per_host == 1);
  BOOST_TEST(config.pool.idle_ms == 0);
  BOOST_REQUIRE(config.routes.size() == 2U);
  const RouteConfig &plain = config.routes[0], &login = config.routes[1];
  BOOST_TEST(plain.match == "GET /v1/*");
  BOOST_TEST(plain.name == "GET /v1/*");
  BOOST_TEST(!plain.max_attempts.has_value());
  BOOST_TEST(!plain.total_ms.has_value());
  BOOST_TEST(!plain.limiter.has_value());
  BOOST_TEST(!plain.is_key_automatic.has_value());
  BOOST_TEST(!plain.skips_breaker);
  BOOST_TEST(login.name == "login");
  BOOST_TEST(login.max_attempts.value() == 2);
  BOOST_TEST(login.attempt_ms.value() == 3);
  BOOST_TEST(login.total_ms.value() == 4);
  BOOST_TEST(login.limiter.value().rate == 10);
  BOOST_TEST(login.limiter.value().burst == 10);  // not the twenty of a faster one
  BOOST_TEST(!login.is_key_automatic.value());
  BOOST_TEST(login.skips_breaker);
}

BOOST_AUTO_TEST_CASE(presets_of_the_breaker) {
  BOOST_TEST(read(R"({"breaker": {"preset": "client"}})").breaker.cooldown_ms == 30'000);
  const BreakerConfig safety = read(R"({"breaker": {"preset": "safety_switch"}})").breaker;
  BOOST_TEST(safety.cooldown_ms == 3'600'000);  // TT-51
  BOOST_TEST(safety.max_cooldown_ms == 3'600'000);
  BOOST_TEST(safety.max_failures == 5);
  // Its cooldown is the same each time, whatever it is.
  const BreakerConfig other =
      read(R"({"breaker": {"preset": "safety_switch", "cooldown_ms": 600000}})").breaker;
  BOOST_TEST(other.cooldown_ms == 600'000);
  BOOST_TEST(other.max_cooldown_ms == 600'000);
  const BreakerConfig longer = read(R"({"breaker": {"cooldown_ms": 900000}})").breaker;
  BOOST_TEST(longer.cooldown_ms == 900'000);
  BOOST_TEST(longer.max_cooldown_ms == 900'000);
  BOOST_TEST(contains(refused(R"({"breaker": {"preset": "bold"}})"), "one of \"client\", \"safety_switch\""));
}

BOOST_AUTO_TEST_CASE(a_spacing_is_two_to_five_seconds_once_it_is_there) {
  const LimiterConfig plain = read(R"({"limiter": {"spacing_ms": {}}})").limiter;
  BOOST_TEST(plain.spacing_least_ms == 2'000);  // TT-52
  BOOST_TEST(plain.spacing_most_ms == 5'000);
  const LimiterConfig longer = read(R"({"limiter": {"spacing_ms": {"min": 8000}}})").limiter;
  BOOST_TEST(longer.spacing_least_ms == 8'000);
  BOOST_TEST(longer.spacing_most_ms == 8'000);
  refused(R"({"limiter": {"spacing_ms": {"min": 10, "max": 9}}})");
}

BOOST_AUTO_TEST_CASE(ranges_end_where_they_say) {
  struct Case {
    const char *section, *member;
    int64_t least, most;
  };
  constexpr int64_t kHour = 3'600'000, kDay = 86'400'000, kMuch = int64_t{1} << 40;
  const Case cases[] = {
      {"timeouts", "connect_ms", 1, kHour},
      {"timeouts", "attempt_ms", 1, kDay},
      {"timeouts", "total_ms", 1, kDay},
      {"timeouts", "stall_ms", 1'000, kHour},
      {"timeouts", "stall_bytes_per_s", 1, kMuch},
      {"retry", "max_attempts", 1, 10},
      {"retry", "transient_base_ms", 1, kHour},
      {"retry", "throttle_base_ms", 1, kHour},
      {"retry", "max_backoff_ms", 1, kHour},
      {"retry", "max_retry_after_ms", 0, kDay},
      {"retry", "max_gate_ms", 1'000, kDay},
      {"retry", "background_gate_ms", 0, kDay},
      {"retry", "max_other_routes", 0, 10},
      {"budget", "tokens", 1, 1'000},
      {"budget", "success_thousandths", 1, 1'000},
      {"breaker", "max_failures", 1, 1'000},
      {"breaker", "max_percent", 1, 100},
      {"breaker", "min_calls", 1, 100'000},
      {"breaker", "window_ms", 1'000, kHour},
      {"breaker", "cooldown_ms", 100, kDay},
      {"breaker", "max_cooldown_ms", 30'000, kDay},
      {"breaker", "successes_to_close", 1, 100},
      {"breaker", "probe_lease_ms", 1'000, kDay},
      {"connectivity", "backoff_ms", 1, kHour},
      {"connectivity", "max_backoff_ms", 1'000, kHour},
      {"connectivity", "in_use_ms", 0, kDay},
      {"connectivity", "probe_lease_ms", 1'000, kDay},
      {"limiter", "rate", 0, 1'000'000},
      {"limiter", "burst", 1, 1'000'000},
      {"limiter", "max_pending", 0, 1'000'000},
      {"proxies", "bad_ms", 1'000, kDay},
      {"proxies", "max_bad_ms", 60'000, kDay},
      {"sizes", "max_redirects", 0, 50},
      {"sizes", "max_pages", 1, 1'000'000},
      {"sizes", "max_body_bytes", 0, kMuch},
      {"sizes", "max_header_bytes", 1'024, 16'777'216},
      {"sizes", "max_expansion", 1, 100'000},
      {"sizes", "expansion_free_bytes", 0, kMuch},
      {"pool", "per_host", 1, 256},
      {"pool", "idle_ms", 0, kHour},
  };
  for (const Case& one : cases) {
    const auto with = [&one](int64_t value) { return Json{{one.section, {{one.member, value}}}}; };
    BOOST_TEST_INFO(one.section << "." << one.member);
    BOOST_TEST(read_policy_config(with(one.least)).ok());
    BOOST_TEST_INFO(one.section << "." << one.member);
    BOOST_TEST(read_policy_config(with(one.most)).ok());
    const std::string expected = "the HTTP configuration can't be used: in \"" + std::string(one.section) +
                                 "\" the member \"" + one.member + "\" must be from " +
                                 std::to_string(one.least) + " to " + std::to_string(one.most);
    BOOST_TEST(refused(dump_json(with(one.least - 1))) == expected);
    BOOST_TEST(refused(dump_json(with(one.most + 1))) == expected);
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_known_or_of_another_type_is_refused) {
  BOOST_TEST(contains(refused("[]"), "object"));
  BOOST_TEST(contains(refused(R"({"retries": {}})"), "\"retries\" is not known"));
  BOOST_TEST(contains(refused(R"({"retry": {"attempts": 3}})"), "in \"retry\" the member \"attempts\""));
  BOOST_TEST(contains(refused(R"({"retry": 3})"), "\"retry\" must be an object"));
  BOOST_TEST(contains(refused(R"({"retry": {"max_attempts": "3"}})"), "\"max_attempts\" must be an integer"));
  BOOST_TEST(contains(refused(R"({"breaker": {"enabled": 1}})"), "true or false"));
  BOOST_TEST(contains(refused(R"({"limiter": {"per": "day"}})"), "\"second\", \"minute\", \"hour\""));
  BOOST_TEST(contains(refused(R"({"limiter": {"spacing_ms": 5}})"), "\"spacing_ms\" must be an object"));
  BOOST_TEST(contains(refused(R"({"limiter": {"spacing_ms": {"mean": 5}}})"),
                      "in \"limiter\" in \"spacing_ms\" the member \"mean\""));
  for (const char* statuses : {"[399]", "[600]", "[\"403\"]", "[403.0]", "[-403]", "403"}) {
    BOOST_TEST(contains(refused(R"({"retry": {"route_statuses": )" + std::string(statuses) + "}}"),
                        "\"route_statuses\""));
  }
  Json many{{"retry", {{"route_statuses", std::vector<int>(16, 403)}}}};
  BOOST_TEST(read_policy_config(many).ok());
  many["retry"]["route_statuses"].push_back(403);
  BOOST_TEST(!read_policy_config(many).ok());
  BOOST_TEST(contains(refused(R"({"idempotency": {"header": "a b"}})"), "is not a token"));
  BOOST_TEST(contains(refused(R"({"idempotency": {"header": ""}})"), "\"header\" must be a text"));
}

BOOST_AUTO_TEST_CASE(routes_and_proxies_are_checked_here) {
  BOOST_TEST(contains(refused(R"({"routes": [{"match": "/a"}, {"name": "b"}]})"),
                      "in \"routes[1]\" the member \"match\" is required"));
  BOOST_TEST(contains(refused(R"({"routes": [{"match": "/a*"}]})"), "the route \"/a*\""));
  BOOST_TEST(contains(refused(R"({"routes": [{"match": "/a", "name": "x\ny"}]})"), "\"name\""));
  BOOST_TEST(contains(refused(R"({"routes": [3]})"), "routes[0]"));
  BOOST_TEST(contains(refused(R"({"routes": {}})"), "an array"));
  BOOST_TEST(contains(refused(R"({"proxies": {"urls": ["ftp://p"]}})"), "the URL of a proxy"));
  BOOST_TEST(contains(refused(R"({"proxies": {"urls": [1]}})"), "\"urls\" must hold texts"));
  BOOST_TEST(contains(refused(R"({"proxies": {"mode": "random"}})"), "\"mode\""));
}

BOOST_AUTO_TEST_CASE(secrets_are_refused_by_name_and_never_shown) {
  for (const char* place :
       {R"({"TOKEN": "sesame"})", R"({"password": "sesame"})", R"({"retry": {"api_key": "sesame"}})",
        R"({"proxies": {"Proxy_Password": "sesame"}})",
        R"({"routes": [{"match": "/", "authorization": "sesame"}]})",
        R"({"idempotency": {"key": "sesame"}})"}) {
    const std::string text = refused(place);
    BOOST_TEST(contains(text, "secrets never travel in configuration"));
    BOOST_TEST(!contains(text, "sesame"));
  }
  const std::string text = refused(R"({"proxies": {"urls": ["http://p", "http://ana:sesame@p:3128"]}})");
  BOOST_TEST(contains(text, "\"urls\" must not hold credentials"));
  BOOST_TEST(!contains(text, "sesame"));
  BOOST_TEST(!contains(text, "ana"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
