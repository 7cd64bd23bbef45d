// A delivery between a queue and a server: what is sent, in which order, and what becomes of it.
#include "delivery_fixture.hpp"

namespace tessera::http {

using test::Answer;
using test::Gate;
using test::Origin;
using test::Seen;

namespace {

struct World : DeliveryFixture {
  World() { answer({}); }
  ~World() { gate.open(); }

  /// `statuses` one after another, then 200.
  void answer(std::vector<int> statuses, test::Fields fields = {}) {
    origin.on("POST", "/", [statuses, fields](const Seen& seen) {
      const auto index = static_cast<size_t>(seen.number) - 1;
      return index < statuses.size() ? Answer(statuses[index], "", fields) : Answer(200);
    });
  }
  /// Answers wait for the gate.
  void hold_answers() {
    origin.on("POST", "/", [this](const Seen&) { return Answer().wait(gate).respond(200); });
  }
  std::string add(std::string order = {}) { return queue.add(to(origin.url("/"), std::move(order))); }

  Gate gate;
  Origin origin;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(delivering, World)

BOOST_AUTO_TEST_CASE(a_request_goes_out_as_it_was_kept_under_its_key) {
  OutboxRequest request = to(origin.url("/"));
  request.headers_json = R"({"Content-Type":"application/json","X-Shop":"7"})";
  request.body = to_bytes(R"({"total":3})");
  request.idempotency_key = "sale-1";
  const std::string id = queue.add(request);
  delivery();
  queue.wait_for(id, State::kDone);
  const Seen seen = origin.wait_for(1);
  BOOST_TEST(seen.method == "POST");
  BOOST_TEST(seen.body == R"({"total":3})");
  BOOST_TEST(seen.header("content-type") == "application/json");
  BOOST_TEST(seen.header("x-shop") == "7");
  BOOST_TEST(seen.header("idempotency-key") == "sale-1");
  const DeliveryEvent event = wait_for(Kind::kDelivered);
  BOOST_TEST(event.id == id);
  BOOST_TEST(event.topic == "sales");
}

BOOST_AUTO_TEST_CASE(memory_that_runs_out_holds_it_up_for_a_while_only) {
  queue.without_memory = 2;
  const std::string id = add();
  delivery();
  queue.wait_for(id, State::kDone);
  BOOST_TEST(delivery().stop(60'000).ok());
}

BOOST_AUTO_TEST_CASE(memory_that_runs_out_at_the_end_of_a_request_does_not_hold_up_a_stop) {
  hold_answers();
  const std::string id = add();
  delivery();
  static_cast<void>(origin.wait_for(1));
  turn();
  queue.without_memory = 1;
  gate.open();
  queue.wait_until([&] { return queue.without_memory == 0; });
  BOOST_TEST(delivery().stop(60'000).ok());
  BOOST_TEST(queue.item(id).state == State::kLeased);  // until its lease ends
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_added_later_goes_without_a_poke) {
  delivery();
  const std::string id = add();
  queue.wait_for(id, State::kDone);
}

BOOST_AUTO_TEST_CASE(every_attempt_has_the_same_key) {
  config.policies.retry.max_attempts = 2;  // the client's own, within one delivery
  answer({500, 503, 500});
  const std::string id = add();
  delivery();
  queue.wait_for_failure(id);
  BOOST_TEST(queue.item(id).attempts == 1);
  BOOST_TEST(queue.item(id).error == "the server answered 503; it is sent again later");
  pass(FakeQueue::kBackoffMs);
  queue.wait_for(id, State::kDone);
  BOOST_TEST(queue.item(id).attempts == 2);
  BOOST_TEST(origin.seen().size() == 4U);
  for (const Seen& seen : origin.seen()) BOOST_TEST(seen.header("idempotency-key") == "key-" + id);
}

BOOST_AUTO_TEST_CASE(nothing_goes_before_it_is_due) {
  const std::string id = queue.add(to(origin.url("/")), dial.wall_ms() + 10'000);
  turn();
  pass(9'999);
  BOOST_TEST(origin.seen().empty());
  pass(1);
  queue.wait_for(id, State::kDone);
}

BOOST_AUTO_TEST_CASE(a_timer_wakes_without_a_poke) {
  QuickClock clock_that_runs(50);
  FakeQueue other(clock_that_runs);
  const std::string id = other.add(to(origin.url("/")), clock_that_runs.wall_ms() + 500);
  DeliveryPorts ports;
  ports.queue = &other;
  ports.clock = &clock_that_runs;
  const auto timed = Delivery::start(client(), ports, {}).value();
  other.wait_for(id, State::kDone);
  // Asked when it started and when it was due, and once more after it had gone; a slow machine adds one.
  BOOST_TEST(other.leases() <= 5);
}

BOOST_AUTO_TEST_CASE(what_can_never_succeed_goes_to_the_dead_letters) {
  answer({422});
  const std::string id = add();
  delivery();
  queue.wait_for(id, State::kDead);
  const DeliveryEvent event = wait_for(Kind::kDead);
  BOOST_TEST(event.id == id);
  BOOST_TEST(event.text == "the server answered 422; correct the request, or remove it");
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_request_that_can_not_be_made_is_dead_and_nothing_is_sent) {
  OutboxRequest bad_headers = to(origin.url("/"));
  bad_headers.headers_json = R"({"X":1})";
  const std::string headers = queue.add(bad_headers);
  const std::string plain = queue.add(to("http://example.com/"));
  const std::string url = queue.add(to("https://"));
  delivery();
  for (const std::string& id : {headers, plain, url}) queue.wait_for(id, State::kDead);
  BOOST_TEST(origin.seen().empty());
}

BOOST_AUTO_TEST_CASE(a_redirect_is_not_followed) {
  origin.on("POST", "/", [](const Seen&) { return Answer::redirect("/elsewhere", 308); });
  origin.on("POST", "/elsewhere", [](const Seen&) { return Answer(200); });
  const std::string id = add();
  delivery();
  queue.wait_for(id, State::kDead);
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_conflict_of_its_own_key_waits_and_goes_again) {
  answer({409});
  const std::string id = add();
  delivery();
  queue.wait_for_failure(id);
  pass(FakeQueue::kBackoffMs);
  queue.wait_for(id, State::kDone);
}

BOOST_AUTO_TEST_CASE(as_many_go_at_once_as_configured) {
  delivery_config.concurrency = 3;
  hold_answers();
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(add());
  delivery();
  origin.wait_for(3);
  turn();
  BOOST_TEST(queue.most_leased() == 3U);
  gate.open();
  for (const std::string& id : ids) queue.wait_for(id, State::kDone);
  BOOST_TEST(queue.most_leased() == 3U);
}

BOOST_AUTO_TEST_CASE(requests_of_one_key_go_in_order_and_a_failed_one_holds_the_others) {
  std::atomic<bool> has_failed = false;
  origin.on("POST", "/", [&](const Seen& seen) {
    return seen.header("idempotency-key") == "key-id-1" && !has_failed.exchange(true) ? 500 : 200;
  });
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(add("shop-7"));
  const std::string other = add("shop-8");
  delivery();
  queue.wait_for(other, State::kDone);
  queue.wait_for_failure(ids[0]);
  turn();
  BOOST_TEST(origin.seen().size() == 2U);
  pass(FakeQueue::kBackoffMs);
  for (const std::string& id : ids) queue.wait_for(id, State::kDone);
  std::vector<std::string> order;
  for (const Seen& seen : origin.seen()) {
    if (seen.header("idempotency-key") != "key-" + other) order.push_back(seen.header("idempotency-key"));
  }
  const std::vector<std::string> expected{"key-id-1", "key-id-1", "key-id-2", "key-id-3", "key-id-4"};
  BOOST_TEST(order == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_lease_is_extended_while_its_request_is_under_way) {
  hold_answers();
  const std::string id = add();
  delivery();
  origin.wait_for(1);
  turn();
  pass(29'999);
  BOOST_TEST(queue.extensions() == 0);
  pass(1);
  BOOST_TEST(queue.extensions() == 1);
  BOOST_TEST(queue.item(id).request.lease_until_ms == dial.wall_ms() + 60'000);
  pass(29'999);
  BOOST_TEST(queue.extensions() == 1);
  pass(1);
  BOOST_TEST(queue.extensions() == 2);
  gate.open();
  queue.wait_for(id, State::kDone);
}

BOOST_AUTO_TEST_CASE(a_request_whose_lease_was_lost_is_given_up) {
  hold_answers();
  delivery_config.concurrency = 1;
  add();
  delivery();
  origin.wait_for(1);
  turn();
  BOOST_TEST(queue.revoke("sales").value() == 1);  // by somebody else
  const std::string next = add();
  pass(30'000);
  origin.wait_for(2);
  gate.open();
  queue.wait_for(next, State::kDone);
  BOOST_TEST(count(Kind::kDead) == 0U);
}

BOOST_AUTO_TEST_CASE(its_state_is_told) {
  queue.ambiguous = 2;
  delivery();
  BOOST_TEST(wait_for(Kind::kAmbiguous).depth.ambiguous == 2);
  BOOST_TEST(wait_for(Kind::kDepth).depth.pending == 0);
  queue.ambiguous = 3;
  turn();
  BOOST_TEST(wait_for(Kind::kAmbiguous, 2).depth.ambiguous == 3);
  queue.ambiguous = 1;
  turn();
  BOOST_TEST(wait_for(Kind::kDepth, 3).depth.ambiguous == 1);
  BOOST_TEST(count(Kind::kAmbiguous) == 2U);
}

BOOST_AUTO_TEST_CASE(what_is_under_way_ends_before_a_stop_and_nothing_more_goes) {
  hold_answers();
  const std::string id = add();
  delivery();
  origin.wait_for(1);
  std::thread opener([&] { gate.open(); });
  BOOST_TEST(delivery().stop(60'000).ok());
  opener.join();
  BOOST_TEST(queue.item(id).state == State::kDone);
  const std::string later = add();
  BOOST_TEST(delivery().stop(0).ok());
  BOOST_TEST(queue.item(later).state == State::kPending);
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_stop_without_time_leaves_the_request_in_the_queue) {
  hold_answers();
  const std::string id = add();
  delivery();
  origin.wait_for(1);
  BOOST_TEST(delivery().stop(0).error().code == ErrorCode::kTIMEOUT);
  BOOST_TEST(queue.item(id).state == State::kPending);
  BOOST_TEST(queue.item(id).retry_after_ms == 1);
}

BOOST_AUTO_TEST_CASE(events_may_use_it_but_not_stop_it) {
  std::atomic<int> refusals = 0;
  also = [&](const DeliveryEvent& event) {
    if (event.kind != Kind::kDelivered) return;
    const Status stopped = delivery().stop(0);
    if (!stopped.ok() && stopped.error().code == ErrorCode::kSTATE) ++refusals;
    delivery().poke();
    throw std::runtime_error("the application's defect");
  };
  delivery();
  for (int i = 0; i < 2; ++i) queue.wait_for(add(), State::kDone);
  BOOST_TEST(delivery().stop(60'000).ok());
  BOOST_TEST(refusals == 2);
}

BOOST_AUTO_TEST_CASE(configurations_out_of_range_are_refused) {
  DeliveryPorts ports;
  ports.queue = &queue;
  ports.clock = &dial;
  for (const DeliveryConfig& bad :
       {DeliveryConfig{.concurrency = 0}, DeliveryConfig{.concurrency = 65}, DeliveryConfig{.lease_ms = 999},
        DeliveryConfig{.spacing_ms = -1}, DeliveryConfig{.consent_topics = {""}},
        DeliveryConfig{.consent_topics = {"\xFF"}}})
    BOOST_TEST(Delivery::start(client(), ports, bad).error().code == ErrorCode::kARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
