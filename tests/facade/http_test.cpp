// The API client through the facade.
#include "http_origin.hpp"

#include <boost/test/unit_test.hpp>
#include <future>
#include <stdexcept>
#include <string>
#include <tessera/tessera.hpp>
#include <utility>
#include <vector>

#include "given.hpp"
#include "vendor_and_machine.hpp"

namespace tessera::facade_test {
namespace {

using test::Answer;
using test::Origin;
using test::Seen;

struct Served {
  Origin origin;
  HttpClient open() const { return HttpClient::open({.base_url = origin.url("/")}); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http, Served)

BOOST_AUTO_TEST_CASE(a_page_in_one_line) {
  origin.on("GET", "/products", [](const Seen& seen) {
    return Answer(200, seen.target, {{"X-Total", "1"}, {"Cache-Control", "max-age=600"}});
  });
  const HttpClient http = open();
  const HttpResponse page =
      http.get("/products", {.query = {{"q", "capa"}}, .cache = max_age(std::chrono::hours(1))});
  BOOST_TEST(page.ok());
  BOOST_TEST(page.body() == "/products?q=capa");
  BOOST_TEST(page.header("x-total").value() == "1");
  BOOST_TEST(!page.header("x-none"));
  BOOST_TEST(page.url() == origin.url("/products?q=capa"));
  BOOST_TEST(page.version() == 11);
  BOOST_TEST(page.attempts() == 1);
  BOOST_TEST(!page.from_cache());
  BOOST_TEST(page.headers().size() >= 2U);
  BOOST_TEST(page.time(HttpPhase::kEnded).count() > 0);
  BOOST_TEST(!page.problem());
  BOOST_TEST(http.get("/products", {.query = {{"q", "capa"}}}).from_cache());
  BOOST_TEST(http.get("/products", {.query = {{"q", "none"}}, .cache = only_if_cached()}).status() == 504);
  BOOST_TEST(!http.get("/products", {.query = {{"q", "capa"}}, .cache = no_store()}).from_cache());
  BOOST_TEST(!http.get("/products", {.query = {{"q", "capa"}}, .cache = refresh_cached()}).from_cache());
}

BOOST_AUTO_TEST_CASE(every_method_and_its_body) {
  origin.on("*", "/thing", [](const Seen& seen) {
    return Answer(seen.method == "DELETE" ? 204 : 200,
                  seen.method + " " + seen.header("Content-Type") + " " + seen.body);
  });
  const HttpClient http = open();
  BOOST_TEST(http.post("/thing", {.json = R"({"a":1})"}).body() == R"(POST application/json {"a":1})");
  BOOST_TEST(http.put("/thing", {.headers = {{"Content-Type", "text/plain"}}, .body = "x"}).body() ==
             "PUT text/plain x");
  BOOST_TEST(http.patch("/thing").body() == "PATCH  ");
  BOOST_TEST(http.head("/thing").body().empty());
  BOOST_TEST(http.remove("/thing").status() == 204);
  BOOST_TEST(http.send("OPTIONS", "/thing").body() == "OPTIONS  ");
}

BOOST_AUTO_TEST_CASE(errors_are_values_or_exceptions) {
  const HttpClient http = HttpClient::open({.retry = HttpRetry{.max_attempts = 1}});
  const std::string nobody = "http://127.0.0.1:1/";
  BOOST_CHECK_EXCEPTION(http.get(nobody), Error, [](const Error& e) {
    return e.code() == ErrorCode::kNetwork && e.domain() == "http" && e.retryable();
  });
  const Expected<HttpResponse> failed = http.try_send("GET", nobody);
  BOOST_REQUIRE(!failed);
  BOOST_TEST((failed.error().code() == ErrorCode::kNetwork));
  BOOST_CHECK_EXCEPTION(HttpClient::open({.base_url = "nonsense"}), Error,
                        [](const Error& e) { return e.code() == ErrorCode::kArg; });
}

BOOST_AUTO_TEST_CASE(in_the_background) {
  origin.on("GET", "/a", [](const Seen&) { return Answer(200, "a"); });
  origin.on("GET", "/never", [](const Seen&) { return Answer().stall(); });
  HttpClient http = open();
  const auto got = result_of<HttpResponse>([&](auto done) { return http.send_async("GET", "/a", {}, done); });
  BOOST_TEST(got->body() == "a");
  Given<HttpResponse> given;
  Operation running = http.send_async("GET", "/never", {}, given.completion());
  static_cast<void>(origin.wait_for(2));
  running.cancel();
  running.wait();
  BOOST_TEST((given.take().error().code() == ErrorCode::kCancelled));
  BOOST_TEST(result_of<void>([&](auto done) { return http.close_async(kCloseTimeout, done); }).has_value());
  http.close();
  BOOST_TEST((http.try_send("GET", "/a").error().code() == ErrorCode::kState));
}

BOOST_AUTO_TEST_CASE(what_the_policies_did) {
  origin.on("GET", "/shaky", [](const Seen& seen) { return Answer(seen.number == 1 ? 503 : 200); });
  origin.on("GET", "/bad", [](const Seen&) {
    return Answer(400, R"({"title":"No"})", {{"Content-Type", "application/problem+json"}});
  });
  HttpClient http =
      HttpClient::open({.base_url = origin.url("/"),
                        .retry = HttpRetry{.transient_base = std::chrono::milliseconds(1)},
                        .limiter = HttpLimiter{.rate = 1000, .per = RatePeriod::kSecond, .burst = 100},
                        .routes = {{.match = "GET /shaky", .name = "shaky"}}});
  int lines = 0;
  const Subscription log = http.on_log(LogLevel::kTrace, [&](const LogRecord&) { ++lines; });
  const HttpResponse page = http.get("/shaky", {.trace = true});
  BOOST_TEST(page.attempts() == 2);
  bool has_retry = false;
  for (const HttpTrace& event : page.trace()) has_retry = has_retry || event.stage == "retry";
  BOOST_TEST(has_retry);
  BOOST_TEST(http.get("/bad").problem()->title == "No");
  BOOST_TEST(http.metrics_json().find("shaky") != std::string::npos);
  BOOST_TEST(http.metrics_prometheus().find("shaky") != std::string::npos);
  http.close();
  BOOST_TEST(lines >= 2);
}

BOOST_AUTO_TEST_CASE(configurations_are_what_the_library_reads) {
  const std::chrono::milliseconds time(1500);
  const HttpConfig all{
      .base_url = "https://api.example.com/v1",
      .headers = {{"X-App", "1"}},
      .timeouts = HttpTimeouts{time, time, time, time, 10},
      .retry = HttpRetry{2, time, time, time, time, time, time, 1, std::vector<std::int32_t>{451}},
      .budget = HttpRetryBudget{20, 100},
      .breaker = HttpBreaker{BreakerPreset::kSafetySwitch, true, 3, 50, 10, time, time, time, 1, time, true},
      .connectivity = HttpConnectivity{true, time, time, time, time},
      .limiter = HttpLimiter{10, RatePeriod::kMinute, 5, 100, HttpSpacing{time, time}},
      .idempotency = HttpIdempotency{true, "Idempotency-Key"},
      .proxies = HttpProxies{{"socks5h://proxy:1080"}, ProxyMode::kSticky, {"example.com"}, time, time},
      .sizes = HttpSizes{1, 2, 3, 4096, 5, 6},
      .pool = HttpPool{4, time},
      .routes = {{"GET /a", "a", 1, time, time, HttpLimiter{}, true, true}},
      .cache = HttpCache{true, std::chrono::seconds(60), 10, false, 1000},
      .tls = HttpTls{.min_version = TlsVersion::k12},
      .hosts = {{"*.example.com", HttpTls{.min_version = TlsVersion::k13}}},
      .internal_hosts = {"backend"},
      .user_agent = "player/2.1",
      .request_id_header = "X-Request-Id",
      .trace_spans = true,
      .queue_marks = std::vector<std::int32_t>{10, 100},
      .max_hosts = 64};
  const Expected<HttpClient> opened = HttpClient::try_open(all, {{"proxy:proxy:1080", "ana:secret"}});
  BOOST_TEST(opened.has_value(), (opened ? "" : opened.error().what()));
}

BOOST_AUTO_TEST_CASE(attempts_are_seen_and_signed) {
  origin.on("POST", "/signed", [](const Seen& seen) { return Answer(seen.number == 1 ? 503 : 201); });
  HttpClient http = HttpClient::open({.base_url = origin.url("/"),
                                      .retry = HttpRetry{.transient_base = std::chrono::milliseconds(1),
                                                         .throttle_base = std::chrono::milliseconds(1)}});
  std::vector<std::int32_t> statuses;
  Subscription signer =
      http.on_attempt({.before =
                           [](HttpAttempt& attempt) {
                             const std::string seen(attempt.header("X-Call").value_or("none"));
                             attempt.remove_header("X-Call");
                             attempt.set_header("X-Signature", seen + std::string(attempt.method()) +
                                                                   std::string(attempt.body().value()) +
                                                                   std::to_string(attempt.number()));
                             if (attempt.headers().empty()) throw std::runtime_error("no field");
                           },
                       .after = [&](const HttpHead& head) { statuses.push_back(head.status); },
                       .signer = true});
  const Subscription namer =
      http.on_attempt({.before = [](HttpAttempt& attempt) { attempt.set_header("X-Call", "call"); }});
  const HttpResponse page =
      http.post("/signed", {.body = "=body", .max_attempts = 2, .idempotency_key = "once"});
  BOOST_TEST(page.status() == 201);
  BOOST_TEST(origin.wait_for(1).header("X-Signature") == "callPOST=body1");
  BOOST_TEST(origin.wait_for(2).header("X-Signature") == "callPOST=body2");
  BOOST_TEST(origin.wait_for(2).count("X-Call") == 0U);
  BOOST_TEST((statuses == std::vector<std::int32_t>{503, 201}));
  signer.cancel();
  http.post("/signed");
  BOOST_TEST(origin.wait_for(3).count("X-Signature") == 0U);
  const Subscription guard =
      http.on_attempt({.before = [](HttpAttempt&) { throw std::runtime_error("not now"); }});
  BOOST_TEST((http.try_send("POST", "/signed").error().code() == ErrorCode::kCallback));
  BOOST_TEST((http.try_on_attempt({}).error().code() == ErrorCode::kArg));
}

BOOST_AUTO_TEST_CASE(it_tells_what_changes_and_how_it_stands) {
  origin.on("GET", "/down", [](const Seen&) { return Answer(500); });
  HttpClient http =
      HttpClient::open({.base_url = origin.url("/"),
                        .retry = HttpRetry{.max_attempts = 1},
                        .breaker = HttpBreaker{.preset = BreakerPreset::kSafetySwitch, .max_failures = 1}});
  std::promise<std::string> opened;
  bool has_opened = false;
  const Subscription events = http.on_event([&](const HttpClientEvent& event) {
    if (event.kind != HttpEventKind::kBreaker || event.state != "open" || std::exchange(has_opened, true))
      return;
    // Other functions may be called from here, also those that wait.
    opened.set_value(std::string(event.subject) + (event.until ? " rests " : " ") + http.state_json());
  });
  static_cast<void>(http.get("/down"));
  const std::string told = opened.get_future().get();
  BOOST_TEST(told.find("http://127.0.0.1:") == 0U);
  BOOST_TEST(told.find(" rests ") != std::string::npos);
  BOOST_TEST(told.find(R"("state":"open")") != std::string::npos);
  BOOST_TEST((http.try_send("GET", "/down").error().code() == ErrorCode::kUnavailable));
  http.reset_breaker("127.0.0.1");
  BOOST_TEST(http.get("/down").status() == 500);
  http.network_changed();
  http.close();
  BOOST_TEST((http.try_state_json().error().code() == ErrorCode::kState));
  BOOST_TEST((http.try_reset_breaker().error().code() == ErrorCode::kState));
  BOOST_TEST((http.try_network_changed().error().code() == ErrorCode::kState));
}

BOOST_AUTO_TEST_CASE(an_application_has_one) {
  origin.on("GET", "/products", [](const Seen&) { return Answer(200, "list"); });
  VendorAndMachine machine;
  AppConfig config = machine.config();
  config.gateway = origin.url("/");
  config.http = HttpConfig{.headers = {{"X-App", "7"}}};
  App app = App::open(config);
  BOOST_TEST(app.http().get("/products").body() == "list");
  BOOST_TEST(origin.wait_for(1).header("X-App") == "7");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
