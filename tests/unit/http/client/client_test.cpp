#include "client_fixture.hpp"

namespace tessera::http {

using test::Answer;
using test::Origin;
using test::Seen;

BOOST_FIXTURE_TEST_SUITE(client, ClientFixture)

BOOST_AUTO_TEST_CASE(a_request_arrives_as_it_was_made) {
  Origin origin;
  origin.on("POST", "/things", [](const Seen&) { return Answer(201, "made", {{"X-Id", "7"}}); });
  config.base_url = parse_url(origin.url("/")).value();
  config.headers.add("User-Agent", "app/1");
  Request request;
  request.method = "POST";
  request.url = "things?q=capa";
  request.headers = {{"Content-Type", "text/plain"}, {"X-Empty", ""}, {"X-One", "1"}};
  request.body = to_bytes("hello");
  const Result<Response> response = perform(request);
  BOOST_REQUIRE(response.ok());
  BOOST_TEST(response->status == 201);
  BOOST_TEST(text_of(*response) == "made");
  BOOST_TEST(response->headers.get("x-id").value() == "7");
  BOOST_TEST(response->attempts == 1);
  BOOST_TEST(response->url == origin.url("/things?q=capa"));
  const Seen seen = origin.wait_for(1);
  BOOST_TEST(seen.target == "/things?q=capa");
  BOOST_TEST(seen.body == "hello");
  BOOST_TEST(seen.header("content-type") == "text/plain");
  BOOST_TEST(seen.header("user-agent") == "app/1");
  BOOST_TEST(seen.header("x-one") == "1");
  BOOST_TEST(seen.count("x-empty") == 1U);
  BOOST_TEST(seen.count("expect") == 0U);
}

BOOST_AUTO_TEST_CASE(every_method_goes_out_under_its_name_and_leaves_no_trace) {
  Origin origin;
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    origin.on(method, "/x", [](const Seen& seen) { return Answer(200, seen.method); });
  }
  // Each after each, on the same handle.
  int number = 0;
  for (const char* first : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    for (const char* second : {"GET", "HEAD", "POST", "DELETE"}) {
      for (const std::string method : {first, second}) {
        Request request;
        request.method = method;
        request.url = origin.url("/x");
        if (method == "POST" || method == "PUT") request.body = to_bytes("b");
        const Response response = perform(request).value();
        BOOST_TEST(response.status == 200);
        BOOST_TEST(text_of(response) == (method == "HEAD" ? "" : method));
        const Seen seen = origin.wait_for(static_cast<size_t>(++number));
        BOOST_TEST(seen.method == method);
        BOOST_TEST(seen.body == (method == "POST" || method == "PUT" ? "b" : ""));
      }
    }
  }
  BOOST_TEST(origin.connections() == 1);
}

BOOST_AUTO_TEST_CASE(large_bodies_go_both_ways) {
  Origin origin;
  origin.on("PUT", "/echo", [](const Seen& seen) { return Answer(200, seen.body); });
  Request request;
  request.method = "PUT";
  request.url = origin.url("/echo");
  request.body.resize(size_t{5} << 20);
  for (size_t i = 0; i < request.body.size(); ++i) request.body[i] = static_cast<uint8_t>(i * 31);
  const Bytes sent = request.body;
  BOOST_CHECK(perform(request)->body == sent);
}

BOOST_AUTO_TEST_CASE(statuses_are_answers_and_no_errors) {
  Origin origin;
  origin.on("GET", "/gone", [](const Seen&) { return Answer(410, "gone"); });
  const Response response = get(origin.url("/gone")).value();
  BOOST_TEST(response.status == 410);
  BOOST_TEST(text_of(response) == "gone");
}

BOOST_AUTO_TEST_CASE(compressed_bodies_are_decoded) {
  Origin origin;
  origin.on("GET", "/z", [](const Seen& seen) {
    BOOST_TEST(seen.header("accept-encoding").find("gzip") != std::string::npos);
    return Answer(200, test::gzip("plain text"), {{"Content-Encoding", "gzip"}});
  });
  BOOST_TEST(text_of(get(origin.url("/z")).value()) == "plain text");
}

BOOST_AUTO_TEST_CASE(many_calls_at_once_share_the_connections) {
  Origin origin;
  origin.on("GET", "/n", [](const Seen& seen) { return Answer(200, seen.target); });
  std::vector<Pending> calls(200);
  for (size_t i = 0; i < calls.size(); ++i) {
    Request request;
    request.url = origin.url("/n?i=" + std::to_string(i));
    BOOST_REQUIRE(client().send(std::move(request), calls[i]).ok());
  }
  for (size_t i = 0; i < calls.size(); ++i) {
    BOOST_TEST(text_of(calls[i].wait().value()) == "/n?i=" + std::to_string(i));
  }
  BOOST_TEST(origin.connections() <= 8);
}

BOOST_AUTO_TEST_CASE(what_can_not_be_sent_is_refused_before_it_is) {
  Request request;
  request.url = "http://127.0.0.1:1/";
  request.headers.add("X-Name", "a\r\nInjected: b");
  BOOST_TEST(code_of(request) == ErrorCode::kARG);
  BOOST_TEST(code_of("not a url") == ErrorCode::kARG);
  BOOST_TEST(code_of("/relative") == ErrorCode::kARG);
  BOOST_TEST(code_of("ftp://example.com/") == ErrorCode::kARG);
  BOOST_TEST(code_of("ws://127.0.0.1/") == ErrorCode::kARG);
  BOOST_TEST(code_of("https://user:word@example.com/") == ErrorCode::kARG);
  BOOST_TEST(code_of("http://example.com/") == ErrorCode::kARG);  // plain HTTP, and not an internal host
}

BOOST_AUTO_TEST_CASE(a_closed_client_takes_no_calls_and_ends_those_that_run) {
  Origin origin;
  origin.on("GET", "/never", [](const Seen&) { return Answer().stall(); });
  Pending running;
  Request request;
  request.url = origin.url("/never");
  BOOST_REQUIRE(client().send(request, running).ok());
  origin.wait_for(1);
  BOOST_TEST(client().close(0).error().code == ErrorCode::kTIMEOUT);
  BOOST_TEST(running.wait().error().code == ErrorCode::kSTATE);
  BOOST_TEST(get(origin.url("/never")).error().code == ErrorCode::kSTATE);
  BOOST_TEST(client().close(0).ok());
}

BOOST_AUTO_TEST_CASE(a_client_that_was_never_used_starts_nothing) { BOOST_TEST(client().close(1000).ok()); }

BOOST_AUTO_TEST_CASE(closing_lets_calls_end) {
  Origin origin;
  test::Gate gate;
  origin.on("GET", "/late", [&](const Seen&) { return Answer().wait(gate).respond(200, "late"); });
  Pending running;
  Request request;
  request.url = origin.url("/late");
  BOOST_REQUIRE(client().send(request, running).ok());
  origin.wait_for(1);
  gate.open();
  BOOST_TEST(client().close(60'000).ok());
  BOOST_TEST(text_of(running.wait().value()) == "late");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
