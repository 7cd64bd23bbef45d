// What stops a delivery for a time, and how it goes on.
#include "delivery_fixture.hpp"

namespace tessera::http {

using test::Answer;
using test::Origin;
using test::Seen;

namespace {

constexpr int64_t kCooldownMs =
    3'600'000;  // more than a slow machine takes while the client's clock runs fast

struct World : DeliveryFixture {
  World() {
    config.policies.breaker.max_failures = 1;
    config.policies.breaker.cooldown_ms = config.policies.breaker.max_cooldown_ms = kCooldownMs;
    for (Origin* one : {&origin, &other}) {
      one->on("POST", "/", [this, one](const Seen&) { return Answer(one == &origin ? status.load() : 200); });
    }
  }
  std::string add() { return queue.add(to(origin.url("/"))); }
  /// The client's breaker of the origin is open, and the delivery knows it.
  std::string break_it() {
    status = 500;
    const std::string failed = add();
    delivery();
    queue.wait_for_failure(failed);
    const std::string waiting = add();
    wait_for(Kind::kPaused);
    return waiting;
  }
  /// The time of the client and of the delivery.
  void pass_both(int64_t span_ms) {
    clock.pass(span_ms);
    pass(span_ms);
  }

  std::atomic<int> status = 200;
  Origin origin, other;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pauses, World)

BOOST_AUTO_TEST_CASE(an_open_breaker_costs_no_attempt_and_stops_no_other_host) {
  const std::string waiting = break_it();
  turn();
  const DeliveryEvent event = wait_for(Kind::kPaused);
  BOOST_TEST(event.reason == PauseReason::kUnavailable);
  BOOST_TEST(event.host == origin.url("/"));
  BOOST_TEST(queue.item(waiting).state == State::kPending);
  BOOST_TEST(queue.item(waiting).attempts == 0);
  const std::string elsewhere = queue.add(to(other.url("/")));
  queue.wait_for(elsewhere, State::kDone);
  const int leases = queue.leases();
  for (int i = 0; i < 5; ++i) add();
  turn();
  BOOST_TEST(queue.leases() - leases < 20);
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(after_the_pause_one_goes_after_another_at_a_distance) {
  break_it();
  for (int i = 0; i < 3; ++i) add();
  status = 200;
  pass_both(kCooldownMs + 1'000);  // the failed one is due again as well
  wait_for(Kind::kDelivered);
  turn();
  BOOST_TEST(origin.seen().size() == 2U);  // the failure, and what found out
  pass(99);
  BOOST_TEST(origin.seen().size() == 2U);
  for (size_t delivered = 2; delivered <= 5; ++delivered) {
    pass(delivered == 2 ? 1 : 100);
    wait_for(Kind::kDelivered, delivered);
    turn();
    BOOST_TEST(origin.seen().size() == delivered + 1);
  }
  BOOST_TEST(wait_for(Kind::kResumed).host == origin.url("/"));
  BOOST_TEST(count(Kind::kPaused) == 1U);
}

BOOST_AUTO_TEST_CASE(a_pause_can_be_cut_short) {
  const std::string waiting = break_it();
  status = 200;
  clock.pass(kCooldownMs + 1'000);  // the breaker would let it through
  turn();
  BOOST_TEST(queue.item(waiting).state == State::kPending);
  delivery().retry_now();
  wait_for(Kind::kDelivered);
}

BOOST_AUTO_TEST_CASE(a_host_that_names_a_time_is_left_alone_until_then) {
  origin.on("POST", "/", [](const Seen& seen) {
    return seen.number == 1 ? Answer(503, "", {{"Retry-After", "20"}}) : Answer(200);
  });
  config.policies.breaker.is_enabled = false;
  config.policies.retry.max_retry_after_ms = 1;
  const std::string first = add();
  delivery();
  wait_for(Kind::kPaused);
  const std::string second = add();
  turn();
  pass(19'000);
  BOOST_TEST(origin.seen().size() == 1U);
  clock.pass(22'000);
  pass(2'000);
  for (int i = 0; i < 20; ++i) pass(100);
  queue.wait_for(first, State::kDone);
  queue.wait_for(second, State::kDone);
}

BOOST_AUTO_TEST_CASE(a_queue_that_fails_is_asked_again_after_a_while) {
  queue.is_broken = true;
  delivery();
  const DeliveryEvent event = wait_for(Kind::kPaused);
  BOOST_TEST(event.reason == PauseReason::kStore);
  BOOST_TEST(event.text == "the disk is gone");
  const std::string id = add();
  queue.is_broken = false;
  pass(9'999);
  BOOST_TEST(queue.item(id).state == State::kPending);
  pass(1);
  queue.wait_for(id, State::kDone);
  turn();
  pass(100);
  wait_for(Kind::kResumed);
}

BOOST_AUTO_TEST_CASE(a_closed_client_leaves_everything_in_the_queue) {
  delivery();
  BOOST_TEST(client().close(60'000).ok());
  const std::string id = add();
  BOOST_TEST(wait_for(Kind::kPaused).reason == PauseReason::kClosed);
  BOOST_TEST(queue.item(id).attempts == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
