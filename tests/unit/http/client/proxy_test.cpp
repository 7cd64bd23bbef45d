// Proxies that fail: they are to blame, not the host behind them.
#include "client_fixture.hpp"
#include "fault_proxy.hpp"
#include "text/json.hpp"

namespace tessera::http {

using test::Answer;
using test::Origin;
using test::Seen;

namespace {

struct ProxyFixture : ClientFixture {
  ProxyFixture() {
    auto settings = std::make_shared<TlsSettings>();
    settings->ca_pem = to_bytes(authority.certificate());
    config.tls = settings;
    config.policies.retry.max_attempts = 1;
    config.policies.proxies.bad_ms = 3'600'000;  // longer than any machine takes for a test
    config.policies.timeouts.total_ms = 0;
  }
  void add_proxy(uint16_t port) {
    auto settings = std::make_shared<ProxySettings>();
    settings->url = "http://127.0.0.1:" + std::to_string(port);
    config.policies.proxies.urls.push_back(settings->url);
    config.proxies.push_back(std::move(settings));
  }
  /// What the proxy says when it is asked for a tunnel to the host.
  void answer(const Answer& with) {
    proxy.on("CONNECT", target(), [with](const Seen&) { return with; });
  }
  std::string target() const { return "127.0.0.1:" + std::to_string(host.port()); }
  /// The call fails because of the proxy, and the request has not left.
  void blames_the_proxy(const Result<Response>& response) {
    BOOST_REQUIRE(!response.ok());
    BOOST_TEST(response.error().code == ErrorCode::kNETWORK);
    const Json detail = parse_json(response.error().detail_json).value();
    BOOST_TEST(detail.value("failure", "") == "proxy");
    BOOST_TEST(detail.value("unsent", false));
  }

  const test::Authority authority;
  Origin proxy;
  Origin host{{authority.issue()}};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(proxy, ProxyFixture)

BOOST_AUTO_TEST_CASE(a_refused_tunnel_says_nothing_about_the_host) {
  add_proxy(proxy.port());
  config.policies.breaker.max_failures = 1;
  for (const int status : {403, 407, 502, 503}) {
    answer(Answer(status));
    BOOST_TEST_CONTEXT(status) blames_the_proxy(get(host.url("/")));
  }
  const Json state = parse_json(client().state_json().value()).value();
  BOOST_TEST(state["hosts"][0]["breaker"]["state"] == "closed");
  BOOST_TEST(state["proxies"][0]["state"] == "bad");
  BOOST_TEST(host.connections() == 0);
}

BOOST_AUTO_TEST_CASE(a_tunnel_that_breaks_off) {
  add_proxy(proxy.port());
  for (const Answer& end : {Answer().close(), Answer().reset(), Answer().send("HTTP/1.1 200").close()}) {
    answer(end);
    blames_the_proxy(get(host.url("/")));
  }
}

BOOST_AUTO_TEST_CASE(a_proxy_that_says_nothing) {
  add_proxy(proxy.port());
  config.policies.timeouts.connect_ms = 200;
  answer(Answer().stall());
  blames_the_proxy(get(host.url("/")));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_takes_no_connection) {
  const test::SilentPort silent;
  add_proxy(silent.port());
  config.policies.timeouts.connect_ms = 200;
  Origin plain;
  blames_the_proxy(get(plain.url("/")));
  blames_the_proxy(get(host.url("/")));
}

BOOST_AUTO_TEST_CASE(a_call_waiting_for_a_tunnel_can_be_cancelled) {
  add_proxy(proxy.port());
  answer(Answer().stall());
  Pending call;
  Request request;
  request.url = host.url("/");
  const auto sent = client().send(std::move(request), call).value();
  proxy.wait_for(1);
  sent->cancel();
  BOOST_TEST(call.wait().error().code == ErrorCode::kCANCELLED);
}

BOOST_AUTO_TEST_CASE(a_status_that_blames_the_route_leads_through_another_until_the_last) {
  config.policies.retry.route_statuses = {403};
  Origin second, third, plain;
  for (Origin* const one : {&proxy, &second, &third}) {
    one->on("GET", "/", [](const Seen&) { return Answer(403); });
    add_proxy(one->port());
  }
  BOOST_TEST(get(plain.url("/"))->status == 403);
  for (const Origin* const one : {&proxy, &second, &third}) BOOST_TEST(one->seen().size() == 1U);
  const Json proxies = parse_json(client().state_json().value()).value()["proxies"];
  for (const Json& one : proxies) BOOST_TEST(one["state"] == "bad");
  BOOST_TEST(plain.connections() == 0);
}

BOOST_AUTO_TEST_CASE(what_was_not_sent_goes_through_the_next_also_when_it_must_not_be_repeated) {
  Origin next;
  for (Origin* const one : {&proxy, &next}) {
    one->on("CONNECT", target(), [](const Seen&) { return Answer(502); });
    add_proxy(one->port());
  }
  Request request;
  request.method = "POST";
  request.url = host.url("/");
  request.body = to_bytes("order");
  blames_the_proxy(perform(std::move(request)));
  BOOST_TEST(proxy.seen().size() == 1U);
  BOOST_TEST(next.seen().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
