// The API client over the C ABI: what goes out, what comes back, and what is told when nothing does.
#include "http_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "fault_proxy.hpp"
#include "machine.hpp"

namespace tessera::test {

BOOST_FIXTURE_TEST_SUITE(http, HttpFixture)

BOOST_AUTO_TEST_CASE(a_request_arrives_as_it_was_given) {
  origin.on("*", "/users", [](const Seen&) { return Answer(201, "made", {{"X-Id", "7"}, {"x-id", "8"}}); });
  const Http http = open_http();
  const tsr_pair query[] = {{TSR_LIT("q"), TSR_LIT("a b&c")}, {TSR_LIT("n"), TSR_LIT("")}};
  const tsr_pair headers[] = {{TSR_LIT("Accept"), TSR_LIT("text/plain")}};
  tsr_http_request what = request("/users?first=1");
  what.method = TSR_LIT("POST");
  what.query = query;
  what.query_count = 2;
  what.headers = headers;
  what.header_count = 1;
  what.body = "{}";
  what.body_len = 2;
  what.idempotency_key = TSR_LIT("once");
  const HttpResponse response = send(http, what);
  BOOST_TEST(tsr_http_response_status(response.get()) == 201);
  BOOST_TEST(body_of(response) == "made");
  BOOST_TEST(text_of(tsr_http_response_header(response.get(), TSR_LIT("X-ID"))) == "7");
  BOOST_TEST(text_of(tsr_http_response_header(response.get(), TSR_LIT("X-None"))) == "(absent)");
  BOOST_TEST(text_of(tsr_http_response_url(response.get())) == origin.url("/users?first=1&q=a%20b%26c&n="));
  BOOST_TEST(tsr_http_response_version(response.get()) == 11);
  BOOST_TEST(tsr_http_response_attempts(response.get()) == 1);
  BOOST_TEST(tsr_http_response_from_cache(response.get()) == 0);
  BOOST_TEST(tsr_http_response_time_us(response.get(), TSR_HTTP_ENDED) > 0);
  BOOST_TEST(tsr_http_response_time_us(response.get(), 99) == 0);
  size_t count = 0;
  const tsr_pair* const fields = tsr_http_response_headers(response.get(), &count);
  std::vector<std::string> ids;
  for (size_t i = 0; i < count; ++i) {
    if (text_of(fields[i].name) == "X-Id" || text_of(fields[i].name) == "x-id") {
      ids.push_back(text_of(fields[i].value));
    }
  }
  BOOST_TEST((ids == std::vector<std::string>{"7", "8"}));
  const Seen seen = origin.wait_for(1);
  BOOST_TEST(seen.method == "POST");
  BOOST_TEST(seen.target == "/users?first=1&q=a%20b%26c&n=");
  BOOST_TEST(seen.header("Accept") == "text/plain");
  BOOST_TEST(seen.header("Idempotency-Key") == "once");
  BOOST_TEST(seen.body == "{}");
}

BOOST_AUTO_TEST_CASE(a_request_says_whose_it_is) {
  origin.on("GET", "/", [](const Seen&) { return Answer(200); });
  const Http http = open_http({{"base_url", origin.url("/")},
                               {"user_agent", "player/2.1"},
                               {"request_id_header", "X-Request-Id"},
                               {"trace_spans", true},
                               {"max_hosts", 8}});
  static_cast<void>(get(http, "/"));
  static_cast<void>(get(http, "/"));
  const Seen first = origin.wait_for(1), second = origin.wait_for(2);
  BOOST_TEST(first.header("User-Agent").find("player/2.1 tessera/") == 0U);
  BOOST_TEST(!first.header("X-Request-Id").empty());
  BOOST_TEST(first.header("X-Request-Id") != second.header("X-Request-Id"));
  BOOST_TEST(first.header("traceparent").size() == 55U);
  const Http plain = open_http();
  static_cast<void>(get(plain, "/"));
  BOOST_TEST(origin.wait_for(3).count("X-Request-Id") == 0U);
  BOOST_TEST(origin.wait_for(3).count("traceparent") == 0U);
}

BOOST_AUTO_TEST_CASE(a_path_is_below_the_base_url) {
  origin.on("GET", "/api/v1/users", [](const Seen&) { return Answer(200, "below"); });
  origin.on("GET", "/elsewhere", [](const Seen&) { return Answer(200, "absolute"); });
  const Http http = open_http({{"base_url", origin.url("/api/v1")}});
  BOOST_TEST(body_of(get(http, "/users")) == "below");
  BOOST_TEST(body_of(get(http, "users")) == "below");
  BOOST_TEST(body_of(get(http, origin.url("/elsewhere"))) == "absolute");
}

BOOST_AUTO_TEST_CASE(an_error_of_the_server_is_a_response) {
  origin.on("GET", "/bad", [](const Seen&) {
    return Answer(422, R"({"type":"https://e.example/p","title":"No","detail":"none left","left":0})",
                  {{"Content-Type", "application/problem+json; charset=utf-8"}});
  });
  const Http http = open_http();
  const HttpResponse response = get(http, "/bad");
  BOOST_TEST(tsr_http_response_status(response.get()) == 422);
  tsr_http_problem problem;
  BOOST_REQUIRE(tsr_http_response_problem(response.get(), &problem) == 1);
  BOOST_TEST(text_of(problem.type) == "https://e.example/p");
  BOOST_TEST(text_of(problem.title) == "No");
  BOOST_TEST(text_of(problem.detail) == "none left");
  BOOST_TEST(text_of(problem.instance) == "(absent)");
  BOOST_TEST(text_of(problem.extensions_json) == R"({"left":0})");
  BOOST_TEST(problem.status == 0);
  const HttpResponse other = get(http, "/none");
  BOOST_TEST(tsr_http_response_status(other.get()) == 404);
  BOOST_TEST(tsr_http_response_problem(other.get(), &problem) == 0);
  BOOST_TEST(text_of(problem.type) == "(absent)");
}

BOOST_AUTO_TEST_CASE(it_is_tried_again_and_tells_how_often) {
  origin.on("GET", "/shaky", [](const Seen& seen) { return Answer(seen.number < 3 ? 503 : 200); });
  const Http http = open_http(
      {{"base_url", origin.url("/")}, {"retry", {{"transient_base_ms", 1}, {"throttle_base_ms", 1}}}});
  tsr_http_request what = request("/shaky");
  what.flags = TSR_HTTP_TRACE;
  const HttpResponse response = send(http, what);
  BOOST_TEST(tsr_http_response_status(response.get()) == 200);
  BOOST_TEST(tsr_http_response_attempts(response.get()) == 3);
  size_t count = 0;
  const tsr_http_trace* const trace = tsr_http_response_trace(response.get(), &count);
  size_t retries = 0;
  for (size_t i = 0; i < count; ++i) retries += text_of(trace[i].stage) == "retry" ? 1U : 0U;
  BOOST_TEST(retries == 2U);
  BOOST_TEST((tsr_http_response_trace(get(http, "/shaky").get(), &count) == nullptr));
  what.max_attempts = 1;
  origin.on("GET", "/shaky", [](const Seen&) { return Answer(503); });
  BOOST_TEST(tsr_http_response_attempts(send(http, what).get()) == 1);
}

BOOST_AUTO_TEST_CASE(the_cache_answers_when_it_may) {
  origin.on("GET", "/fresh", [](const Seen& seen) {
    return Answer(200, std::to_string(seen.number), {{"Cache-Control", "max-age=600"}});
  });
  const Http http = open_http();
  BOOST_TEST(body_of(get(http, "/fresh")) == "1");
  const HttpResponse again = get(http, "/fresh");
  BOOST_TEST(body_of(again) == "1");
  BOOST_TEST(tsr_http_response_from_cache(again.get()) == 1);
  BOOST_TEST(tsr_http_response_attempts(again.get()) == 0);
  tsr_http_request what = request("/fresh");
  what.cache_partition = TSR_LIT("ana");
  BOOST_TEST(body_of(send(http, what)) == "2");
  what = request("/fresh");
  what.cache = TSR_HTTP_CACHE_REFRESH;
  BOOST_TEST(body_of(send(http, what)) == "3");
  what.cache = TSR_HTTP_CACHE_NO_STORE;
  BOOST_TEST(body_of(send(http, what)) == "4");
  what.cache = TSR_HTTP_CACHE_ONLY_IF_CACHED;
  BOOST_TEST(body_of(send(http, what)) == "3");
  what.url = TSR_LIT("/none");
  BOOST_TEST(tsr_http_response_status(send(http, what).get()) == 504);
}

BOOST_AUTO_TEST_CASE(a_redirect_is_followed_unless_told_otherwise) {
  origin.on("GET", "/from", [](const Seen&) { return Answer::redirect("/to"); });
  origin.on("GET", "/to", [](const Seen&) { return Answer(200, "there"); });
  const Http http = open_http();
  const HttpResponse followed = get(http, "/from");
  BOOST_TEST(body_of(followed) == "there");
  BOOST_TEST(text_of(tsr_http_response_url(followed.get())) == origin.url("/to"));
  tsr_http_request what = request("/from");
  what.max_redirects = -1;
  BOOST_TEST(tsr_http_response_status(send(http, what).get()) == 302);
}

BOOST_AUTO_TEST_CASE(what_never_came_is_an_error_that_says_why) {
  FaultProxy proxy(origin.port());
  const std::string base = "http://127.0.0.1:" + std::to_string(proxy.port());
  const Http http = open_http({{"base_url", base}, {"retry", {{"transient_base_ms", 1}}}});
  const tsr_http_request what = request("/?token=hunter2");
  HttpResponse response;
  Failure failure;
  proxy.set_door(Door::kRefused);
  BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), failure.out()) == TSR_E_NETWORK);
  BOOST_TEST(!response);
  BOOST_TEST(tsr_error_retryable(failure.get()) == 1);
  BOOST_TEST(std::string(tsr_error_domain(failure.get())) == "http");
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("hunter2") == std::string::npos);
  BOOST_TEST(nlohmann::json::parse(tsr_error_detail(failure.get())).at("attempts") == 3);
  proxy.set_door(Door::kGarbage);
  BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), nullptr) == TSR_E_PROTOCOL);
  proxy.set_door(Door::kBlackhole);
  tsr_http_request short_lived = what;
  short_lived.total_ms = 50;
  BOOST_TEST(tsr_http_send(http.get(), &short_lived, response.out(), nullptr) == TSR_E_TIMEOUT);
}

