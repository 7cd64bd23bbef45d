// Nothing is sent that nobody agreed to, and what was declined once is not sent after a later yes.
#include "delivery_fixture.hpp"

namespace tessera::http {

using test::Answer;
using test::Gate;
using test::Origin;
using test::Seen;

namespace {

struct World : DeliveryFixture {
  World() {
    delivery_config.consent_topics = {"telemetry"};
    origin.on("POST", "/", [](const Seen&) { return Answer(200); });
  }
  ~World() { gate.open(); }
  std::string add(std::string topic) {
    OutboxRequest request = to(origin.url("/"));
    request.topic = std::move(topic);
    return queue.add(request);
  }
  void say(bool is_granted, int64_t removed) {
    BOOST_TEST(delivery().set_consent("telemetry", is_granted).value() == removed);
  }

  Gate gate;
  Origin origin;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(consent, World)

BOOST_AUTO_TEST_CASE(before_anybody_was_asked_nothing_goes_but_the_rest) {
  const std::string telemetry = add("telemetry");
  const std::string sale = add("sales");
  delivery();
  queue.wait_for(sale, State::kDone);
  turn();
  BOOST_TEST(queue.item(telemetry).state == State::kPending);
  BOOST_TEST(queue.item(telemetry).attempts == 0);
  const DeliveryEvent event = wait_for(Kind::kPaused);
  BOOST_TEST(event.reason == PauseReason::kConsent);
  BOOST_TEST(event.topic == "telemetry");
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(after_a_yes_what_waited_goes) {
  const std::string id = add("telemetry");
  turn();
  say(true, 0);
  queue.wait_for(id, State::kDone);
  BOOST_TEST(wait_for(Kind::kResumed).topic == "telemetry");
}

BOOST_AUTO_TEST_CASE(a_no_removes_at_once_also_what_is_under_way) {
  origin.on("POST", "/", [this](const Seen&) { return Answer().wait(gate).respond(200); });
  say(true, 0);
  add("telemetry");
  origin.wait_for(1);
  say(false, 1);
  turn();
  gate.open();
  queue.wait_for(add("sales"), State::kDone);
  BOOST_TEST(delivery().stop(60'000).ok());
  BOOST_TEST(count(Kind::kDelivered) == 1U);
  BOOST_TEST(wait_for(Kind::kDelivered).topic == "sales");
}

BOOST_AUTO_TEST_CASE(what_came_after_a_no_does_not_go_after_a_later_yes) {
  say(false, 0);
  const std::string declined = add("telemetry");
  turn();
  say(true, 1);
  const std::string agreed = add("telemetry");
  queue.wait_for(agreed, State::kDone);
  BOOST_TEST(origin.seen().size() == 1U);
  BOOST_TEST(origin.wait_for(1).header("idempotency-key") == "key-" + agreed);
  BOOST_TEST(queue.item(declined).attempts == -1);  // revoked
}

BOOST_AUTO_TEST_CASE(a_second_yes_removes_nothing) {
  say(true, 0);
  BOOST_TEST(delivery().stop(60'000).ok());
  add("telemetry");
  say(true, 0);
}

BOOST_AUTO_TEST_CASE(a_no_counts_for_topics_that_need_no_consent) {
  BOOST_TEST(delivery().set_consent("sales", false).value() == 0);
  const std::string id = add("sales");
  turn();
  BOOST_TEST(queue.item(id).state == State::kPending);
  BOOST_TEST(delivery().set_consent("", false).error().code == ErrorCode::kARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
