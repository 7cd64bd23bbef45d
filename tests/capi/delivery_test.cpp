// The delivery of an outbox over the C ABI: what goes out, what is told, and every order of the ends.
#include "delivery_fixture.hpp"

namespace tessera::test {

BOOST_FIXTURE_TEST_SUITE(delivery, DeliveryFixture)

BOOST_AUTO_TEST_CASE(an_item_goes_out_under_its_key_and_is_told) {
  origin.on("POST", "/sales", [](const Seen&) { return Answer(200); });
  const Store store = open_store();
  const Http http = client();
  const Delivery delivery = deliver(store, http);
  const std::string id = enqueue(store, "/sales", "sales", "sale-7");
  const auto event = heard.wait_for([](const auto& one) { return one.kind == TSR_DELIVERY_DELIVERED; });
  BOOST_TEST(event.id == id);
  BOOST_TEST(event.topic == "sales");
  const Seen seen = origin.wait_for(1);
  BOOST_TEST(seen.header("Idempotency-Key") == "sale-7");
  BOOST_TEST(seen.body == "{}");
  BOOST_TEST(tsr_delivery_stop(delivery.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_delivery_stop(delivery.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(count(store, -1) == 0U);
  enqueue(store, "/sales");
  BOOST_TEST(tsr_delivery_poke(delivery.get(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_delivery_retry_now(delivery.get(), nullptr) == TSR_OK);
  BOOST_TEST(count(store, TSR_OUTBOX_PENDING) == 1U);
}

BOOST_AUTO_TEST_CASE(what_would_fail_again_is_a_dead_letter) {
  origin.on("POST", "/bad", [](const Seen&) { return Answer(422); });
  const Store store = open_store();
  const Http http = client();
  const Delivery delivery = deliver(store, http);
  const std::string id = enqueue(store, "/bad");
  const auto event = heard.wait_for([](const auto& one) { return one.kind == TSR_DELIVERY_DEAD; });
  BOOST_TEST(event.id == id);
  BOOST_TEST(event.text.find("422") != std::string::npos);
  heard.wait_for([](const auto& one) { return one.kind == TSR_DELIVERY_DEPTH && one.dead == 1; });
  BOOST_TEST(count(store, TSR_OUTBOX_DEAD) == 1U);
}

BOOST_AUTO_TEST_CASE(a_topic_waits_for_consent_and_goes_without) {
  origin.on("POST", "/t", [](const Seen&) { return Answer(200); });
  const Store store = open_store();
  const Http http = client();
  const tsr_str topics[] = {TSR_LIT("telemetry")};
  tsr_delivery_opts opts;
  tsr_delivery_opts_init(&opts, sizeof(opts));
  opts.consent_topics = topics;
  opts.consent_topic_count = 1;
  opts.spacing_ms = -1;
  const Delivery delivery = deliver(store, http, &opts);
  heard.wait_for([](const auto& one) {
    return one.kind == TSR_DELIVERY_PAUSED && one.reason == TSR_DELIVERY_CONSENT && one.topic == "telemetry";
  });
  enqueue(store, "/t", "telemetry");
  enqueue(store, "/t", "telemetry");
  int64_t removed = -1;
  BOOST_TEST(tsr_delivery_set_consent(delivery.get(), TSR_LIT("telemetry"), 0, &removed, nullptr) == TSR_OK);
  BOOST_TEST(removed == 2);
  const Operation agreed =
      ended_op(tsr_delivery_set_consent_async, delivery.get(), TSR_LIT("telemetry"), int32_t{1});
  BOOST_TEST(tsr_op_changes(agreed.get(), &removed, nullptr, nullptr) == TSR_OK);
  BOOST_TEST(removed == 0);
  const std::string id = enqueue(store, "/t", "telemetry");
  heard.wait_for([&](const auto& one) { return one.kind == TSR_DELIVERY_DELIVERED && one.id == id; });
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_under_way_stays_when_the_time_is_over) {
  origin.on("POST", "/never", [](const Seen&) { return Answer().stall(); });
  const Store store = open_store();
  const Http http = client();
  const Delivery delivery = deliver(store, http);
  enqueue(store, "/never");
  static_cast<void>(origin.wait_for(1));
  BOOST_TEST(tsr_delivery_stop(delivery.get(), 1, nullptr) == TSR_E_TIMEOUT);
  BOOST_TEST(count(store, -1) == 1U);
  BOOST_TEST(tsr_op_void(ended_op(tsr_delivery_stop_async, delivery.get(), kLongMs).get(), nullptr) ==
             TSR_OK);
}

BOOST_AUTO_TEST_CASE(handles_may_go_in_any_order) {
  origin.on("POST", "/sales", [](const Seen&) { return Answer(200); });
  Delivery delivery;
  {
    const Store store = open_store();
    const Http http = client();
    delivery = deliver(store, http);
    enqueue(store, "/sales");
  }
  heard.wait_for([](const auto& one) { return one.kind == TSR_DELIVERY_DELIVERED; });
  BOOST_TEST(heard.freed() == 0);
  delivery = Delivery();
  heard.wait_until_free();
  BOOST_TEST(heard.freed() == 1);
  const Store again = open_store();  // nobody holds it any more
  BOOST_TEST(count(again, -1) == 0U);
}

BOOST_AUTO_TEST_CASE(its_own_event_may_free_it_but_not_wait_for_it) {
  origin.on("POST", "/sales", [](const Seen&) { return Answer(200); });
  const Store store = open_store();
  const Http http = client();
  std::mutex mutex;
  Delivery delivery;
  tsr_status stopped = TSR_OK;
  heard.also = [&](const tsr_delivery_event& event) {
    if (event.kind != TSR_DELIVERY_DELIVERED) return;
    const std::scoped_lock lock(mutex);
    stopped = tsr_delivery_stop(delivery.get(), 0, nullptr);
    delivery = Delivery();
  };
  {
    const std::scoped_lock lock(mutex);
    delivery = deliver(store, http);
  }
  enqueue(store, "/sales");
  heard.wait_until_free();
  BOOST_TEST(stopped == TSR_E_STATE);
  BOOST_TEST(heard.freed() == 1);
}

BOOST_AUTO_TEST_CASE(a_done_function_of_its_client_may_free_it) {
  origin.on("GET", "/", [](const Seen&) { return Answer(200); });
  const Store store = open_store();
  const Http http = client();
  struct Mine {
    Delivery delivery;
    tsr_status stopped = TSR_OK;
  } mine{deliver(store, http)};
  const tsr_http_request what = HttpFixture::request();
  const tsr_done_fn done = [](void* user, tsr_op*) {
    auto& self = *static_cast<Mine*>(user);
    self.stopped = tsr_delivery_stop(self.delivery.get(), 0, nullptr);
    tsr_delivery_free(self.delivery.release());
  };
  Failure failure;
  require_ok(tsr_http_send_async(http.get(), &what, done, &mine, nullptr, nullptr, failure.out()), failure);
  heard.wait_until_free();
  BOOST_TEST(mine.stopped == TSR_E_STATE);
  BOOST_TEST(heard.freed() == 1);
}

BOOST_AUTO_TEST_CASE(refuses_what_can_not_be) {
  const Store store = open_store();
  const Http http = client();
  Store scoped;
  Failure failure;
  require_ok(tsr_store_with_tenant(store.get(), TSR_LIT("acme"), scoped.out(), failure.out()), failure);
  tsr_delivery_opts opts;
  tsr_delivery_opts_init(&opts, sizeof(opts));
  Delivery delivery;
  int starts = 0;
  const auto refuses = [&](const Store& what) {
    ++starts;
    BOOST_TEST(tsr_delivery_start(what.get(), http.get(), &opts, &Heard::tell, &heard, &Heard::let_go,
                                  delivery.out(), failure.out()) == TSR_E_ARG);
    BOOST_TEST(!delivery);
    BOOST_TEST(heard.freed() == starts);
  };
  refuses(scoped);
  opts.concurrency = 65;
  refuses(store);
  opts.concurrency = 0;
  opts.lease_ms = 999;
  refuses(store);
  opts.lease_ms = 0;
  opts.spacing_ms = -2;
  refuses(store);
  opts.spacing_ms = 0;
  opts.consent_topic_count = 1;
  refuses(store);
  opts.consent_topic_count = 0;
  opts.struct_size = 8;
  refuses(store);
  close(store);
  BOOST_TEST(tsr_delivery_start(store.get(), http.get(), nullptr, nullptr, nullptr, nullptr, delivery.out(),
                                nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
