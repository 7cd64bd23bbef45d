// The API client as the transport of a licence: what goes over the wire, and servers that mean no good.
#include "app/license_sync.hpp"

#include <thread>

#include "base/clock.hpp"
#include "http_origin.hpp"
#include "license/online/failures.hpp"
#include "online_fixture.hpp"

namespace tessera {
namespace {

using namespace license_test;
using test::Answer;
using test::Origin;
using test::Seen;

const Json& plan() {
  thread_local const Json spec{{"sku", "pro"}, {"license_id", "L1"}, {"days", 30}};
  return spec;
}

/// A licensed machine whose service is an origin on loopback.
struct ServedMachine : OnlineMachine {
  ServedMachine() {
    activate(plan());
    connect(origin.url("/license"), 20'000);
    open();
  }

  void connect(const std::string& url, int64_t timeout_ms) {
    LicenseServiceConfig service_config;
    service_config.url = url;
    service_config.timeout_ms = timeout_ms;
    wire = make_license_transport(service_config, system_clock(), random, logger);
    used = wire.get();
  }

  /// The path of a request as a transport names it.
  ScriptedTransport::Call call_of(const Seen& seen) const {
    return {seen.method, seen.path().substr(std::string("/license").size()), seen.body, {}, {}};
  }
  Answer honest(const Seen& seen) const { return {200, answer_to(call_of(seen), plan())}; }

  Origin origin;
  std::unique_ptr<LicenseTransport> wire;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(license_loopback, ServedMachine)

BOOST_AUTO_TEST_CASE(what_goes_over_the_wire) {
  origin.on("*", "/license/activate", [&](const Seen& seen) { return honest(seen); });
  const auto verdict =
      require(online->activate({.license_key = {}, .note = {}, .account_token = as_bytes("tok")}));
  BOOST_TEST(verdict->code == Code::kOK);
  const Seen seen = origin.wait_for(1);
  BOOST_TEST(seen.method == "POST");
  BOOST_TEST(seen.header("Content-Type") == "application/jose");
  BOOST_TEST(seen.header("Authorization") == "Bearer tok");
  BOOST_TEST(!seen.header("Idempotency-Key").empty());
  const Json asked = require(parse_json(require(vendor.issuer().read_request(seen.body))));
  BOOST_TEST(asked["nonce"] == seen.header("Idempotency-Key"));
}

BOOST_AUTO_TEST_CASE(every_call_finds_its_path) {
  origin.on("*", "/license/sync", [&](const Seen& seen) { return honest(seen); });
  origin.on("*", "/license/renew", [&](const Seen& seen) { return honest(seen); });
  origin.on("*", "/license/time", [&](const Seen& seen) { return honest(seen); });
  origin.on("GET", "/license/lists", [&](const Seen& seen) { return honest(seen); });
  origin.on("*", "/license/deactivate", [&](const Seen& seen) { return honest(seen); });
  require(online->sync());
  require(online->renew());
  require(online->confirm_clock());
  require(online->fetch_lists());
  BOOST_TEST(require(online->deactivate())->code == Code::kDEACTIVATED);
  BOOST_TEST(origin.seen().size() == 5);
}

BOOST_AUTO_TEST_CASE(no_server_takes_a_licence_away_or_gives_one) {
  Installation other(9);
  const std::string foreign = other.request();
  const std::string earlier = require(service->request({}));
  const std::string lists = keys + "\n";
  const Json wide{{"sku", "max"}, {"license_id", "L1"}, {"days", 3650}};
  std::string last_answer;
  struct Row {
    const char* what;
    std::function<Answer(const Seen&)> answer;
    Code code;
  };
  const std::vector<Row> rows{
      {"garbage", [](const Seen&) { return Answer(200, std::string(4096, '\xff')); },
       Code::kRESPONSE_UNSIGNED},
      {"a page", [](const Seen&) { return Answer(200, "<html></html>"); }, Code::kRESPONSE_UNSIGNED},
      {"another request's", [&](const Seen&) { return Answer(200, lists + vendor.license(earlier, wide)); },
       Code::kREQ_NONCE_MISMATCH},
      {"another device's", [&](const Seen&) { return Answer(200, lists + vendor.license(foreign, wide)); },
       Code::kREQ_NONCE_MISMATCH},
      {"a bomb",
       [](const Seen&) {
         return Answer(200, test::gzip_zeros(size_t{64} << 20), {{"Content-Encoding", "gzip"}});
       },
       Code::kTOKEN_TOO_LARGE},
      {"a flood", [](const Seen&) { return Answer().respond(200, std::string(size_t{2} << 20, 'a')); },
       Code::kTOKEN_TOO_LARGE},
      {"half of it",
       [&](const Seen& seen) {
         return Answer().respond(200, lists + vendor.time(seen.body), {{"Content-Length", "999999"}}).close();
       },
       Code::kNET_OFFLINE},
      {"no HTTP", [](const Seen&) { return Answer().send("SMTP ready\r\n\r\n").close(); },
       Code::kSERVER_ERROR},
      {"payment", [](const Seen&) { return Answer(402); }, Code::kEXPIRED},
      {"failure", [](const Seen&) { return Answer(500); }, Code::kSERVER_ERROR},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      origin.on("*", "/license/sync", row.answer);
      BOOST_TEST(license_code_of(online->sync().error()) == row.code);
      BOOST_TEST(verdict().code == Code::kOK);
      BOOST_TEST(verdict().sku == "pro");
    }
  }
  origin.on("*", "/license/sync", [&](const Seen& seen) {
    last_answer = answer_to(call_of(seen), plan());
    return Answer(200, last_answer);
  });
  require(online->sync());
  origin.on("*", "/license/sync", [&](const Seen&) { return Answer(200, last_answer); });
  BOOST_TEST(code_of(online->sync()) == Code::kREQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(a_redirect_is_not_followed_with_a_token) {
  Origin elsewhere;
  elsewhere.on("*", "/steal", [](const Seen&) { return Answer(200); });
  origin.on("*", "/license/activate",
            [&](const Seen&) { return Answer::redirect(elsewhere.url("/steal"), 307); });
  BOOST_TEST(!online->activate({.license_key = {}, .note = {}, .account_token = as_bytes("tok")}).ok());
  BOOST_TEST(elsewhere.seen().empty());
}

BOOST_AUTO_TEST_CASE(a_server_that_asks_to_wait_is_believed) {
  origin.on("*", "/license/sync", [](const Seen&) { return Answer(429, "", {{"Retry-After", "120"}}); });
  const auto result = online->sync();
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(license_code_of(result.error()) == Code::kRATE_LIMITED);
  BOOST_TEST(result.error().code == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(retry_after_of(result.error()).value_or(0) > 60'000);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_costs_the_configured_time) {
  origin.on("*", "/license/sync", [](const Seen&) { return Answer().stall(); });
  connect(origin.url("/license"), 300);
  open();
  const auto result = online->sync();
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(license_code_of(result.error()) == Code::kNET_TIMEOUT);
  BOOST_TEST(check() == Code::kOK);
}

BOOST_AUTO_TEST_CASE(nobody_there) {
  uint16_t port = 0;
  {
    const Origin gone;
    port = gone.port();
  }
  connect("http://127.0.0.1:" + std::to_string(port) + "/license", 20'000);
  open();
  const auto result = online->sync();
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(license_code_of(result.error()) == Code::kNET_OFFLINE);
  BOOST_TEST(result.error().code == ErrorCode::kNETWORK);
}

BOOST_AUTO_TEST_CASE(stopping_ends_what_waits_and_what_comes) {
  origin.on("*", "/license/sync", [](const Seen&) { return Answer().stall(); });
  std::thread waiting([&] { BOOST_TEST(!online->sync().ok()); });
  origin.wait_for(1);
  BOOST_TEST(check() == Code::kOK);
  online->stop();
  waiting.join();
  BOOST_TEST(error_of(online->sync()) == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
