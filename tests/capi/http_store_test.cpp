// A client that keeps its responses and its breakers in a store.
#include "delivery_fixture.hpp"

namespace tessera::test {
namespace {

struct World : DeliveryFixture {
  World() {
    origin.on("GET", "/fresh",
              [](const Seen&) { return Answer(200, "list", {{"Cache-Control", "max-age=600"}}); });
    origin.on("GET", "/broken", [](const Seen&) { return Answer(500); });
  }
  nlohmann::json config() const {
    nlohmann::json made = quick();
    made["breaker"] = {{"max_failures", 2}, {"cooldown_ms", 600'000}};
    return made;
  }
  tsr_status open_with(const Store& store, Http& http, Failure& failure) const {
    tsr_http_opts opts;
    tsr_http_opts_init(&opts, sizeof(opts));
    opts.store = store.get();
    return tsr_http_open(str(config().dump()), &opts, http.out(), failure.out());
  }
  Http client_of(const Store& store) const {
    Http http;
    Failure failure;
    require_ok(open_with(store, http, failure), failure);
    return http;
  }
  static tsr_status status_of(const Http& http, std::string_view path) {
    const tsr_http_request what = HttpFixture::request(path);
    HttpResponse response;
    return tsr_http_send(http.get(), &what, response.out(), nullptr);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_store, World)

BOOST_AUTO_TEST_CASE(a_response_survives_a_restart) {
  {
    const Store store = open_store();
    const Http http = client_of(store);
    BOOST_TEST(tsr_http_response_from_cache(HttpFixture::get(http, "/fresh").get()) == 0);
    BOOST_TEST(tsr_http_close(http.get(), kLongMs, nullptr) == TSR_OK);
    close(store);
  }
  const Store store = open_store();
  const Http http = client_of(store);
  const HttpResponse response = HttpFixture::get(http, "/fresh");
  BOOST_TEST(tsr_http_response_from_cache(response.get()) == 1);
  BOOST_TEST(HttpFixture::body_of(response) == "list");
  BOOST_TEST(origin.seen().size() == 1U);
  const Http other = HttpFixture::open_http(config());
  BOOST_TEST(tsr_http_response_from_cache(HttpFixture::get(other, "/fresh").get()) == 0);
}

BOOST_AUTO_TEST_CASE(a_breaker_stays_open_over_a_restart) {
  const Store store = open_store();
  {
    const Http http = client_of(store);
    BOOST_TEST(status_of(http, "/broken") == TSR_OK);
    BOOST_TEST(status_of(http, "/broken") == TSR_OK);
    BOOST_TEST(status_of(http, "/broken") == TSR_E_UNAVAILABLE);
  }
  BOOST_TEST(status_of(client_of(store), "/broken") == TSR_E_UNAVAILABLE);
  BOOST_TEST(origin.seen().size() == 2U);
  BOOST_TEST(status_of(HttpFixture::open_http(config()), "/broken") == TSR_OK);
}

BOOST_AUTO_TEST_CASE(a_client_goes_on_when_its_store_is_closed) {
  const Store store = open_store();
  const Http http = client_of(store);
  close(store);
  BOOST_TEST(status_of(http, "/fresh") == TSR_OK);
  BOOST_TEST(status_of(http, "/fresh") == TSR_OK);
  BOOST_TEST(origin.seen().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_store_with_a_tenant_is_refused) {
  const Store store = open_store();
  Store scoped;
  Http http;
  Failure failure;
  require_ok(tsr_store_with_tenant(store.get(), TSR_LIT("acme"), scoped.out(), failure.out()), failure);
  BOOST_TEST(open_with(scoped, http, failure) == TSR_E_ARG);
  BOOST_TEST(!http);
  close(store);
  BOOST_TEST(open_with(store, http, failure) == TSR_E_STATE);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
