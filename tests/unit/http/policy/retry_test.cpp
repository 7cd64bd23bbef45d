#include "http/policy/retry.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>

#include "fixed_random.hpp"

namespace tessera::http {

using Action = RetryDecision::Action;
static std::ostream& operator<<(std::ostream& out, GiveUp reason) { return out << give_up_name(reason); }

namespace {

constexpr int64_t kNow = 5'000'000;
constexpr int64_t kDayMs = 86'400'000;

FailedAttempt of(const Attempt& attempt, std::string_view method = "GET") {
  FailedAttempt failed;
  failed.attempt = attempt;
  failed.method = method;
  failed.now_ms = kNow;
  failed.deadline_ms = kNow + 60'000;
  return failed;
}
FailedAttempt answered(int status, std::string_view method = "GET") {
  return of({Failure::kNone, status}, method);
}

struct World {
  RetryDecision decide(const FailedAttempt& failed) { return decide_retry(config, failed, random); }
  /// The wait before the next attempt.
  int64_t wait(const FailedAttempt& failed) {
    const RetryDecision decision = decide(failed);
    BOOST_TEST((decision.action == Action::kRetry));
    BOOST_TEST(decision.reason == GiveUp::kNone);
    BOOST_TEST(decision.retry_at_ms == 0);
    return decision.wait_ms;
  }
  GiveUp given_up(const FailedAttempt& failed) {
    const RetryDecision decision = decide(failed);
    BOOST_TEST((decision.action == Action::kGiveUp));
    BOOST_TEST(decision.gate_until_ms == 0);
    return decision.reason;
  }
  /// How long the host named, of a call that can't wait for it.
  int64_t limited(const FailedAttempt& failed, GiveUp reason) {
    const RetryDecision decision = decide(failed);
    BOOST_TEST((decision.action == Action::kRateLimited));
    BOOST_TEST(decision.reason == reason);
    BOOST_TEST(decision.gate_until_ms == decision.retry_at_ms);
    BOOST_TEST(decision.wait_ms == 0);
    return decision.retry_at_ms - kNow;
  }

