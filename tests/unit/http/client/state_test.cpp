// What a client tells of itself, what it remembers, and what may be changed while it runs.
#include <algorithm>
#include <cstdlib>
#include <list>
#include <map>

#include "client_fixture.hpp"
#include "fault_proxy.hpp"
#include "slow_dns.hpp"
#include "text/json.hpp"

namespace tessera::http {

using test::Answer;
using test::Origin;
using test::Seen;

namespace {

struct Told final : EventSink {
  void on_event(const Event& event) override {
    const std::scoped_lock lock(mutex);
    all += std::string(event_kind_name(event.kind)) + ' ' + std::string(event.state) +
           (event.mark > 0 ? ' ' + std::to_string(event.mark) : std::string()) + '\n';
    subject = event.subject;
    until_ms = event.until_ms;
  }
  std::string text() {
    const std::scoped_lock lock(mutex);
    return all;
  }
  std::mutex mutex;
  std::string all, subject;
  int64_t until_ms = 0;
};

/// What a store does for it.
struct Memory final : BreakerMemory {
  std::vector<std::pair<std::string, std::string>> load_all() override {
    const std::scoped_lock lock(mutex);
    return {records.begin(), records.end()};
  }
  void save(std::string_view host, std::string_view record_json) override {
    const std::scoped_lock lock(mutex);
    if (record_json.empty()) {
      records.erase(std::string(host));
    } else {
      records[std::string(host)] = record_json;
    }
  }
  size_t size() {
    const std::scoped_lock lock(mutex);
    return records.size();
  }
  std::mutex mutex;
  std::map<std::string, std::string> records;
};

struct StateFixture {
  StateFixture() {
    config.policies.retry.max_attempts = 1;
    config.policies.breaker.max_failures = 2;
    config.policies.breaker.successes_to_close = 1;
    // Longer than any machine takes for a test.
    config.policies.breaker.cooldown_ms = config.policies.breaker.max_cooldown_ms = 3'600'000;
    config.policies.connectivity.backoff_ms = config.policies.connectivity.max_backoff_ms = 3'600'000;
    origin.on("GET", "/", [this](const Seen&) { return Answer(status.load()); });
  }
  Client& client() {
    if (client_ == nullptr) restart();
    return *client_;
  }
  /// Another client with the same configuration.
  void restart() {
    client_.reset();
    ClientPorts ports;
    ports.clock = &clock;
    ports.random = &system_random();
    ports.events = &told;
    ports.breakers = &memory;
    client_ = Client::open(config, ports).value();
  }
  Result<Response> get(std::string url) {
    Request request;
    request.url = std::move(url);
    return client().perform(std::move(request));
  }
  void trip() {
    status = 500;
    for (int i = 0; i < 2; ++i) BOOST_TEST(get(origin.url())->status == 500);
    status = 200;
  }
  ErrorCode refused() {
    const Result<Response> response = get(origin.url());
    return response.ok() ? ErrorCode::kOk : response.error().code;
  }
  /// So many calls, each answered with that.
  void answered(int count, int with) {
    status = with;
    for (int i = 0; i < count; ++i) BOOST_TEST(get(origin.url())->status == with);
  }
  Json state() { return parse_json(client().state_json().value()).value(); }
  std::string origin_text() const {
    const std::string url = origin.url("/");
    return url.substr(0, url.size() - 1);
  }

  std::atomic<int> status{200};
  Origin origin;
  QuickClock clock;
  ClientConfig config;
  Told told;
  Memory memory;

