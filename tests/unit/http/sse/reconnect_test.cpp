#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "sse_fixture.hpp"

namespace tessera::http {

using test::Answer;
using test::Gate;
using test::Origin;
using test::Seen;
using namespace std::string_literals;

namespace {

/// Answers in turn; the last one for ever.
struct Script {
  std::vector<Answer> answers;
  std::vector<int64_t> at_ms;  // of the client's clock
  const Clock& clock;

  Answer operator()(const Seen&) {
    at_ms.push_back(clock.boot_ms());
    return answers[std::min(at_ms.size(), answers.size()) - 1];
  }
};

/// Lets a test wait until the client has done what its timers and sockets had for it.
struct Watched : SseFixture {
  Watched() {
    origin.on("GET", "/ping", [](const Seen&) { return Answer(204); });
  }
  /// What came before the first of these is read before the second one ends.
  void settle() {
    for (int i = 0; i < 2; ++i) BOOST_REQUIRE(get(origin.url("/ping")).ok());
  }
  /// What comes after it comes at the new time.
  void jump(int64_t span_ms) {
    clock.pass(span_ms);
    settle();
  }
  /// `gate` lets the server send that.
  void send_through(const Gate& gate, const Gate& mark) {
    gate.open();
    while (!mark.is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    settle();
  }
  ptrdiff_t streams() const { return std::ranges::count(origin.seen(), "/s", &Seen::target); }

  std::vector<Gate> gates{3}, sent{3};
  Origin origin;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reconnect, SseFixture)

BOOST_AUTO_TEST_CASE(it_goes_on_after_the_last_event) {
  const Gate gate;
  Origin origin;
  Script script{{events("id: 41\ndata: a\n\nid: 42\ndata: half").close(),
                 events("data: b\n\n").wait(gate).reset(), events("id: no\x01header\ndata: c\n\n").close(),
                 events("id\ndata: d\n\n").close(), events("data: e\n\n").stall()},
                {},
                clock};
  origin.on("GET", "/s", std::ref(script));
  const auto stream = open(origin.url("/s"));
  std::string heard;
  for (int i = 0; i < 5; ++i) {
    heard += data_of(*stream);
    if (i == 1) gate.open();
  }
  BOOST_TEST(heard == "abcde");
  const std::vector<Seen> seen = origin.seen();
  BOOST_REQUIRE(seen.size() == 5U);
  BOOST_TEST(seen[0].count("last-event-id") == 0U);
  BOOST_TEST(seen[1].header("last-event-id") == "41");
  BOOST_TEST(seen[2].header("last-event-id") == "41");
  BOOST_TEST(seen[3].count("last-event-id") == 0U);
  BOOST_TEST(seen[4].count("last-event-id") == 0U);
}

BOOST_AUTO_TEST_CASE(an_id_with_nul_is_passed_over) {
  Origin origin;
  Script script{
      {events("id: 1\ndata: a\n\nid: x\0y\ndata: b\n\n"s).close(), events("data: c\n\n").stall()}, {}, clock};
  origin.on("GET", "/s", std::ref(script));
  const auto stream = open(origin.url("/s"));
  for (const char* data : {"a", "b", "c"}) BOOST_TEST(data_of(*stream) == data);
  BOOST_TEST(origin.wait_for(2).header("last-event-id") == "1");
}

BOOST_AUTO_TEST_CASE(it_begins_after_an_event_of_an_earlier_run) {
  Origin origin;
  origin.on("GET", "/s", [](const Seen&) { return events("data: a\n\n").stall(); });
  sse.last_event_id = "77";
  const auto stream = open(origin.url("/s"));
  const EventStream::Next next = stream->next(60'000);
  BOOST_REQUIRE(next.ok() && next->has_value());
  BOOST_TEST((*next)->id == "77");
  BOOST_TEST(origin.wait_for(1).header("last-event-id") == "77");
}

BOOST_AUTO_TEST_CASE(the_server_says_how_long_to_wait) {
  Origin origin;
  Script script{{events("retry: 20000\ndata: a\n\n").close(), Answer(503, "", {{"Retry-After", "60"}}),
                 Answer(429, "", {{"Retry-After", "100"}}), events("data: b\n\n").stall()},
                {},
                clock};
  origin.on("GET", "/s", std::ref(script));
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "a");
  BOOST_TEST(data_of(*stream) == "b");
  BOOST_REQUIRE(script.at_ms.size() == 4U);
  BOOST_TEST(script.at_ms[1] - script.at_ms[0] >= 10'000);
  BOOST_TEST(script.at_ms[2] - script.at_ms[1] >= 60'000);
  BOOST_TEST(script.at_ms[3] - script.at_ms[2] >= 100'000);
}

BOOST_AUTO_TEST_CASE(what_passes_is_waited_for) {
  Origin origin;
  Script script{
      {Answer(500), Answer(503, "busy"), Answer(429), Answer(408, "", {{"Connection", "close"}}),
       Answer().close(), Answer().send("HTTP/1.1 200 OK\r\n").reset(), events("data: a\n\n").stall()},
      {},
      clock};
  origin.on("GET", "/s", std::ref(script));
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "a");
  // Half of 1, 2, 4, 8, 16 and 30 seconds at least.
  for (size_t i = 1; i < script.at_ms.size(); ++i)
    BOOST_TEST(script.at_ms[i] - script.at_ms[i - 1] >= std::min<int64_t>(500LL << (i - 1), 15'000));
}

BOOST_AUTO_TEST_CASE(status_204_is_the_end) {
  Origin origin;
  Script script{{events("data: a\n\n").close(), Answer(204)}, {}, clock};
  origin.on("GET", "/s", std::ref(script));
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "a");
  BOOST_TEST(is_at_end(*stream));
  BOOST_TEST(origin.seen().size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_would_not_change_ends_it) {
  Origin origin;
  const auto ends_with = [&](Answer answer, ErrorCode code, int status) {
    origin.on("GET", "/s", [answer](const Seen&) { return answer; });
    const auto stream = open(origin.url("/s"));
    const Error error = error_of(*stream);
    BOOST_TEST(error.code == code);
    BOOST_TEST(parse_json(error.detail_json).value().value("status", 0) == status);
  };
  ends_with(Answer(200, "<html>", {{"Content-Type", "text/html"}}), ErrorCode::kPROTOCOL, 200);
  ends_with(Answer(200, "data: a\n\n"), ErrorCode::kPROTOCOL, 200);
  ends_with(Answer(200, "data: a\n\n", {{"Content-Type", "text/event-streams"}}), ErrorCode::kPROTOCOL, 200);
  ends_with(Answer(400), ErrorCode::kARG, 400);
  ends_with(Answer(401), ErrorCode::kUNAUTHORIZED, 401);
  ends_with(Answer(403), ErrorCode::kPERMISSION, 403);
  ends_with(Answer(404, std::string(200'000, 'x')), ErrorCode::kNOT_FOUND, 404);
  ends_with(Answer(201), ErrorCode::kPROTOCOL, 201);
}

BOOST_AUTO_TEST_CASE(without_reconnects_it_ends_with_what_came) {
  Origin origin;
  sse.reconnects = false;
  config.policies.retry.max_attempts = 2;
  origin.on("GET", "/busy", [](const Seen&) { return Answer(503); });
  const auto busy = open(origin.url("/busy"));
  const Error error = error_of(*busy);
  BOOST_TEST(error.code == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(parse_json(error.detail_json).value().value("status", 0) == 503);
  BOOST_TEST(origin.seen().size() == 2U);  // the client's own retries
  origin.on("GET", "/cut", [](const Seen&) {
    return Answer()
        .send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100\r\n\r\ndata: a\n\n")
        .close();
  });
  const auto cut = open(origin.url("/cut"));
  BOOST_TEST(data_of(*cut) == "a");
  BOOST_TEST(error_of(*cut).code == ErrorCode::kNETWORK);
  BOOST_TEST(origin.seen().size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_silent_stream_is_replaced) {
  Origin origin;
  Script script{{events("data: a\n\n").stall(), events("data: b\n\n").stall()}, {}, clock};
  origin.on("GET", "/s", std::ref(script));
  sse.idle_ms = 20 * kDayMs;
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "a");
  while (origin.seen().size() < 2) {
    clock.pass(sse.idle_ms);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  BOOST_TEST(data_of(*stream) == "b");
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_is_asked_again) {
  Origin origin;
  Script script{{Answer().stall(), events("data: a\n\n").stall()}, {}, clock};
  origin.on("GET", "/s", std::ref(script));
  config.policies.timeouts.attempt_ms = 10 * kDayMs;
  config.policies.timeouts.total_ms = 0;
  const auto stream = open(origin.url("/s"));
  while (origin.seen().size() < 2) {
    clock.pass(11 * kDayMs);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  BOOST_TEST(data_of(*stream) == "a");
}

BOOST_FIXTURE_TEST_CASE(what_comes_keeps_a_stream_alive, Watched) {
  origin.on("GET", "/s", [&](const Seen&) {
    Answer answer = events("data: 0\n\n");
    for (const Gate& gate : gates) answer.wait(gate).send(":\n\ndata: x\n\n");
    return answer.stall();
  });
  // Of a clock that stands but for the jumps below: each less than the limit, together more.
  sse.idle_ms = 200 * kDayMs;
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "0");
  for (const Gate& gate : gates) {
    jump(100 * kDayMs);
    gate.open();
    BOOST_TEST(data_of(*stream) == "x");
  }
  BOOST_TEST(streams() == 1);
}

BOOST_FIXTURE_TEST_CASE(comments_alone_keep_a_stream_alive, Watched) {
  origin.on("GET", "/s", [&](const Seen&) {
    Answer answer = events("data: 0\n\n");
    for (size_t i = 0; i < gates.size(); ++i)
      answer.wait(gates[i]).send(":\n").then([this, i](test::Wire&) { sent[i].open(); });
    return answer.send("data: end\n\n").stall();
  });
  // Each jump is less than the limit, two are more.
  sse.idle_ms = 150 * kDayMs;
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "0");
  for (size_t i = 0; i < gates.size(); ++i) {
    jump(100 * kDayMs);
    send_through(gates[i], sent[i]);
  }
  BOOST_TEST(data_of(*stream) == "end");
  BOOST_TEST(streams() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_stream_that_nobody_takes_from_is_not_silent, Watched) {
  origin.on("GET", "/s", [&](const Seen&) {
    Answer answer = events({});
    for (size_t i = 0; i < gates.size(); ++i)
      answer.wait(gates[i]).send("data: " + std::to_string(i) + "\n\n").then([this, i](test::Wire&) {
        sent[i].open();
      });
    return answer.stall();
  });
  sse.idle_ms = 150 * kDayMs;
  sse.max_queued = 1;
  const auto stream = open(origin.url("/s"));
  // The first fills the queue, so the second waits outside.
  for (size_t i = 0; i < gates.size(); ++i) send_through(gates[i], sent[i]);
  for (int i = 0; i < 3; ++i) {
    clock.pass(100 * kDayMs);
    settle();
  }
  for (const char* data : {"0", "1", "2"}) BOOST_TEST(data_of(*stream) == data);
  BOOST_TEST(streams() == 1);
}

BOOST_AUTO_TEST_CASE(a_stream_that_waits_to_come_back_ends_with_its_client) {
  Origin origin;
  origin.on("GET", "/s", [](const Seen&) { return events("retry: 86400000\ndata: a\n\n").close(); });
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "a");
  origin.wait_for_open(0);
  static_cast<void>(client().close(0));
  BOOST_TEST(error_of(*stream).code == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_CASE(a_stream_that_waits_to_come_back_can_be_closed) {
  Origin origin;
  origin.on("GET", "/s", [](const Seen&) { return events("retry: 86400000\ndata: a\n\n").close(); });
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "a");
  origin.wait_for_open(0);
  stream->close();
  BOOST_TEST(client().close(60'000).ok());  // nothing is left behind
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
