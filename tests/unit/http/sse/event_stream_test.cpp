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

struct Document {
  std::string bytes, events;
};

/// "type|data|id|retry;" for each event.
std::string text_of(const ServerEvent& event) {
  return event.type + "|" + event.data + "|" + event.id + "|" + std::to_string(event.retry_ms.value_or(-1)) +
         ";";
}

std::vector<Document> documents() {
  return {
      {"\xEF\xBB\xBF"
       "data: a\n\n",
       "message|a||-1;"},
      {"data: a\rdata: b\r\rdata:c\r\r", "message|a\nb||-1;message|c||-1;"},
      {"data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", "message|a\nb||-1;message|c||-1;"},
      {": hi\nevent: tick\nid: 7\nretry: 2500\ndata: x\ndata\ndata: y\n\n:\n\ndata: z\r\r",
       "tick|x\n\ny|7|2500;message|z|7|2500;"},
      {"data: a\n\r\ndata: lost", "message|a||-1;"},
      {"data: \xC3\xA9\xE2\x82\xAC\xFF\n\n", "message|\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBD||-1;"},
      {"id: 1\ndata: a\n\nid: b\0c\ndata: b\n\nid\ndata: c\n\n"s,
       "message|a|1|-1;message|b|1|-1;message|c||-1;"},
      {"", ""},
  };
}