  RetryConfig config;
  FixedRandom random;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(retry)

BOOST_AUTO_TEST_CASE(statuses_that_are_retried) {
  World world;
  for (int status = 100; status < 1'000; ++status) {
    BOOST_TEST_INFO(status);
    const bool is_retried = status == 408 || status == 425 || status == 429 || status == 500 ||
                            status == 502 || status == 503 || status == 504;
    const RetryDecision decision = world.decide(answered(status));
    BOOST_TEST((decision.action == Action::kRetry) == is_retried);
    BOOST_TEST(decision.reason == (is_retried ? GiveUp::kNone : GiveUp::kFinal));
  }
}

BOOST_AUTO_TEST_CASE(failures_that_are_retried) {
  World world;
  for (int i = 1; i <= static_cast<int>(Failure::kCallback); ++i) {
    const auto failure = static_cast<Failure>(i);
    BOOST_TEST_INFO(failure_name(failure));
    const bool is_retried = failure == Failure::kResolve || failure == Failure::kConnect ||
                            failure == Failure::kTimeout || failure == Failure::kReset ||
                            failure == Failure::kRefused;
    BOOST_TEST((world.decide(of({failure})).action == Action::kRetry) == is_retried);
  }
}

BOOST_AUTO_TEST_CASE(methods_that_may_be_repeated) {
  World world;
  for (const std::string_view method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}) {
    BOOST_TEST((world.decide(answered(503, method)).action == Action::kRetry));
  }
  for (const std::string_view method : {"POST", "PATCH", "get", "CONNECT", "BREW", ""}) {
    BOOST_TEST(world.given_up(answered(503, method)) == GiveUp::kMethod);
    BOOST_TEST(world.given_up(of({Failure::kReset}, method)) == GiveUp::kMethod);
    FailedAttempt keyed = answered(503, method);
    keyed.has_idempotency_key = true;
    BOOST_TEST((world.decide(keyed).action == Action::kRetry));
    // Nothing of these came to where it is acted upon.
    BOOST_TEST((world.decide(of({Failure::kReset, 0, true}, method)).action == Action::kRetry));
    BOOST_TEST((world.decide(of({Failure::kRefused}, method)).action == Action::kRetry));
  }
  BOOST_TEST(world.given_up(of({Failure::kTls, 0, true}, "POST")) == GiveUp::kFinal);
}

BOOST_AUTO_TEST_CASE(a_conflict_of_the_same_key_is_waited_out_and_others_are_not) {
  World world;
  BOOST_TEST(world.given_up(answered(409, "PUT")) == GiveUp::kFinal);
  FailedAttempt conflict = answered(409, "POST");
  conflict.has_idempotency_key = true;
  BOOST_TEST(world.wait(conflict) == 500);
  conflict.retry_after_ms = 7'000;
  BOOST_TEST(world.wait(conflict) == 7'000);
  conflict.retry_after_ms = 61'000;
  BOOST_TEST(world.given_up(conflict) == GiveUp::kTooLong);  // and the host is not gated
  conflict.attempt.status = 422;
  BOOST_TEST(world.given_up(conflict) == GiveUp::kFinal);
}

BOOST_AUTO_TEST_CASE(the_third_attempt_is_the_last) {
  World world;
  FailedAttempt failed = answered(503);
  failed.attempts_made = 2;
  BOOST_TEST((world.decide(failed).action == Action::kRetry));
  failed.attempts_made = 3;
  BOOST_TEST(world.given_up(failed) == GiveUp::kAttempts);
}

BOOST_AUTO_TEST_CASE(a_probe_and_an_empty_budget_stand_against_it) {
  World world;
  FailedAttempt failed = answered(503);
  failed.is_probe = true;
  BOOST_TEST(world.given_up(failed) == GiveUp::kProbe);
  failed.is_probe = false;
  failed.has_budget = false;
  BOOST_TEST(world.given_up(failed) == GiveUp::kBudget);
}

BOOST_AUTO_TEST_CASE(transient_failures_wait_from_nothing_to_a_doubling_span) {
  World world;
  world.config.max_attempts = 10;
  int64_t spans[] = {200, 400, 800, 1'600, 3'200, 6'400, 12'800, 20'000, 20'000};
  for (int made = 1; made <= 9; ++made) {
    FailedAttempt failed = of({Failure::kTimeout});
    failed.attempts_made = made;
    world.random.value = 0;
    BOOST_TEST(world.wait(failed) == 0);
    world.random.value = static_cast<uint64_t>(spans[made - 1]);
    BOOST_TEST(world.wait(failed) == spans[made - 1]);
    ++world.random.value;
    BOOST_TEST(world.wait(failed) == 0);
  }
}

// Full jitter may come near to nothing, which is no answer to a 429: aws-sdk-net#4341.
BOOST_AUTO_TEST_CASE(throttled_calls_wait_at_least_half) {
  World world;
  world.config.max_attempts = 10;
  int64_t spans[] = {1'000, 2'000, 4'000, 8'000, 16'000, 20'000, 20'000};
  for (int made = 1; made <= 7; ++made) {
    FailedAttempt failed = answered(429);
    failed.attempts_made = made;
    const int64_t half = spans[made - 1] / 2;
    world.random.value = 0;
    BOOST_TEST(world.wait(failed) == half);
    world.random.value = static_cast<uint64_t>(half);
    BOOST_TEST(world.wait(failed) == 2 * half);
    ++world.random.value;
    BOOST_TEST(world.wait(failed) == half);
  }
}

BOOST_AUTO_TEST_CASE(no_wait_passes_the_deadline) {
  World world;
  world.random.value = 150;
  FailedAttempt failed = answered(503);
  failed.deadline_ms = kNow + 151;
  BOOST_TEST(world.wait(failed) == 150);
  failed.deadline_ms = kNow + 150;
  BOOST_TEST(world.given_up(failed) == GiveUp::kTooLong);
  world.random.value = 0;
  failed.deadline_ms = kNow;
  BOOST_TEST(world.given_up(failed) == GiveUp::kTooLong);
  failed.deadline_ms = kNow - 1'000;
  BOOST_TEST(world.given_up(failed) == GiveUp::kTooLong);
  failed.deadline_ms = INT64_MAX;
  BOOST_TEST(world.wait(failed) == 0);
}

BOOST_AUTO_TEST_CASE(a_named_time_is_waited_for_with_a_tenth_more_at_most) {
  World world;
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    FailedAttempt failed = answered(status);
    failed.retry_after_ms = 10'000;
    world.random.value = 0;
    BOOST_TEST(world.wait(failed) == 10'000);
    BOOST_TEST(world.decide(failed).gate_until_ms == 0);
    world.random.value = 1'000;
    BOOST_TEST(world.wait(failed) == 11'000);
    world.random.value = 1'001;
    BOOST_TEST(world.wait(failed) == 10'000);
  }
}

BOOST_AUTO_TEST_CASE(a_minute_is_waited_for_and_no_more) {
  World world;
  FailedAttempt failed = answered(503);
  failed.deadline_ms = kNow + 10 * 60'000;
  failed.retry_after_ms = 60'000;
  BOOST_TEST(world.wait(failed) == 60'000);
  failed.retry_after_ms = 60'001;
  BOOST_TEST(world.limited(failed, GiveUp::kTooLong) == 60'001);
  failed.retry_after_ms = kDayMs;
  BOOST_TEST(world.limited(failed, GiveUp::kTooLong) == kDayMs);
  failed.retry_after_ms = kDayMs + 1;
  BOOST_TEST(world.limited(failed, GiveUp::kTooLong) == kDayMs);
  failed.retry_after_ms = INT64_MAX;
  BOOST_TEST(world.limited(failed, GiveUp::kTooLong) == kDayMs);
  BOOST_TEST(!world.decide(failed).gates_background_only);
}

BOOST_AUTO_TEST_CASE(a_named_time_must_lie_before_the_deadline_and_its_jitter_bows_to_it) {
  World world;
  FailedAttempt failed = answered(429);
  failed.retry_after_ms = 10'000;
  failed.deadline_ms = kNow + 10'000;
  BOOST_TEST(world.limited(failed, GiveUp::kTooLong) == 10'000);
  failed.deadline_ms = kNow + 10'001;
  world.random.value = 999;
  BOOST_TEST(world.wait(failed) == 10'000);
  failed.deadline_ms = kNow + 10'301;
  world.random.value = 300;
  BOOST_TEST(world.wait(failed) == 10'300);
  world.random.value = 301;
  BOOST_TEST(world.wait(failed) == 10'000);
}

BOOST_AUTO_TEST_CASE(a_named_time_holds_for_the_host_also_when_this_call_ends) {
  World world;
  FailedAttempt failed = answered(429, "POST");
  failed.retry_after_ms = 2'000;
  BOOST_TEST(world.limited(failed, GiveUp::kMethod) == 2'000);
  failed.method = "GET";
  failed.attempts_made = 3;
  BOOST_TEST(world.limited(failed, GiveUp::kAttempts) == 2'000);
  failed.attempts_made = 1;
  failed.has_budget = false;
  BOOST_TEST(world.limited(failed, GiveUp::kBudget) == 2'000);
  failed.has_budget = true;
  failed.is_probe = true;
  BOOST_TEST(world.limited(failed, GiveUp::kProbe) == 2'000);
}

BOOST_AUTO_TEST_CASE(a_time_that_names_nothing_leaves_the_backoff) {
  World world;
  world.random.value = 77;
  FailedAttempt failed = answered(503);
  for (const int64_t useless : {int64_t{0}, int64_t{-1}, INT64_MIN}) {
    failed.retry_after_ms = useless;
    BOOST_TEST(world.wait(failed) == 77);
  }
  failed.retry_after_ms = 30'000;
  failed.attempt = {Failure::kReset};  // a header of an answer that did not end
  BOOST_TEST(world.wait(failed) == 77);
  failed.attempt = {Failure::kNone, 404};
  BOOST_TEST(world.given_up(failed) == GiveUp::kFinal);
}

BOOST_AUTO_TEST_CASE(background_work_leaves_a_throttling_host_alone_for_a_minute) {
  World world;
  FailedAttempt failed = answered(429);
  BOOST_TEST(world.wait(failed) == 500);  // someone waits for this one
  failed.is_background = true;
  BOOST_TEST(world.limited(failed, GiveUp::kTooLong) == 60'000);
  BOOST_TEST(world.decide(failed).gates_background_only);
  failed.deadline_ms = kNow + 60'001;
  const RetryDecision decision = world.decide(failed);
  BOOST_TEST((decision.action == Action::kRetry));
  BOOST_TEST(decision.wait_ms == 60'000);
  BOOST_TEST(decision.gate_until_ms == kNow + 60'000);
  BOOST_TEST(decision.gates_background_only);
  failed.retry_after_ms = 3'000;  // the server knows better, and means everyone
  BOOST_TEST(world.wait(failed) == 3'000);
  failed.attempts_made = 3;
  BOOST_TEST(world.limited(failed, GiveUp::kAttempts) == 3'000);
  BOOST_TEST(!world.decide(failed).gates_background_only);
  failed = answered(503);
  failed.is_background = true;
  BOOST_TEST(world.wait(failed) == 0);
}

BOOST_AUTO_TEST_CASE(a_failed_proxy_is_left_for_another_up_to_three_times) {
  World world;
  FailedAttempt failed = of({Failure::kProxy, 0, true}, "POST");
  BOOST_TEST(world.given_up(failed) == GiveUp::kFinal);
  failed.has_other_route = true;
  for (int tried = 0; tried < 4; ++tried) {
    failed.attempts_made = 1 + tried;
    failed.other_routes_tried = tried;
    const RetryDecision decision = world.decide(failed);
    BOOST_TEST((decision.action == Action::kRetry) == (tried < 3));
    BOOST_TEST(decision.is_on_other_route == (tried < 3));
    BOOST_TEST(decision.wait_ms == 0);
  }
  // Changes of the route take nothing from the attempts.
  failed.attempt = {Failure::kConnect, 0, true};
  failed.attempts_made = 5;
  world.random.value = 400;
  BOOST_TEST(world.wait(failed) == 400);  // the second
  failed.attempts_made = 6;
  BOOST_TEST(world.given_up(failed) == GiveUp::kAttempts);
}

BOOST_AUTO_TEST_CASE(a_proxy_is_left_only_when_the_request_may_be_repeated) {
  World world;
  FailedAttempt failed = of({Failure::kProxy}, "POST");
  failed.has_other_route = true;
  BOOST_TEST(world.given_up(failed) == GiveUp::kFinal);
  failed.method = "GET";
  BOOST_TEST(world.decide(failed).is_on_other_route);
  failed.deadline_ms = kNow;
  BOOST_TEST(world.given_up(failed) == GiveUp::kFinal);
  failed.deadline_ms = kNow + 1;
  BOOST_TEST(world.decide(failed).is_on_other_route);
  failed.is_probe = true;
  BOOST_TEST(world.given_up(failed) == GiveUp::kFinal);
}

BOOST_AUTO_TEST_CASE(statuses_blame_the_route_only_if_configured) {
  World world;
  FailedAttempt failed = answered(403);
  failed.has_other_route = true;
  BOOST_TEST(world.given_up(failed) == GiveUp::kFinal);
  world.config.route_statuses = {403, 429};
  BOOST_TEST(world.decide(failed).is_on_other_route);
  failed.attempt.status = 429;
  BOOST_TEST(world.decide(failed).is_on_other_route);
  failed.other_routes_tried = 3;
  failed.attempts_made = 4;
  BOOST_TEST(!world.decide(failed).is_on_other_route);
  BOOST_TEST(world.wait(failed) == 500);
  failed.has_other_route = false;
  failed.attempt.status = 403;
  BOOST_TEST(world.given_up(failed) == GiveUp::kFinal);
  failed.has_other_route = true;
  failed.other_routes_tried = 0;
  failed.attempt = {Failure::kReset, 403};
  BOOST_TEST(!world.decide(failed).is_on_other_route);
}

BOOST_AUTO_TEST_CASE(reasons_have_names_of_their_own) {
  for (int i = 0; i <= static_cast<int>(GiveUp::kTooLong); ++i) {
    for (int j = 0; j < i; ++j) {
      BOOST_TEST(give_up_name(static_cast<GiveUp>(i)) != give_up_name(static_cast<GiveUp>(j)));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
