// What a server or network may do to a call (storage and API design, section c3).
#include "client_fixture.hpp"
#include "fault_proxy.hpp"
#include "slow_dns.hpp"

namespace tessera::http {

using namespace std::chrono_literals;
using test::Answer;
using test::FaultProxy;
using test::Origin;
using test::Seen;

namespace {

struct BadServerFixture : ClientFixture {
  BadServerFixture() {
    config.policies.retry.max_attempts = 1;
    config.policies.breaker.is_enabled = false;
  }
  Result<Response> ask(Answer answer) {
    origin.on("GET", "/", [answer](const Seen&) { return answer; });
    return get(origin.url("/"));
  }
  ErrorCode fails(Answer answer) {
    const Result<Response> response = ask(std::move(answer));
    BOOST_REQUIRE(!response.ok());
    BOOST_TEST_MESSAGE(response.error().detail_json);
    return response.error().code;
  }
  Origin origin;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bad_server, BadServerFixture)

BOOST_AUTO_TEST_CASE(connections_that_end_early) {
  BOOST_TEST(fails(Answer().reset()) == ErrorCode::kNETWORK);
  BOOST_TEST(fails(Answer().close()) == ErrorCode::kNETWORK);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345").close()) ==
             ErrorCode::kNETWORK);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345").reset()) ==
             ErrorCode::kNETWORK);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nContent-").close()) == ErrorCode::kNETWORK);
  BOOST_TEST(
      fails(Answer().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n").close()) ==
      ErrorCode::kNETWORK);
}

BOOST_AUTO_TEST_CASE(what_is_not_http) {
  BOOST_TEST(fails(Answer().send("SSH-2.0-OpenSSH_9.2\r\n").close()) == ErrorCode::kPROTOCOL);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n").close()) ==
             ErrorCode::kPROTOCOL);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nno colon\r\n\r\n").close()) == ErrorCode::kPROTOCOL);
  BOOST_TEST(fails(Answer(200, "not gzip", {{"Content-Encoding", "gzip"}})) == ErrorCode::kPROTOCOL);
}

BOOST_AUTO_TEST_CASE(lengths_that_are_wrong) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
  for (const std::string length :
       {"", "-1", "ten", "0x5", "99999999999999999999", "5\r\nContent-Length: 4"}) {
    BOOST_TEST_CONTEXT(length)
    BOOST_TEST(fails(Answer().send(head + length + "\r\n\r\n12345").close()) == ErrorCode::kPROTOCOL);
  }
  // What comes behind a body is not the answer to the next request.
  origin.on("GET", "/more", [head](const Seen&) {
    return Answer().send(head + "4\r\n\r\nmoreHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong");
  });
  origin.on("GET", "/next", [](const Seen&) { return Answer(200, "right"); });
  BOOST_TEST(text_of(get(origin.url("/more")).value()) == "more");
  BOOST_TEST(text_of(get(origin.url("/next")).value()) == "right");
}

BOOST_AUTO_TEST_CASE(chunks_that_are_wrong) {
  for (const std::string chunks : {"FFFFFFFFFFFFFFFFF\r\n", "FFFFFFFFFFFFFFFF\r\n", "-5\r\n12345\r\n",
                                   ";\r\n", "5\r\n12345xyz\r\n0\r\n\r\n"}) {
    BOOST_TEST_CONTEXT(chunks)
    BOOST_TEST(
        fails(Answer().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks).close()) ==
        ErrorCode::kPROTOCOL);
  }
}

BOOST_AUTO_TEST_CASE(a_line_of_the_head_may_have_90_kib_and_not_100) {
  const std::string most(size_t{90} << 10, 'x');
  const Response response = ask(Answer(200, "", {{"X-Long", most}})).value();
  BOOST_TEST(response.headers.get("x-long").value() == most);
  BOOST_TEST(fails(Answer(200, "", {{"X-Long", std::string(size_t{100} << 10, 'x')}})) == ErrorCode::kLIMIT);
}

