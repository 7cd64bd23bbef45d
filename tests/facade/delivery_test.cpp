// The delivery of an outbox, and what a client keeps in a store, through the facade.
#include <boost/test/unit_test.hpp>
#include <future>
#include <optional>
#include <string>
#include <tessera/tessera.hpp>

#include "given.hpp"
#include "http_origin.hpp"
#include "store_files.hpp"
#include "vendor_and_machine.hpp"

namespace tessera::facade_test {
namespace {

using test::Answer;
using test::Origin;
using test::Seen;

/// The list may be kept for ten minutes.
struct Served {
  Served() {
    origin.on("POST", "/sales", [](const Seen&) { return Answer(200); });
    origin.on("GET", "/list",
              [](const Seen&) { return Answer(200, "list", {{"Cache-Control", "max-age=600"}}); });
  }
  Origin origin;
};

struct Selling : StoreFiles, Served {};

}  // namespace

BOOST_AUTO_TEST_SUITE(delivery)

BOOST_FIXTURE_TEST_CASE(what_the_outbox_holds_is_sent_and_told, Selling) {
  Store store = open();
  const HttpClient http = HttpClient::open({.base_url = origin.url("/")});
  std::promise<std::string> delivered;
  Delivery delivery = Delivery::start(store, http, {.consent_topics = {"telemetry"}}, [&](const auto& event) {
    if (event.kind == DeliveryEventKind::kDelivered) delivered.set_value(std::string(event.id));
  });
  const std::string url = origin.url("/sales");
  store.outbox().enqueue({.topic = "telemetry", .url = url});
  const std::string id = store.outbox().enqueue({.topic = "sales", .url = url, .idempotency_key = "sale-7"});
  BOOST_TEST(delivered.get_future().get() == id);
  BOOST_TEST(origin.wait_for(1).header("Idempotency-Key") == "sale-7");
  delivery.poke();
  delivery.retry_now();
  BOOST_TEST(delivery.set_consent("telemetry", false) == 1);
  BOOST_TEST(*result_of<std::int64_t>(
                 [&](auto done) { return delivery.set_consent_async("telemetry", true, done); }) == 0);
  BOOST_TEST(
      result_of<void>([&](auto done) { return delivery.stop_async(kCloseTimeout, done); }).has_value());
  delivery.stop();
  BOOST_CHECK_EXCEPTION(Delivery::start(store.for_tenant("acme"), http), Error,
                        [](const Error& e) { return e.code() == ErrorCode::kArg; });
}

BOOST_FIXTURE_TEST_CASE(a_client_keeps_its_responses_in_a_store, Selling) {
  const Store store = open();
  const HttpConfig config{.base_url = origin.url("/")};
  BOOST_TEST(!HttpClient::open(config, {}, &store).get("/list").from_cache());
  BOOST_TEST(HttpClient::open(config, {}, &store).get("/list").from_cache());
  BOOST_TEST(!HttpClient::open(config).get("/list").from_cache());
}

BOOST_FIXTURE_TEST_CASE(an_application_s_client_follows_its_store, Served) {
  const VendorAndMachine machine;
  AppConfig config = machine.config();
  config.gateway = origin.url("/");
  config.store = StoreOptions{.kdf = Kdf::kLow};
  const Secrets secrets{.passphrase = "open sesame"};
  {
    App app = App::open(config);
    const HttpClient http = app.http();
    BOOST_TEST(!http.get("/list").from_cache());
    BOOST_TEST(http.get("/list").from_cache());  // in memory
    const Store store = app.store(secrets);
    BOOST_TEST(!http.get("/list").from_cache());  // and now in the store
    BOOST_TEST(http.get("/list").from_cache());
    app.close();
  }
  App app = App::open(config);
  const Store store = app.store(secrets);
  BOOST_TEST(app.http().get("/list").from_cache());
  BOOST_TEST(origin.seen().size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