 private:
  std::unique_ptr<Client> client_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(state, StateFixture)

BOOST_AUTO_TEST_CASE(a_breaker_tells_what_becomes_of_it) {
  trip();
  BOOST_TEST(told.text() == "breaker open\n");
  BOOST_TEST(told.subject == origin_text());
  BOOST_TEST(std::abs(told.until_ms - clock.wall_ms() - 3'600'000) < 600'000);
  clock.pass(3'601'000);
  BOOST_TEST(get(origin.url())->status == 200);
  BOOST_TEST(told.text() == "breaker open\nbreaker half_open\nbreaker closed\n");
}

BOOST_AUTO_TEST_CASE(a_fifth_of_the_calls_may_fail_and_no_more) {
  config.policies.breaker.max_failures = 5;
  config.policies.breaker.window_ms = 3'600'000;
  answered(16, 200);
  answered(4, 500);  // 4 of 20
  answered(4, 200);
  answered(1, 500);  // 5 of 25
  answered(1, 500);  // 6 of 26
  BOOST_TEST(refused() == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(origin.seen().size() == 26U);
}

BOOST_AUTO_TEST_CASE(the_success_that_makes_it_twenty_calls_opens_a_breaker_that_failures_could_not) {
  config.policies.breaker.max_failures = 5;
  config.policies.breaker.window_ms = 3'600'000;
  for (int i = 0; i < 3; ++i) {
    answered(4, 500);
    answered(1, 200);
  }
  answered(3, 500);
  answered(1, 200);  // 15 of 19
  BOOST_TEST(told.text().empty());
  answered(1, 200);
  BOOST_TEST(told.text() == "breaker open\n");
  BOOST_TEST(refused() == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(origin.seen().size() == 20U);
}

BOOST_AUTO_TEST_CASE(one_of_a_hundred_calls_finds_out_for_all) {
  config.policies.breaker.probe_lease_ms = 3'600'000;
  config.is_cached = false;
  trip();
  clock.pass(3'601'000);
  test::Gate gate;
  origin.on("GET", "/", [&](const Seen&) { return Answer().wait(gate).respond(200); });
  std::vector<Pending> pending(100);
  for (Pending& call : pending) {
    Request request;
    request.url = origin.url();
    BOOST_REQUIRE(client().send(std::move(request), call).ok());
  }
  for (size_t i = 1; i < pending.size(); ++i)
    BOOST_TEST(pending[i].wait().error().code == ErrorCode::kUNAVAILABLE);
  gate.open();
  BOOST_TEST(pending[0].wait()->status == 200);
  BOOST_TEST(origin.seen().size() == 3U);
  BOOST_TEST(told.text() == "breaker open\nbreaker half_open\nbreaker closed\n");
}

BOOST_AUTO_TEST_CASE(the_state_shows_hosts_and_calls) {
  BOOST_TEST(state() == Json({{"connectivity", "online"},
                              {"hosts", Json::array()},
                              {"proxies", Json::array()},
                              {"in_flight", 0},
                              {"queued", 0}}));
  trip();
  Json now = state();
  BOOST_REQUIRE(now["hosts"].size() == 1U);
  Json& host = now["hosts"][0];
  BOOST_TEST(host["host"] == origin_text());
  BOOST_TEST(host["breaker"]["state"] == "open");
  BOOST_TEST(host["breaker"]["trips"] == 1);
  BOOST_TEST(std::abs(host["breaker"]["retry_at_ms"].get<int64_t>() - clock.wall_ms() - 3'600'000) < 600'000);
  BOOST_TEST(host["budget"] == 8.0);
  BOOST_TEST(host["in_flight"] == 0);
  BOOST_TEST(client().reset_breaker({}).ok());

  test::Gate gate;
  origin.on("GET", "/late", [&](const Seen&) { return Answer().wait(gate).respond(200); });
  Pending late;
  Request request;
  request.url = origin.url("/late");
  BOOST_REQUIRE(client().send(request, late).ok());
  origin.wait_for(3);
  now = state();
  BOOST_TEST(now["in_flight"] == 1);
  BOOST_TEST(now["queued"] == 0);
  BOOST_TEST(now["hosts"][0]["in_flight"] == 1);
  gate.open();
  BOOST_TEST(late.wait()->status == 200);
  BOOST_TEST(state()["in_flight"] == 0);
}

BOOST_AUTO_TEST_CASE(cancelled_calls_are_not_in_flight) {
  origin.on("GET", "/never", [](const Seen&) { return Answer().stall(); });
  Pending call;
  Request request;
  request.url = origin.url("/never");
  const auto handle = client().send(request, call).value();
  origin.wait_for(1);
  handle->cancel();
  BOOST_TEST(call.wait().error().code == ErrorCode::kCANCELLED);
  BOOST_TEST(state()["in_flight"] == 0);
  BOOST_TEST(state()["hosts"][0]["in_flight"] == 0);
}

BOOST_AUTO_TEST_CASE(a_breaker_is_reset_by_name_by_origin_or_with_all) {
  for (const std::string& name : {std::string("127.0.0.1"), origin_text(), std::string()}) {
    trip();
    BOOST_TEST(refused() == ErrorCode::kUNAVAILABLE);
    BOOST_TEST(client().reset_breaker("other.test").ok());
    BOOST_TEST(refused() == ErrorCode::kUNAVAILABLE);
    BOOST_TEST(client().reset_breaker(name).ok());
    BOOST_TEST(refused() == ErrorCode::kOk);
  }
}

BOOST_AUTO_TEST_CASE(another_network_ends_the_wait_offline) {
  test::SlowDns names;
  names.fail("gone.test");
  BOOST_TEST(get("https://gone.test/").error().code == ErrorCode::kNETWORK);
  BOOST_TEST(told.text() == "connectivity offline\n");
  BOOST_TEST(state()["connectivity"] == "offline");
  BOOST_TEST(refused() == ErrorCode::kNETWORK);
  BOOST_TEST(origin.connections() == 0);
  BOOST_TEST(client().network_changed().ok());
  BOOST_TEST(refused() == ErrorCode::kOk);
  BOOST_TEST(told.text() == "connectivity offline\nconnectivity online\n");
}

BOOST_AUTO_TEST_CASE(another_network_lets_a_probe_through_when_configured) {
  trip();
  BOOST_TEST(client().network_changed().ok());
  BOOST_TEST(refused() == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(client().reset_breaker({}).ok());
  config.policies.breaker.probes_on_network_change = true;
  restart();
  trip();
  BOOST_TEST(refused() == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(client().network_changed().ok());
  BOOST_TEST(refused() == ErrorCode::kOk);
}

BOOST_AUTO_TEST_CASE(what_the_server_limits_is_told_once) {
  origin.on("GET", "/", [](const Seen&) { return Answer(429, "", {{"Retry-After", "3600"}}); });
  BOOST_TEST(refused() == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(told.text() == "limiter throttled\n");
  BOOST_TEST(told.subject == origin_text());
  BOOST_TEST(std::abs(told.until_ms - clock.wall_ms() - 3'600'000) < 600'000);
}

BOOST_AUTO_TEST_CASE(marks_of_the_queue_are_told_when_passed) {
  config.queue_marks = {4, 2};
  test::Gate gate;
  origin.on("GET", "/late", [&](const Seen&) { return Answer().wait(gate).respond(200); });
  std::vector<Pending> calls(5);
  Request request;
  request.url = origin.url("/late");
  for (Pending& call : calls) BOOST_REQUIRE(client().send(request, call).ok());
  const Json now = state();
  BOOST_TEST(now["in_flight"].get<int>() + now["queued"].get<int>() == 5);
  BOOST_TEST(told.text() == "queue above 2\nqueue above 4\n");
  gate.open();
  for (Pending& call : calls) BOOST_TEST(call.wait()->status == 200);
  BOOST_TEST(told.text() == "queue above 2\nqueue above 4\nqueue below 4\nqueue below 2\n");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_fails_is_told) {
  test::FaultProxy nobody(origin.port());
  nobody.set_door(test::Door::kRefused);
  const std::string url = "http://127.0.0.1:" + std::to_string(nobody.port());
  config.policies.proxies.urls = {url};
  auto settings = std::make_shared<ProxySettings>();
  settings->url = url;
  config.proxies = {settings};
  BOOST_TEST(refused() == ErrorCode::kNETWORK);
  BOOST_TEST(told.text() == "proxy bad\n");
  BOOST_TEST(told.subject == url);
  const Json proxies = state()["proxies"];
  BOOST_REQUIRE(proxies.size() == 1U);
  BOOST_TEST(proxies[0]["url"] == url);
  BOOST_TEST(proxies[0]["state"] == "bad");
}

BOOST_AUTO_TEST_CASE(an_open_breaker_stays_open_over_a_restart) {
  trip();
  restart();
  BOOST_TEST(refused() == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(origin.seen().size() == 2U);
  BOOST_TEST(state()["hosts"][0]["breaker"]["state"] == "open");
  clock.pass(3'601'000);
  BOOST_TEST(refused() == ErrorCode::kOk);
  restart();
  BOOST_TEST(memory.size() == 0U);
  BOOST_TEST(refused() == ErrorCode::kOk);
}

BOOST_AUTO_TEST_CASE(a_remembered_breaker_is_reset_before_its_first_call_too) {
  trip();
  restart();
  BOOST_TEST(client().reset_breaker("127.0.0.1").ok());
  BOOST_TEST(refused() == ErrorCode::kOk);
  restart();
  BOOST_TEST(memory.size() == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_remembered_may_be_anything) {
  memory.records = {{origin_text(), "{\"opened_ms\":"}, {"", "{}"}, {"x", std::string(100'000, '[')}};
  BOOST_TEST(refused() == ErrorCode::kOk);
}

BOOST_AUTO_TEST_CASE(idle_hosts_are_forgotten_beyond_a_bound_and_open_breakers_kept) {
  config.max_hosts = 3;
  trip();  // the oldest
  std::list<Origin> others;
  for (int i = 0; i < 8; ++i) {
    Origin& other = others.emplace_back();
    other.on("GET", "/", [](const Seen&) { return Answer(200); });
    for (int again = 0; again < 2; ++again) BOOST_TEST(get(other.url())->status == 200);
  }
  const Json hosts = state()["hosts"];
  BOOST_TEST(hosts.size() == 3U);
  BOOST_TEST(std::ranges::any_of(hosts, [&](const Json& host) { return host["host"] == origin_text(); }));
  BOOST_TEST(refused() == ErrorCode::kUNAVAILABLE);
  for (Origin& other : others) BOOST_TEST(get(other.url())->status == 200);
}

BOOST_AUTO_TEST_CASE(a_closed_client_has_no_state) {
  BOOST_TEST(get(origin.url())->status == 200);
  BOOST_TEST(client().close(1'000).ok());
  BOOST_TEST(client().state_json().error().code == ErrorCode::kSTATE);
  BOOST_TEST(client().reset_breaker({}).error().code == ErrorCode::kSTATE);
  BOOST_TEST(client().network_changed().error().code == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
