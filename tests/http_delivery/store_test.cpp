// The outbox of a store as its delivery leaves it: what is dead, in doubt, revoked, or waits.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "http_origin.hpp"
#include "rig.hpp"
#include "temp_dir.hpp"

namespace tessera::delivery_proof {
namespace {

using Kind = http::DeliveryEvent::Kind;
using store::OutboxItem;
using store::OutboxState;

struct World {
  World() {
    for (const int status : {200, 422, 500}) {
      const std::string path = "/" + std::to_string(status);
      origin.on("POST", path, [status](const test::Seen&) { return status; });
    }
  }

  void start(const std::function<void(store::OutboxConfig&)>& change = {}, http::DeliveryConfig config = {}) {
    rig = std::make_unique<Rig>(open_store(folder.path().string(), change), std::move(config),
                                [this](const http::DeliveryEvent& event) {
                                  const std::scoped_lock lock(mutex);
                                  events.push_back(event);
                                  changed.notify_all();
                                });
  }
  std::string add(const std::string& path, const std::string& topic = "sales") const {
    OutboxItem item = numbered(origin.url(path), {}, 1);
    item.topic = topic;
    item.idempotency_key.clear();
    return require(rig->store->outbox().enqueue(item));
  }
  void wait_for(const std::function<bool(const http::DeliveryEvent&)>& is_it) {
    std::unique_lock lock(mutex);
    BOOST_REQUIRE(changed.wait_for(lock, std::chrono::seconds(120),
                                   [&] { return std::ranges::any_of(events, is_it); }));
  }
  std::vector<OutboxItem> list(OutboxState state) const {
    return require(rig->store->outbox().list(state, 100));
  }

  test::TempDir folder;
  test::Origin origin;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<http::DeliveryEvent> events;
  std::unique_ptr<Rig> rig;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(of_a_store, World)

BOOST_AUTO_TEST_CASE(what_is_added_within_a_transaction_goes_after_its_commit) {
  start();
  auto transaction = require(rig->store->database().begin({}));
  require(rig->store->outbox().enqueue_within(*transaction, numbered(origin.url("/200"), {}, 1)));
  require(transaction->commit());
  wait_for([](const auto& event) { return event.kind == Kind::kDelivered; });
  wait_for([](const auto& event) { return event.kind == Kind::kDepth && event.depth == OutboxDepth(); });
  BOOST_TEST(require(rig->store->outbox().counts()).delivered == 1);
}

BOOST_AUTO_TEST_CASE(dead_letters_stay_with_their_reason_and_go_again_when_told) {
  start();
  const std::string id = add("/422");
  wait_for([&](const auto& event) { return event.kind == Kind::kDead && event.id == id; });
  const std::vector<OutboxItem> dead = list(OutboxState::kDead);
  BOOST_REQUIRE(dead.size() == 1U);
  BOOST_TEST(dead[0].id == id);
  BOOST_TEST(dead[0].last_error == "the server answered 422; correct the request, or remove it");
  origin.on("POST", "/422", [](const test::Seen&) { return 200; });
  require(rig->store->outbox().retry(id));
  wait_for([&](const auto& event) { return event.kind == Kind::kDelivered && event.id == id; });
}

BOOST_AUTO_TEST_CASE(attempts_that_are_used_up_make_a_dead_letter) {
  start([](store::OutboxConfig& outbox) { outbox.max_attempts = 2; });
  const std::string id = add("/500");
  wait_for([&](const auto& event) { return event.kind == Kind::kDead && event.id == id; });
  BOOST_TEST(list(OutboxState::kDead).at(0).attempts == 2);
}

BOOST_AUTO_TEST_CASE(what_the_server_may_have_forgotten_is_in_doubt_until_the_application_decides) {
  start([](store::OutboxConfig& outbox) { outbox.key_window_ms = 300; });
  const std::string id = add("/500");
  wait_for([](const auto& event) { return event.kind == Kind::kAmbiguous && event.depth.ambiguous == 1; });
  BOOST_TEST(list(OutboxState::kAmbiguous).at(0).id == id);
  origin.on("POST", "/500", [](const test::Seen&) { return 200; });
  require(rig->store->outbox().retry(id));
  wait_for([&](const auto& event) { return event.kind == Kind::kDelivered && event.id == id; });
}

BOOST_AUTO_TEST_CASE(nothing_of_a_topic_is_left_after_a_no) {
  start({}, {.consent_topics = {"telemetry"}});
  for (int i = 0; i < 3; ++i) add("/200", "telemetry");
  const std::string sale = add("/200");
  wait_for([&](const auto& event) { return event.kind == Kind::kDelivered && event.id == sale; });
  BOOST_TEST(list(OutboxState::kPending).size() == 3U);
  BOOST_TEST(require(rig->delivery->set_consent("telemetry", false)) == 3);
  BOOST_TEST(list(OutboxState::kPending).empty());
  BOOST_TEST(require(rig->store->outbox().counts()).dropped_revoked == 3);
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_store_that_is_closed_first_ends_nothing_badly) {
  start();
  add("/200");
  require(rig->store->close(60'000));
  BOOST_TEST(rig->delivery->stop(60'000).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::delivery_proof