BOOST_AUTO_TEST_CASE(a_breaker_that_is_open_says_when_to_come_back) {
  origin.on("GET", "/down", [](const Seen&) { return Answer(500); });
  const Http http = open_http(
      {{"base_url", origin.url("/")}, {"retry", {{"max_attempts", 1}}}, {"breaker", {{"max_failures", 2}}}});
  get(http, "/down");
  get(http, "/down");
  tsr_http_request what = request("/down");
  HttpResponse response;
  Failure failure;
  BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), failure.out()) == TSR_E_UNAVAILABLE);
  BOOST_TEST(nlohmann::json::parse(tsr_error_detail(failure.get())).at("retry_after_ms").get<int64_t>() > 0);
  what.flags = TSR_HTTP_SKIP_BREAKER;
  BOOST_TEST(tsr_http_response_status(send(http, what).get()) == 500);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_known_is_not_trusted) {
  const Authority authority;
  Origin secure(OriginTls{.identity = authority.issue()});
  secure.on("GET", "/", [](const Seen&) { return Answer(200, "secret"); });
  const std::string url = secure.url("/");
  const tsr_http_request what = request(url);
  HttpResponse response;
  Failure failure;
  const Http stranger = open_http(nlohmann::json::object());
  BOOST_TEST(tsr_http_send(stranger.get(), &what, response.out(), failure.out()) == TSR_E_UNTRUSTED);
  BOOST_TEST(tsr_error_retryable(failure.get()) == 0);
  const TempDir folder;
  std::ofstream(folder / "ca.pem") << authority.certificate();
  const Http friendly = open_http({{"tls", {{"ca_file", folder / "ca.pem"}}}});
  BOOST_TEST(body_of(send(friendly, what)) == "secret");
}

