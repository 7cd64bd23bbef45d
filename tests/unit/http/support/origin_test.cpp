#include "http_origin.hpp"

#include <boost/test/unit_test.hpp>
#include <future>

#include "clients.hpp"

namespace tessera::test {

namespace {

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kLastGet = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// All that an origin sends for this answer, and whether the end was a reset.
std::pair<std::string, bool> said(Answer answer, std::string_view request = kLastGet) {
  Origin origin;
  origin.on("*", "/x", [&](const Seen&) { return answer; });
  RawClient client(origin.port());
  client.send(request);
  std::string bytes = client.read_all();
  return {bytes, client.is_reset()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(origin)

BOOST_AUTO_TEST_CASE(a_request_is_seen_as_it_came) {
  Origin origin;
  origin.on("POST", "/path", [](const Seen&) { return 201; });
  RawClient client(origin.port());
  client.send(
      "POST http://host:1/path?q=1 HTTP/1.1\r\nhost: h\r\nX-A:  1\r\nx-a: 2\r\nContent-Length: "
      "5\r\n\r\nhello");
  client.send(
      "POST /path HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: "
      "t\r\n\r\n");
  client.send("DELETE /path HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string answers = client.read_all();
  BOOST_TEST(answers ==
             "HTTP/1.1 201 Scripted\r\nContent-Length: 0\r\n\r\n"
             "HTTP/1.1 201 Scripted\r\nContent-Length: 0\r\n\r\n"
             "HTTP/1.1 404 Scripted\r\nContent-Length: 13\r\n\r\nno such route");

  const std::vector<Seen> seen = origin.seen();
  BOOST_REQUIRE(seen.size() == 3);
  BOOST_TEST(seen[0].method == "POST");
  BOOST_TEST(seen[0].target == "http://host:1/path?q=1");
  BOOST_TEST(seen[0].path() == "/path");
  BOOST_TEST(seen[0].header("HOST") == "h");
  BOOST_TEST(seen[0].header("X-a") == "1");
  BOOST_TEST(seen[0].count("X-A") == 2);
  BOOST_TEST(seen[0].header("absent").empty());
  BOOST_TEST(seen[0].body == "hello");
  BOOST_TEST(seen[1].body == "abcde");
  BOOST_TEST(seen[1].is_whole);
  BOOST_TEST(seen[2].method == "DELETE");
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(seen[static_cast<size_t>(i)].connection == 1);
    BOOST_TEST(seen[static_cast<size_t>(i)].number == i + 1);
  }
}

BOOST_AUTO_TEST_CASE(connections_are_counted_and_their_end_is_seen) {
  Origin origin;
  origin.on("GET", "/x", [](const Seen&) { return 200; });
  {
    RawClient first(origin.port()), second(origin.port());
    second.send(kGet);
    BOOST_TEST(origin.wait_for(1).connection >= 1);
    origin.wait_for_open(2);
  }
  origin.wait_for_open(0);
  BOOST_TEST(origin.connections() == 2);
}

BOOST_AUTO_TEST_CASE(an_upload_that_breaks_off_is_seen) {
  Origin origin;
  {
    RawClient client(origin.port());
    client.send("PUT /x HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  }
  const Seen seen = origin.wait_for(1);
  BOOST_TEST(!seen.is_whole);
  BOOST_TEST(seen.body == "half");
}

BOOST_AUTO_TEST_CASE(a_client_that_expects_it_is_told_to_go_on) {
  Origin origin;
  origin.on("PUT", "/x", [](const Seen& seen) { return Answer(200, seen.body); });
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  RawClient client(origin.port());
  client.send("PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
  BOOST_TEST(client.read_exactly(go_on.size()) == go_on);
  client.send("ok");
  BOOST_TEST(client.read_all() == "HTTP/1.1 200 Scripted\r\nContent-Length: 2\r\n\r\nok");
}

BOOST_AUTO_TEST_CASE(an_answer_can_come_before_the_body) {
  Origin origin;
  origin.on_head("PUT", "/x", [](const Seen&) { return 413; });
  RawClient client(origin.port());
  client.send("PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
  BOOST_TEST(client.read_all() == "HTTP/1.1 413 Scripted\r\nContent-Length: 0\r\n\r\n");
  BOOST_TEST(origin.wait_for(1).body.empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_http_is_kept_and_refused) {
  Origin origin;
  RawClient client(origin.port());
  client.send("nonsense\r\n\r\n");
  BOOST_TEST(client.read_all().starts_with("HTTP/1.1 400 "));
  BOOST_TEST(origin.wait_for(1).target == "nonsense");
}

BOOST_AUTO_TEST_CASE(answers_are_framed_as_their_kind_asks) {
  struct Case {
    Answer answer;
    std::string method, bytes;
  };
  const Case cases[] = {
      {Answer(200, "hi", {{"A", "b"}}), "GET",
       "HTTP/1.1 200 Scripted\r\nA: b\r\nContent-Length: 2\r\n\r\nhi"},
      {Answer(200, "hi"), "HEAD", "HTTP/1.1 200 Scripted\r\nContent-Length: 2\r\n\r\n"},
      {204, "GET", "HTTP/1.1 204 Scripted\r\n\r\n"},
      {Answer(304, "hi", {{"ETag", "\"1\""}}), "GET", "HTTP/1.1 304 Scripted\r\nETag: \"1\"\r\n\r\n"},
      {Answer(200, "hi", {{"content-length", "9"}}), "GET",
       "HTTP/1.1 200 Scripted\r\ncontent-length: 9\r\n\r\nhi"},
      {Answer::redirect("/y"), "GET", "HTTP/1.1 302 Scripted\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"},
      {Answer::chunked({"0123456789abcdef", "x"}, {}, {{"T", "t"}}), "GET",
       "HTTP/1.1 200 Scripted\r\nTransfer-Encoding: "
       "chunked\r\n\r\n10\r\n0123456789abcdef\r\n1\r\nx\r\n0\r\nT: t\r\n\r\n"},
      {Answer().respond(103).respond(200), "GET",
       "HTTP/1.1 103 Scripted\r\n\r\nHTTP/1.1 200 Scripted\r\nContent-Length: 0\r\n\r\n"},
      {Answer().send("HTTP/9 what\r\n").repeat("x", 3).close().send("never"), "GET", "HTTP/9 what\r\nxxx"},
      {Answer(), "GET", ""},
  };
  for (const Case& test : cases) {
    const auto [bytes, is_reset] =
        said(test.answer, test.method + " /x HTTP/1.1\r\nConnection: close\r\n\r\n");
    BOOST_TEST(bytes == test.bytes);
    BOOST_TEST(!is_reset);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_can_end_in_a_reset) {
  const auto [bytes, is_reset] = said(Answer().send("HTTP/1.1 2").reset());
  BOOST_TEST(is_reset);
  BOOST_TEST(std::string("HTTP/1.1 2").starts_with(bytes));
}

BOOST_AUTO_TEST_CASE(an_endless_answer_ends_with_its_reader) {
  Origin origin;
  origin.on("GET", "/x", [](const Seen&) { return Answer().send("HTTP/1.1 200 OK\r\n").repeat("X: y\r\n"); });
  {
    RawClient client(origin.port());
    client.send(kGet);
    client.read_exactly(1'000'000);
  }
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(a_gate_holds_an_answer_back) {
  Gate gate;
  Origin origin;
  origin.on("GET", "/x",
            [&](const Seen&) { return Answer().send("first").wait(gate).send("second").close(); });
  RawClient client(origin.port());
  client.send(kGet);
  BOOST_TEST(client.read() == "first");
  gate.open();
  BOOST_TEST(client.read_all() == "second");
}

BOOST_AUTO_TEST_CASE(an_origin_ends_whatever_its_connections_do) {
  Gate gate;
  auto origin = std::make_unique<Origin>();
  const Answer answers[] = {Answer().wait(std::chrono::hours(1)), Answer().wait(gate), Answer().stall(),
                            Answer().repeat("no reader"), Answer().send("x").close()};
  for (size_t i = 0; i < std::size(answers); ++i)
    origin->on("GET", "/" + std::to_string(i), [&, i](const Seen&) { return answers[i]; });
  std::list<RawClient> clients;
  for (size_t i = 0; i < std::size(answers); ++i)
    clients.emplace_back(origin->port()).send("GET /" + std::to_string(i) + " HTTP/1.1\r\n\r\n");
  clients.emplace_back(origin->port());
  origin->wait_for(std::size(answers));
  const uint16_t port = origin->port();
  origin.reset();
  BOOST_TEST(!RawClient(port).is_connected());
}

BOOST_AUTO_TEST_CASE(a_step_can_have_the_connection) {
  Origin origin;
  origin.on("GET", "/x", [](const Seen&) {
    return Answer(101).then([](Wire& wire) {
      wire.write("<" + wire.read_to("\n", 100) + ">");
      wire.close();
    });
  });
  RawClient client(origin.port());
  client.send(std::string(kGet) + "hel");
  client.send("lo\n");
  BOOST_TEST(client.read_all() == "HTTP/1.1 101 Scripted\r\n\r\n<hello>");
}

BOOST_AUTO_TEST_CASE(handlers_run_one_at_a_time) {
  Origin origin;
  int count = 0;
  origin.on("GET", "/x", [&](const Seen&) {
    ++count;
    return 200;
  });
  std::vector<std::future<Got>> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(std::async(std::launch::async, [&] { return get(origin.url("/x")); }));
  for (auto& one : all) BOOST_TEST(one.get().status == 200);
  BOOST_TEST(origin.seen().size() == 20);
  BOOST_TEST(count == 20);
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_answers_500) {
  Origin origin;
  origin.on("GET", "/x", [](const Seen&) -> Answer { throw std::runtime_error("by hand"); });
  const Got got = get(origin.url("/x"));
  BOOST_TEST(got.status == 500);
  BOOST_TEST(got.body == "by hand");
}

BOOST_AUTO_TEST_CASE(gzip_is_what_a_client_undoes) {
  Origin origin;
  origin.on("GET", "/text",
            [](const Seen&) { return Answer(200, gzip("hello"), {{"Content-Encoding", "gzip"}}); });
  origin.on("GET", "/bomb",
            [](const Seen&) { return Answer(200, gzip_zeros(10'000'001), {{"Content-Encoding", "gzip"}}); });
  const auto decode = [](CURL* handle) { curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, ""); };
  BOOST_TEST(get(origin.url("/text"), decode).body == "hello");
  BOOST_TEST((get(origin.url("/bomb"), decode).body == std::string(10'000'001, '\0')));
  BOOST_TEST(gzip_zeros(10'000'001).size() < 20'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