std::vector<std::string> cut(const std::string& bytes, size_t first, size_t rest) {
  std::vector<std::string> pieces;
  for (size_t at = 0; at < bytes.size();) {
    pieces.push_back(bytes.substr(at, at == 0 ? first : rest));
    at += pieces.back().size();
  }
  return pieces;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(event_stream, SseFixture)

BOOST_AUTO_TEST_CASE(a_stream_holds_the_same_events_however_it_is_cut) {
  Origin origin;
  std::vector<std::string> pieces;
  origin.on("GET", "/s",
            [&](const Seen&) { return Answer::chunked(pieces, {{"Content-Type", "text/event-stream"}}); });
  sse.reconnects = false;
  for (const Document& document : documents()) {
    const size_t size = std::max<size_t>(document.bytes.size(), 1);
    // Whole, in two, and each byte alone.
    for (size_t i = 0; i <= size; ++i) {
      pieces = i == size ? cut(document.bytes, 1, 1) : cut(document.bytes, i == 0 ? size : i, size);
      const auto stream = open(origin.url("/s"));
      std::string heard;
      EventStream::Next next = stream->next(60'000);
      for (; next.ok() && next->has_value(); next = stream->next(60'000)) heard += text_of(**next);
      BOOST_TEST(next.ok());
      BOOST_TEST(heard == document.events);
    }
  }
}

BOOST_AUTO_TEST_CASE(it_asks_as_an_event_stream_is_asked_for) {
  Origin origin;
  origin.on("POST", "/chat", [](const Seen&) { return events("data: 1\n\n").close(); });
  sse.reconnects = false;
  Request request;
  request.method = "POST";
  request.url = origin.url("/chat");
  request.body = to_bytes(R"({"stream":true})");
  const auto stream = open(std::move(request));
  BOOST_TEST(data_of(*stream) == "1");
  BOOST_TEST(is_at_end(*stream));
  BOOST_TEST(is_at_end(*stream));
  const Seen seen = origin.wait_for(1);
  BOOST_TEST(seen.body == R"({"stream":true})");
  BOOST_TEST(seen.header("accept") == "text/event-stream");
  BOOST_TEST(seen.count("last-event-id") == 0U);
}

BOOST_AUTO_TEST_CASE(a_long_stream_is_cut_by_no_limit_of_a_call) {
  const Gate gate;
  Origin origin;
  const std::string large(2'000, 'x');
  origin.on("GET", "/s", [&](const Seen&) {
    return events("data: first\n\n").wait(gate).send("data: " + large + "\n\n").stall();
  });
  config.policies.sizes.max_body_bytes = 1'000;
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "first");
  clock.pass(3 * kDayMs);
  gate.open();
  BOOST_TEST(data_of(*stream) == large);
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(redirects_are_followed) {
  Origin origin;
  origin.on("GET", "/old", [](const Seen&) { return Answer::redirect("/new", 307); });
  origin.on("GET", "/new", [](const Seen&) { return events("data: there\n\n").stall(); });
  BOOST_TEST(data_of(*open(origin.url("/old"))) == "there");
}

BOOST_AUTO_TEST_CASE(a_line_without_end_ends_the_stream) {
  Origin origin;
  origin.on("GET", "/s", [](const Seen&) { return events("data: ok\n\ndata: ").repeat("endless"); });
  sse.max_event_bytes = 100'000;
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream) == "ok");
  BOOST_TEST(error_of(*stream).code == ErrorCode::kLIMIT);
  BOOST_TEST(error_of(*stream).code == ErrorCode::kLIMIT);
  BOOST_TEST(origin.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(who_takes_slowly_slows_the_server_and_loses_nothing) {
  Origin origin;
  constexpr int kEvents = 1'600;
  const std::string padding(64'000, 'p');
  std::atomic<int> sent = 0;
  origin.on("GET", "/s", [&](const Seen&) {
    return events({}).then([&](test::Wire& wire) {
      for (int i = 0; i < kEvents; ++i) {
        wire.write("id: " + std::to_string(i) + "\ndata: " + padding + "\n\n");
        sent = i + 1;
      }
      wire.close();
    });
  });
  sse.reconnects = false;
  sse.max_queued = 4;
  const auto stream = open(origin.url("/s"));
  BOOST_TEST(data_of(*stream).size() == padding.size());
  // As far as the server gets; what is right holds however long this waits.
  for (int seen = -1; seen != sent.load();) {
    seen = sent.load();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  BOOST_TEST(sent.load() < kEvents * 3 / 4);
  for (int i = 1; i < kEvents; ++i) {
    const EventStream::Next next = stream->next(60'000);
    BOOST_REQUIRE(next.ok() && next->has_value());
    BOOST_REQUIRE((*next)->id == std::to_string(i));
  }
  BOOST_TEST(is_at_end(*stream));
}

BOOST_AUTO_TEST_CASE(many_small_events_pass_a_small_queue) {
  Origin origin;
  std::string body;
  for (int i = 0; i < 20'000; ++i) body += "data: " + std::to_string(i) + "\n\n";
  origin.on("GET", "/s", [&](const Seen&) { return events(body).close(); });
  sse.reconnects = false;
  sse.max_queued = 1;
  const auto stream = open(origin.url("/s"));
  for (int i = 0; i < 20'000; ++i) BOOST_REQUIRE(data_of(*stream) == std::to_string(i));
  BOOST_TEST(is_at_end(*stream));
}

BOOST_AUTO_TEST_CASE(closing_ends_a_call_that_waits) {
  Origin origin;
  origin.on("GET", "/s", [](const Seen&) { return events({}).stall(); });
  const auto stream = open(origin.url("/s"));
  origin.wait_for(1);
  BOOST_TEST(stream->next(0).error().code == ErrorCode::kTIMEOUT);
  std::optional<EventStream::Next> next;
  std::thread waiter([&] { next = stream->next(-1); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  stream->close();
  waiter.join();
  // Closed before it began to wait, or after.
  BOOST_REQUIRE(!next->ok());
  BOOST_TEST((next->error().code == ErrorCode::kCANCELLED || next->error().code == ErrorCode::kSTATE));
  stream->close();
  BOOST_TEST(stream->next(0).error().code == ErrorCode::kSTATE);
  BOOST_TEST(stream->next_async([](const EventStream::Next&) {}).error().code == ErrorCode::kSTATE);
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(a_callback_gets_one_event_and_may_ask_for_the_next) {
  const Gate gate, all;
  Origin origin;
  origin.on("GET", "/s", [&](const Seen&) {
    return events("data: a\n\ndata: b\n\n").wait(gate).send("data: c\n\ndata: d\n\n").stall();
  });
  const auto stream = open(origin.url("/s"));
  std::string heard;
  ErrorCode blocking = ErrorCode::kOk;
  bool is_taken = true;
  std::function<void(EventStream::Next)> take = [&](const EventStream::Next& next) {
    heard += (*next)->data;
    if ((*next)->data == "c") blocking = stream->next(0).error().code;
    if ((*next)->data == "d") return all.open();
    is_taken = stream->next_async(take).ok() && is_taken;
  };
  BOOST_REQUIRE(stream->next_async(take).ok());
  origin.wait_for(1);
  gate.open();
  while (!all.is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  BOOST_TEST(heard == "abcd");
  BOOST_TEST(is_taken);
  BOOST_TEST(blocking == ErrorCode::kSTATE);  // on the client's own thread
}

BOOST_AUTO_TEST_CASE(one_call_waits_at_a_time_and_closing_ends_it) {
  Origin origin;
  origin.on("GET", "/s", [](const Seen&) { return events({}).stall(); });
  const auto stream = open(origin.url("/s"));
  std::vector<ErrorCode> codes;
  const auto done = [&](const EventStream::Next& next) { codes.push_back(next.error().code); };
  BOOST_REQUIRE(stream->next_async(done).ok());
  BOOST_TEST(stream->next_async(done).error().code == ErrorCode::kBUSY);
  BOOST_TEST(stream->next(0).error().code == ErrorCode::kBUSY);
  stream->close();
  BOOST_TEST(codes == std::vector{ErrorCode::kCANCELLED}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_asks_may_leave_and_takes_no_event_along) {
  const Gate gate;
  Origin origin;
  origin.on("GET", "/s", [&](const Seen&) { return events({}).wait(gate).send("data: a\n\n").stall(); });
  const auto stream = open(origin.url("/s"));
  std::vector<ErrorCode> codes;
  const auto done = [&](const EventStream::Next& next) { codes.push_back(next.error().code); };
  const int me = 0, other = 0;
  BOOST_REQUIRE(stream->next_async(done, &me).ok());
  stream->leave(&other);
  BOOST_TEST(codes.empty());
  stream->leave(&me);
  stream->leave(&me);
  BOOST_TEST(codes == std::vector{ErrorCode::kCANCELLED}, boost::test_tools::per_element());
  origin.wait_for(1);
  gate.open();
  BOOST_TEST(data_of(*stream) == "a");
}

BOOST_AUTO_TEST_CASE(a_callback_may_destroy_the_stream) {
  const Gate gate, gone;
  Origin origin;
  origin.on("GET", "/s", [&](const Seen&) { return events({}).wait(gate).send("data: a\n\n").stall(); });
  auto stream = open(origin.url("/s"));
  BOOST_REQUIRE(stream
                    ->next_async([&](const EventStream::Next&) {
                      stream.reset();
                      gone.open();
                    })
                    .ok());
  origin.wait_for(1);
  gate.open();
  while (!gone.is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(what_can_not_be_sent_is_refused_at_once) {
  const auto code_of = [this](Request request) {
    return EventStream::open(client(), std::move(request), sse, {&clock, &system_random()}).error().code;
  };
  Request request;
  request.url = "not a url";
  BOOST_TEST(code_of(request) == ErrorCode::kARG);
  request.url = "http://127.0.0.1:1/";
  request.headers.add("X", "a\r\nb");
  BOOST_TEST(code_of(request) == ErrorCode::kARG);
  request.headers.clear();
  sse.last_event_id = "a\nb";
  BOOST_TEST(code_of(request) == ErrorCode::kARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