BOOST_AUTO_TEST_CASE(a_client_certificate_takes_its_key_from_the_caller) {
  const Authority authority;
  const Identity ana = authority.issue({.name = "ana"});
  Origin secure(OriginTls{.identity = authority.issue(), .client_authority = authority.certificate()});
  secure.on("GET", "/", [](const Seen& seen) { return Answer(200, seen.client); });
  const TempDir folder;
  std::ofstream(folder / "ca.pem") << authority.certificate();
  std::ofstream(folder / "ana.pem") << ana.certificate;
  const std::string json =
      nlohmann::json{{"tls", {{"ca_file", folder / "ca.pem"}, {"certificate_file", folder / "ana.pem"}}}}
          .dump();
  Http http;
  Failure failure;
  BOOST_TEST(tsr_http_open(str(json), nullptr, http.out(), failure.out()) == TSR_E_ARG);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("\"private_key\"") != std::string::npos);
  const tsr_http_secret secrets[] = {{TSR_LIT("private_key"), ana.key.data(), ana.key.size()},
                                     {TSR_LIT("proxy:none:1"), "x", 1}};
  tsr_http_opts opts;
  tsr_http_opts_init(&opts, sizeof(opts));
  opts.secrets = secrets;
  opts.secret_count = 2;
  BOOST_TEST(tsr_http_open(str(json), &opts, http.out(), failure.out()) == TSR_E_ARG);
  opts.secret_count = 1;
  require_ok(tsr_http_open(str(json), &opts, http.out(), failure.out()), failure);
  BOOST_TEST(body_of(get(http, secure.url("/"))) == "ana");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_configured_is_told_by_name) {
  struct Row {
    const char* json;
    const char* names;
  };
  const Row rows[] = {
      {"[]", "JSON object"},
      {R"({"base_url":"ftp://x"})", "base_url"},
      {R"({"base_url":"https://x/?q=1"})", "base_url"},
      {R"({"baseurl":"https://x"})", "baseurl"},
      {R"({"timeouts":{"total_ms":-1}})", "total_ms"},
      {R"({"token":"hunter2"})", "token"},
      {R"({"headers":{"Authorization":"Bearer hunter2"}})", "Authorization"},
      {R"({"headers":{"X":"hunter2\r\nY: 1"}})", "headers"},
      {R"({"proxies":{"urls":["http://ana:hunter2@proxy:1"]}})", "urls"},
      {R"({"tls":{"pins":["sha256/hunter2"]}})", "pins"},
      {R"({"tls":{"min_version":"1.1"}})", "min_version"},
      {R"({"tls":{"ca_file":"/does/not/exist.pem"}})", "ca_file"},
      {R"({"hosts":[{"match":"x"}]})", "tls"},
      {R"({"cache":{"heuristic_percent":101}})", "heuristic_percent"},
      {R"({"user_agent":"hunter2\r\nY: 1"})", "user_agent"},
      {R"({"request_id_header":"not a name: hunter2"})", "request_id_header"},
      {R"({"trace_spans":1})", "trace_spans"},
      {R"({"queue_marks":[0]})", "queue_marks"},
      {R"({"queue_marks":18446744073709551615})", "queue_marks"},
      {R"({"queue_marks":[18446744073709551615]})", "queue_marks"},
      {R"({"max_hosts":0})", "max_hosts"},
  };
  for (const Row& row : rows) {
    Http http;
    Failure failure;
    BOOST_TEST_CONTEXT(row.json) {
      BOOST_TEST(tsr_http_open(tsr_str_of(row.json), nullptr, http.out(), failure.out()) == TSR_E_ARG);
      const std::string text = tsr_error_text(failure.get());
      BOOST_TEST(text.find(row.names) != std::string::npos, text);
      BOOST_TEST(text.find("hunter2") == std::string::npos, text);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_can_not_be_sent_is_told_before_it_is) {
  const Http http = open_http();
  const auto status_of = [&](const tsr_http_request& what) {
    HttpResponse response;
    return tsr_http_send(http.get(), &what, response.out(), nullptr);
  };
  tsr_http_request what = request();
  what.flags = 1U << 31U;
  BOOST_TEST(status_of(what) == TSR_E_ARG);
  what = request();
  what.cache = 9;
  BOOST_TEST(status_of(what) == TSR_E_ARG);
  what = request();
  what.struct_size = 8;
  BOOST_TEST(status_of(what) == TSR_E_ARG);
  what = request();
  what.max_redirects = -2;
  BOOST_TEST(status_of(what) == TSR_E_ARG);
  const tsr_pair bad[] = {{TSR_LIT("X"), TSR_LIT("a\r\nInjected: 1")}};
  what = request();
  what.headers = bad;
  what.header_count = 1;
  BOOST_TEST(status_of(what) == TSR_E_ARG);
  what = request();
  what.method = TSR_LIT("GET /x HTTP/1.1\r\nA: b\r\n\r\nGET");
  BOOST_TEST(status_of(what) == TSR_E_ARG);
  what.method = TSR_LIT("CONNECT");
  BOOST_TEST(status_of(what) == TSR_E_ARG);
  BOOST_TEST(status_of(request("http://example.com/")) == TSR_E_ARG);  // plain, and not of this machine
  BOOST_TEST(origin.seen().empty());
}

BOOST_AUTO_TEST_CASE(counters_tell_of_each_route) {
  origin.on("GET", "/users/7", [](const Seen&) { return Answer(200); });
  const Http http =
      open_http({{"base_url", origin.url("/")}, {"routes", {{{"match", "GET /users/*"}, {"name", "user"}}}}});
  get(http, "/users/7");
  const auto metrics = [&](int32_t format) {
    return made_text(
        [&](tsr_buf* out, tsr_error** err) { return tsr_http_metrics(http.get(), format, out, err); });
  };
  BOOST_TEST(nlohmann::json::parse(metrics(TSR_HTTP_METRICS_JSON)).dump().find("\"user\"") !=
             std::string::npos);
  BOOST_TEST(metrics(TSR_HTTP_METRICS_PROMETHEUS).find("route=\"user\"") != std::string::npos);
  Buffer out;
  BOOST_TEST(tsr_http_metrics(http.get(), 7, out.out(), nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(a_call_is_logged_without_its_secrets) {
  origin.on("GET", "/me", [](const Seen&) { return Answer(200); });
  const Http http = open_http();
  std::string lines;
  Subscription log;
  Failure failure;
  const auto sink = [](void* user, int32_t, tsr_str area, tsr_str event, tsr_str message, tsr_str fields) {
    auto& out = *static_cast<std::string*>(user);
    for (const tsr_str part : {area, event, message, fields}) out.append(part.data, part.len).append(" ");
    out.append("\n");
  };
  require_ok(tsr_http_on_log(http.get(), TSR_LOG_TRACE, sink, &lines, nullptr, log.out(), failure.out()),
             failure);
  const tsr_pair headers[] = {{TSR_LIT("Authorization"), TSR_LIT("Bearer hunter2")}};
  tsr_http_request what = request("/me?token=hunter2");
  what.headers = headers;
  what.header_count = 1;
  send(http, what);
  log = Subscription();
  BOOST_TEST(lines.find("http ") == 0U, lines);
  BOOST_TEST(lines.find("/me") != std::string::npos, lines);
  BOOST_TEST(lines.find("hunter2") == std::string::npos, lines);
}

BOOST_AUTO_TEST_CASE(a_closed_client_sends_nothing) {
  const Http http = open_http();
  get(http, "/");
  BOOST_TEST(tsr_http_close(http.get(), 1000, nullptr) == TSR_OK);
  BOOST_TEST(tsr_http_close(http.get(), 1000, nullptr) == TSR_OK);
  const tsr_http_request what = request();
  HttpResponse response;
  BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_application_has_one_client) {
  origin.on("GET", "/products", [](const Seen&) { return Answer(200, "list"); });
  Machine machine;
  nlohmann::json config = machine.vendor.config(machine.folder.path().string());
  config["gateway"] = origin.url("/");
  config["http"] = {{"retry", {{"max_attempts", 1}}}};
  App app;
  Failure failure;
  require_ok(tsr_app_open(str(config.dump()), app.out(), failure.out()), failure);
  Http first;
  Http second;
  require_ok(tsr_app_http(app.get(), nullptr, first.out(), failure.out()), failure);
  require_ok(tsr_app_http(app.get(), nullptr, second.out(), failure.out()), failure);
  BOOST_TEST(body_of(get(first, "/products")) == "list");
  BOOST_TEST(body_of(get(second, "/products")) == "list");
  BOOST_TEST(origin.connections() == 1);
  BOOST_TEST(tsr_app_close(app.get(), 1000, nullptr) == TSR_OK);
  const tsr_http_request what = request("/products");
  HttpResponse response;
  BOOST_TEST(tsr_http_send(first.get(), &what, response.out(), nullptr) == TSR_E_STATE);
  Http third;
  BOOST_TEST(tsr_app_http(app.get(), nullptr, third.out(), nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