BOOST_AUTO_TEST_CASE(answers_without_end) {
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\n").repeat("X-More: 1234567890\r\n")) ==
             ErrorCode::kLIMIT);
  BOOST_TEST(fails(Answer().repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")) == ErrorCode::kLIMIT);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\n\r\n").repeat(std::string(65536, 'x'))) ==
             ErrorCode::kLIMIT);
  BOOST_TEST(fails(Answer(200, test::gzip_zeros(size_t{30} << 20), {{"Content-Encoding", "gzip"}})) ==
             ErrorCode::kLIMIT);
  const ErrorCode long_line =
      fails(Answer().send("HTTP/1.1 200 OK\r\nX-Long: " + std::string(300'000, 'x') + "\r\n\r\n"));
  BOOST_TEST(long_line == ErrorCode::kLIMIT);
}

BOOST_AUTO_TEST_CASE(informational_answers_come_before_the_real_one) {
  const Response response =
      ask(Answer()
              .send("HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
              .respond(200, "real"))
          .value();
  BOOST_TEST(response.status == 200);
  BOOST_TEST(text_of(response) == "real");
  BOOST_TEST(!response.headers.has("x-hint"));
}

BOOST_AUTO_TEST_CASE(a_server_that_says_nothing_is_left) {
  config.policies.timeouts.attempt_ms = 200;
  BOOST_TEST(fails(Answer().stall()) == ErrorCode::kTIMEOUT);
}

BOOST_AUTO_TEST_CASE(a_body_that_stops_is_left) {
  config.policies.timeouts.attempt_ms = 0;
  config.policies.timeouts.total_ms = 0;
  config.policies.timeouts.stall_ms = 1'000;
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123").stall()) ==
             ErrorCode::kTIMEOUT);
}

BOOST_AUTO_TEST_CASE(nobody_listens) {
  FaultProxy proxy(origin.port());
  proxy.set_door(test::Door::kRefused);
  const Error error = get("http://127.0.0.1:" + std::to_string(proxy.port()) + "/").error();
  BOOST_TEST(error.code == ErrorCode::kNETWORK);
  BOOST_TEST(error.detail_json.find("\"failure\":\"connect\"") != std::string::npos);
  BOOST_TEST(error.detail_json.find("\"unsent\":true") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_deadline_holds_wherever_the_call_is) {
  FaultProxy proxy(origin.port());
  proxy.set_door(test::Door::kBlackhole);
  Request request;
  request.url = "http://127.0.0.1:" + std::to_string(proxy.port()) + "/";
  request.total_ms = 5'000;  // of the quick clock: 100 ms
  const Error error = perform(request).error();
  BOOST_TEST(error.code == ErrorCode::kTIMEOUT);
  BOOST_TEST(error.text.find("5000 ms") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_deadline_may_be_shorter_than_the_time_to_connect) {
  const test::SilentPort silent;
  Request request;
  request.url = "http://127.0.0.1:" + std::to_string(silent.port()) + "/";
  request.total_ms = 5'000;  // of the quick clock: 100 ms
  const Error error = perform(request).error();
  BOOST_TEST(error.code == ErrorCode::kTIMEOUT);
  BOOST_TEST(error.text.find("5000 ms") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_deadline_holds_while_a_name_is_looked_up) {
  test::SlowDns dns;
  dns.hold("slow.test");
  config.internal_hosts = {"slow.test"};
  Request request;
  request.url = "http://slow.test/";
  request.total_ms = 5'000;
  BOOST_TEST(code_of(request) == ErrorCode::kTIMEOUT);
  dns.release("slow.test");
}

BOOST_AUTO_TEST_CASE(a_slow_name_server_delays_nobody_else) {
  test::SlowDns dns;
  dns.hold("slow.test");
  config.internal_hosts = {"*.test"};
  config.policies.timeouts.total_ms = 0;
  origin.on("GET", "/", [](const Seen&) { return Answer(200, "ok"); });
  Pending slow;
  Request request;
  request.url = "http://slow.test:" + std::to_string(origin.port()) + "/";
  const std::shared_ptr<CallHandle> sent = client().send(request, slow).value();
  dns.wait_for_lookups("slow.test", 1);
  std::vector<Pending> others(100);
  for (Pending& other : others) {
    Request quick;
    quick.url = origin.url("/");
    BOOST_REQUIRE(client().send(quick, other).ok());
  }
  for (Pending& other : others) BOOST_TEST(other.wait()->status == 200);
  BOOST_TEST(!slow.is_done());
  sent->cancel();
  BOOST_TEST(slow.wait().error().code == ErrorCode::kCANCELLED);
  BOOST_TEST(client().close(60'000).ok());
  dns.release("slow.test");
}

BOOST_AUTO_TEST_CASE(names_that_are_none) {
  test::SlowDns dns;
  dns.fail("gone.test");
  config.internal_hosts = {"gone.test"};
  const Error error = get("http://gone.test/").error();
  BOOST_TEST(error.code == ErrorCode::kNETWORK);
  BOOST_TEST(error.detail_json.find("\"failure\":\"resolve\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_in_slices_are_put_together) {
  FaultProxy proxy(origin.port());
  test::Faults faults;
  faults.slice = 1;
  proxy.to_client(faults);
  origin.on("GET", "/", [](const Seen&) { return Answer::chunked({"one ", "two ", "three"}); });
  BOOST_TEST(text_of(get("http://127.0.0.1:" + std::to_string(proxy.port()) + "/").value()) ==
             "one two three");
}

BOOST_AUTO_TEST_CASE(a_poor_network_only_takes_time) {
  FaultProxy proxy(origin.port());
  test::Faults faults;
  faults.latency = 5ms;
  faults.bytes_per_second = 1'000'000;
  faults.slice = 1'000;
  proxy.to_server(faults);
  proxy.to_client(faults);
  origin.on("PUT", "/", [](const Seen& seen) { return Answer(200, seen.body); });
  Request request;
  request.method = "PUT";
  request.url = "http://127.0.0.1:" + std::to_string(proxy.port()) + "/";
  request.body.assign(50'000, 'x');
  request.total_ms = 0;
  const Bytes sent = request.body;
  BOOST_CHECK(perform(request)->body == sent);
}

BOOST_AUTO_TEST_CASE(a_network_that_breaks_off_in_either_direction) {
  config.policies.timeouts.total_ms = 0;
  origin.on("GET", "/", [](const Seen&) { return Answer(200, std::string(10'000, 'x')); });
  test::Faults ends, resets;
  ends.close_after = resets.reset_after = 30;  // within the request's head, and the response's
  for (const auto direction : {&FaultProxy::to_server, &FaultProxy::to_client}) {
    for (const test::Faults& faults : {ends, resets}) {
      FaultProxy proxy(origin.port());
      (proxy.*direction)(faults);
      BOOST_TEST(code_of("http://127.0.0.1:" + std::to_string(proxy.port()) + "/") == ErrorCode::kNETWORK);
    }
  }
}

BOOST_AUTO_TEST_CASE(cancelled_while_it_agrees_on_tls_waits_for_its_turn_or_is_not_read) {
  FaultProxy proxy(origin.port());
  proxy.set_door(test::Door::kBlackhole);
  const test::Authority authority;
  auto settings = std::make_shared<TlsSettings>();
  settings->ca_pem = to_bytes(authority.certificate());
  config.tls = settings;
  RouteConfig& slow = config.policies.routes.emplace_back();
  slow.match = "GET /turn";
  slow.name = "slow";
  slow.limiter.emplace();
  slow.limiter->rate = slow.limiter->burst = 1;
  slow.limiter->period_ms = 3'600'000;
  config.policies.timeouts.total_ms = 0;
  config.policies.timeouts.connect_ms = 600'000;
  origin.on("GET", "/turn", [](const Seen&) { return Answer(200); });
  origin.on_head("PUT", "/", [](const Seen&) { return Answer().stall(); });
  BOOST_TEST(get(origin.url("/turn"))->status == 200);
  Request secure, waiting, upload;
  secure.url = "https://127.0.0.1:" + std::to_string(proxy.port()) + "/";
  waiting.url = origin.url("/turn");
  upload.method = "PUT";
  upload.url = origin.url("/");
  upload.body.resize(size_t{8} << 20);
  std::vector<Pending> calls(3);
  std::vector<std::shared_ptr<CallHandle>> sent;
  for (Request* const request : {&secure, &waiting, &upload})
    sent.push_back(client().send(std::move(*request), calls[sent.size()]).value());
  origin.wait_for(2);  // the upload's head
  for (const auto& call : sent) call->cancel();
  for (Pending& call : calls) BOOST_TEST(call.wait().error().code == ErrorCode::kCANCELLED);
  BOOST_TEST(origin.seen().size() == 2U);
}

BOOST_AUTO_TEST_CASE(cancelled_in_every_state) {
  FaultProxy proxy(origin.port());
  proxy.set_door(test::Door::kBlackhole);
  origin.on("GET", "/stall", [](const Seen&) { return Answer().stall(); });
  origin.on("GET", "/body", [](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123").stall();
  });
  origin.on("GET", "/again", [](const Seen&) { return Answer(503); });
  config.policies.retry.max_attempts = 3;
  config.policies.retry.transient_base_ms = 20'000;
  config.policies.timeouts.total_ms = 0;
  for (const std::string& url : {"http://127.0.0.1:" + std::to_string(proxy.port()) + "/",
                                 origin.url("/stall"), origin.url("/body"), origin.url("/again")}) {
    BOOST_TEST_CONTEXT(url) {
      for (const auto wait : {0ms, 30ms}) {
        Pending pending;
        Request request;
        request.url = url;
        const std::shared_ptr<CallHandle> sent = client().send(request, pending).value();
        std::this_thread::sleep_for(wait);
        sent->cancel();
        sent->cancel();
        BOOST_TEST(pending.wait().error().code == ErrorCode::kCANCELLED);
        sent->cancel();
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
