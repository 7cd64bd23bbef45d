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
  BOOST_TEST(fails(Answer().reset()) == kNetwork);
  BOOST_TEST(fails(Answer().close()) == kNetwork);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345").close()) == kNetwork);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345").reset()) == kNetwork);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nContent-").close()) == kNetwork);
  BOOST_TEST(
      fails(Answer().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n").close()) ==
      kNetwork);
}

BOOST_AUTO_TEST_CASE(what_is_not_http) {
  BOOST_TEST(fails(Answer().send("SSH-2.0-OpenSSH_9.2\r\n").close()) == kProtocol);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n").close()) ==
             kProtocol);
  BOOST_TEST(fails(Answer().send("HTTP/1.1 200 OK\r\nno colon\r\n\r\n").close()) == kProtocol);
  BOOST_TEST(fails(Answer(200, "not gzip", {{"Content-Encoding", "gzip"}})) == kProtocol);
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
  BOOST_TEST(error.code == kNetwork);
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
  BOOST_TEST(error.code == kNetwork);
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
