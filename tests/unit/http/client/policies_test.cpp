// The policies at work in a client; their boundaries are in tests/unit/http/policy.
#include "client_fixture.hpp"

namespace tessera::http {

using test::Answer;
using test::Origin;
using test::Seen;

namespace {

struct PolicyFixture : ClientFixture {
  /// Answers with `statuses` one after another, then 200.
  void answer(std::vector<int> statuses, test::Fields fields = {}) {
    for (const char* method : {"GET", "POST"}) {
      origin.on(method, "/", [statuses, fields](const Seen& seen) {
        const auto index = static_cast<size_t>(seen.number) - 1;
        return Answer(index < statuses.size() ? statuses[index] : 200, "",
                      index < statuses.size() ? fields : test::Fields());
      });
    }
  }
  Request post() {
    Request request;
    request.method = "POST";
    request.url = origin.url("/");
    request.body = to_bytes("{}");
    return request;
  }
  Origin origin;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(policies, PolicyFixture)

BOOST_AUTO_TEST_CASE(passing_failures_are_retried) {
  answer({503, 500});
  const Response response = get(origin.url("/")).value();
  BOOST_TEST(response.status == 200);
  BOOST_TEST(response.attempts == 3);
  BOOST_TEST(origin.seen().size() == 3U);
}

BOOST_AUTO_TEST_CASE(the_last_answer_is_given_when_attempts_run_out) {
  answer({503, 503, 503, 503});
  BOOST_TEST(get(origin.url("/"))->status == 503);
  BOOST_TEST(origin.seen().size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_post_is_repeated_only_under_a_key) {
  answer({503, 503, 503});
  BOOST_TEST(perform(post())->status == 503);
  BOOST_TEST(origin.seen().size() == 1U);
  Request keyed = post();
  keyed.idempotency_key = "order-1";
  BOOST_TEST(perform(keyed)->status == 200);
  BOOST_TEST(origin.seen().size() == 4U);
  for (size_t i = 2; i <= 4; ++i) BOOST_TEST(origin.wait_for(i).header("idempotency-key") == "order-1");
}

BOOST_AUTO_TEST_CASE(keys_are_made_when_configured_one_for_each_call) {
  config.policies.idempotency.is_automatic = true;
  answer({503});
  BOOST_TEST(perform(post())->status == 200);
  BOOST_TEST(perform(post())->status == 200);
  const std::string first = origin.wait_for(1).header("idempotency-key");
  BOOST_TEST(first.size() == 36U);
  BOOST_TEST(origin.wait_for(2).header("idempotency-key") == first);
  BOOST_TEST(origin.wait_for(3).header("idempotency-key") != first);
}

BOOST_AUTO_TEST_CASE(a_short_retry_after_is_waited_for_and_a_long_one_told) {
  answer({429}, {{"Retry-After", "2"}});
  const int64_t before_ms = clock.boot_ms();
  BOOST_TEST(get(origin.url("/"))->status == 200);
  BOOST_TEST(clock.boot_ms() - before_ms >= 2'000);

  origin.on("GET", "/long", [](const Seen&) { return Answer(429, "", {{"Retry-After", "3600"}}); });
  const Error error = get(origin.url("/long")).error();
  BOOST_TEST(error.code == kUnavailable);
  BOOST_TEST(error.detail_json == "{\"retry_after_ms\":3600000}");
}

BOOST_AUTO_TEST_CASE(the_breaker_opens_and_a_probe_closes_it) {
  config.policies.retry.max_attempts = 1;
  config.policies.breaker.successes_to_close = 1;
  answer({500, 500, 500, 500, 500});
  for (int i = 0; i < 5; ++i) BOOST_TEST(get(origin.url("/"))->status == 500);
  const Error error = get(origin.url("/")).error();
  BOOST_TEST(error.code == kUnavailable);
  BOOST_TEST(error.text.find("circuit breaker") != std::string::npos);
  BOOST_TEST(origin.seen().size() == 5U);
  Request exempt;
  exempt.url = origin.url("/");
  exempt.skips_breaker = true;
  BOOST_TEST(perform(exempt)->status == 200);
  clock.pass(31'000);
  BOOST_TEST(get(origin.url("/"))->status == 200);
  BOOST_TEST(get(origin.url("/"))->status == 200);
}

BOOST_AUTO_TEST_CASE(what_is_over_the_rate_waits_in_order_and_what_is_over_the_bound_is_refused) {
  config.policies.limiter.rate = 10;
  config.policies.limiter.burst = 1;
  config.policies.limiter.max_pending = 5;
  origin.on("GET", "/", [](const Seen& seen) { return Answer(200, seen.target); });
  std::vector<Pending> calls(7);
  for (size_t i = 0; i < calls.size(); ++i) {
    Request request;
    request.url = origin.url("/?" + std::to_string(i));
    request.total_ms = 0;
    BOOST_REQUIRE(client().send(request, calls[i]).ok());
  }
  BOOST_TEST(calls[6].wait().error().code == ErrorCode::kBUSY);
  for (size_t i = 0; i < 6; ++i) BOOST_TEST(text_of(calls[i].wait().value()) == "/?" + std::to_string(i));
  const std::vector<Seen> seen = origin.seen();
  for (size_t i = 0; i < seen.size(); ++i) BOOST_TEST(seen[i].target == "/?" + std::to_string(i));
}

BOOST_AUTO_TEST_CASE(redirects_are_followed_as_far_as_allowed) {
  origin.on("GET", "/a", [](const Seen&) { return Answer::redirect("/b"); });
  origin.on("GET", "/b", [](const Seen& seen) { return Answer(200, seen.header("authorization")); });
  origin.on("GET", "/round", [](const Seen&) { return Answer::redirect("/round"); });
  Request request;
  request.url = origin.url("/a");
  request.headers.add("Authorization", "Bearer t");
  const Response response = perform(request).value();
  BOOST_TEST(response.url == origin.url("/b"));
  BOOST_TEST(text_of(response) == "Bearer t");
  BOOST_TEST(code_of(origin.url("/round")) == ErrorCode::kLIMIT);
  request.max_redirects = 0;
  BOOST_TEST(perform(request)->status == 302);
}

BOOST_AUTO_TEST_CASE(a_redirect_takes_method_and_body_as_its_status_says) {
  for (const int status : {301, 302, 303}) {
    origin.on("POST", "/", [status](const Seen&) { return Answer::redirect("/end", status); });
    origin.on("GET", "/end",
              [](const Seen& seen) { return Answer(200, "got " + seen.header("content-type")); });
    Request request = post();
    request.headers.add("Content-Type", "application/json");
    BOOST_TEST(text_of(perform(request).value()) == "got ");
  }
  for (const int status : {307, 308}) {
    origin.on("POST", "/", [status](const Seen&) { return Answer::redirect("/end", status); });
    origin.on("POST", "/end", [](const Seen& seen) { return Answer(200, seen.body); });
    BOOST_TEST(text_of(perform(post()).value()) == "{}");
  }
}

BOOST_AUTO_TEST_CASE(what_is_for_one_server_goes_to_no_other) {
  Origin other;
  other.on("GET", "/", [](const Seen&) { return Answer(200); });
  origin.on("GET", "/", [&](const Seen&) { return Answer::redirect(other.url("/")); });
  config.headers = {{"X-Api-Key", "k"}, {"User-Agent", "app"}};
  Request request;
  request.url = origin.url("/");
  request.headers = {{"Authorization", "Bearer t"}, {"Cookie", "c=1"}, {"Accept", "a/b"}};
  request.idempotency_key = "key";
  BOOST_TEST(perform(request)->status == 200);
  const Seen first = origin.wait_for(1), second = other.wait_for(1);
  for (const char* name : {"authorization", "cookie", "x-api-key", "idempotency-key"}) {
    BOOST_TEST(first.count(name) == 1U);
    BOOST_TEST(second.count(name) == 0U);
  }
  BOOST_TEST(second.header("accept") == "a/b");
  BOOST_TEST(second.header("user-agent") == "app");
}

BOOST_AUTO_TEST_CASE(fresh_answers_come_from_the_cache) {
  origin.on("GET", "/", [](const Seen& seen) {
    return Answer(200, std::to_string(seen.number), {{"Cache-Control", "max-age=60"}});
  });
  BOOST_TEST(text_of(get(origin.url("/")).value()) == "1");
  const Response again = get(origin.url("/")).value();
  BOOST_TEST(text_of(again) == "1");
  BOOST_TEST(again.is_from_cache);
  BOOST_TEST(again.attempts == 0);
  BOOST_TEST(text_of(get(origin.url("/?other")).value()) == "2");
  Request fresh;
  fresh.url = origin.url("/");
  fresh.cache = CacheMode::kNoStore;
  BOOST_TEST(text_of(perform(fresh).value()) == "3");
  fresh.cache = CacheMode::kRefresh;
  BOOST_TEST(text_of(perform(fresh).value()) == "4");
  BOOST_TEST(text_of(get(origin.url("/")).value()) == "4");
  clock.pass(61'000);
  BOOST_TEST(text_of(get(origin.url("/")).value()) == "5");
  fresh.cache = CacheMode::kOnlyIfCached;
  BOOST_TEST(perform(fresh)->is_from_cache);
  fresh.url = origin.url("/never");
  BOOST_TEST(perform(fresh)->status == 504);
}

BOOST_AUTO_TEST_CASE(stale_answers_are_confirmed_by_the_server) {
  origin.on("GET", "/", [](const Seen& seen) {
    if (seen.header("if-none-match") == "\"v1\"")
      return Answer(304, "", {{"ETag", "\"v1\""}, {"X-Count", "2"}});
    return Answer(200, "body", {{"ETag", "\"v1\""}, {"Cache-Control", "no-cache"}, {"X-Count", "1"}});
  });
  BOOST_TEST(text_of(get(origin.url("/")).value()) == "body");
  const Response confirmed = get(origin.url("/")).value();
  BOOST_TEST(confirmed.status == 200);
  BOOST_TEST(text_of(confirmed) == "body");
  BOOST_TEST(confirmed.headers.get("x-count").value() == "2");
  BOOST_TEST(confirmed.is_from_cache);
  BOOST_TEST(origin.seen().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_304_of_another_response_is_asked_about_again) {
  origin.on("GET", "/", [](const Seen& seen) {
    if (seen.count("if-none-match") > 0) return Answer(304, "", {{"ETag", "\"v9\""}});
    return Answer(200, std::to_string(seen.number), {{"ETag", "\"v1\""}, {"Cache-Control", "no-cache"}});
  });
  BOOST_TEST(text_of(get(origin.url("/")).value()) == "1");
  BOOST_TEST(text_of(get(origin.url("/")).value()) == "3");
}

BOOST_AUTO_TEST_CASE(a_stale_answer_stands_in_for_a_server_that_fails) {
  config.policies.retry.max_attempts = 1;
  origin.on("GET", "/", [](const Seen& seen) {
    if (seen.number > 1) return Answer(503, "down");
    return Answer(200, "old", {{"Cache-Control", "max-age=1, stale-if-error=600"}});
  });
  BOOST_TEST(text_of(get(origin.url("/")).value()) == "old");
  clock.pass(2'000);
  const Response stale = get(origin.url("/")).value();
  BOOST_TEST(stale.status == 200);
  BOOST_TEST(text_of(stale) == "old");
  clock.pass(700'000);
  BOOST_TEST(get(origin.url("/"))->status == 503);
}

BOOST_AUTO_TEST_CASE(a_change_forgets_what_was_stored) {
  origin.on("GET", "/", [](const Seen& seen) {
    return Answer(200, std::to_string(seen.number), {{"Cache-Control", "max-age=600"}});
  });
  origin.on("POST", "/", [](const Seen&) { return Answer(204); });
  BOOST_TEST(text_of(get(origin.url("/")).value()) == "1");
  BOOST_TEST(perform(post())->status == 204);
  BOOST_TEST(text_of(get(origin.url("/")).value()) == "3");
}

BOOST_AUTO_TEST_CASE(a_trace_tells_what_each_policy_did) {
  answer({503});
  Request request;
  request.url = origin.url("/");
  request.is_traced = true;
  const Response response = perform(request).value();
  std::string stages;
  int64_t last_us = 0;
  for (const TraceEvent& event : response.trace) {
    stages += std::string(event.stage) + ' ';
    BOOST_TEST(event.at_us >= last_us);
    last_us = event.at_us;
  }
  BOOST_TEST(stages == "cache breaker attempt attempt retry attempt attempt ");
  BOOST_TEST(client().metrics_json().find("\"retries\":1") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
