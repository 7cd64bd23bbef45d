// Event streams over the C ABI: they give one event after another, come back, and end when told.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

#include "http_fixture.hpp"

namespace tessera::test {
namespace {

constexpr uint32_t kLongMs = 60'000;  // for what does happen

/// Outlives the origin, and what runs when a test has seen enough.
struct Gates {
  Gate gate, over;
  void wait_until_over() const {
    while (!over.is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
};

struct Streams : Gates, HttpFixture {
  /// A stream that stays open after `events`.
  static Answer events(std::string_view events) {
    return Answer().send(
        std::string("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            .append(events));
  }
  static HttpEvents open(const Http& http, std::string_view config = {}) {
    const tsr_http_request what = request("/s");
    HttpEvents stream;
    Failure failure;
    require_ok(tsr_http_events_open(http.get(), &what, config.empty() ? tsr_str{} : str(config), stream.out(),
                                    failure.out()),
               failure);
    return stream;
  }
  static HttpEvent next(const HttpEvents& stream) {
    HttpEvent event;
    Failure failure;
    require_ok(tsr_http_events_next(stream.get(), kLongMs, event.out(), failure.out()), failure);
    return event;
  }
  static std::string data_of(const HttpEvent& event) { return text_of(tsr_http_event_data(event.get())); }
  static std::string data_of(const HttpEvents& stream) { return data_of(next(stream)); }
  static tsr_status status_of(const HttpEvents& stream, uint32_t timeout_ms) {
    HttpEvent event;
    return tsr_http_events_next(stream.get(), timeout_ms, event.out(), nullptr);
  }
  static Operation start(const HttpEvents& stream) {
    Operation op;
    Failure failure;
    require_ok(tsr_http_events_next_async(stream.get(), nullptr, nullptr, nullptr, op.out(), failure.out()),
               failure);
    return op;
  }
  static tsr_status wait(const Operation& op, HttpEvent& event) {
    BOOST_TEST(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    return tsr_op_http_event(op.get(), event.out(), nullptr);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_sse, Streams)

BOOST_AUTO_TEST_CASE(an_event_has_what_the_server_said) {
  origin.on("GET", "/s", [](const Seen&) {
    return events("data: a\n\nid: 7\nevent: tick\nretry: 2500\ndata: x\ndata: y\n\ndata\n\n").close();
  });
  const Http http = open_http();
  const HttpEvents stream = open(http, R"({"reconnects":false})");
  const HttpEvent first = next(stream);
  BOOST_TEST(data_of(first) == "a");
  BOOST_TEST(text_of(tsr_http_event_type(first.get())) == "message");
  BOOST_TEST(text_of(tsr_http_event_id(first.get())) == "(absent)");
  BOOST_TEST(tsr_http_event_retry_ms(first.get()) == -1);
  const HttpEvent second = next(stream);
  BOOST_TEST(data_of(second) == "x\ny");
  BOOST_TEST(text_of(tsr_http_event_type(second.get())) == "tick");
  BOOST_TEST(text_of(tsr_http_event_id(second.get())) == "7");
  BOOST_TEST(tsr_http_event_retry_ms(second.get()) == 2500);
  BOOST_TEST(data_of(stream).empty());
  for (int i = 0; i < 2; ++i) BOOST_TEST(!next(stream));  // the end, and the end again
  BOOST_TEST(data_of(first) == "a");
  BOOST_TEST(origin.wait_for(1).header("Accept") == "text/event-stream");
}

BOOST_AUTO_TEST_CASE(nothing_is_an_event_too) {
  BOOST_TEST(tsr_http_event_retry_ms(nullptr) == -1);
  for (const auto function : {tsr_http_event_id, tsr_http_event_type, tsr_http_event_data})
    BOOST_TEST(text_of(function(nullptr)) == "(absent)");
}

BOOST_AUTO_TEST_CASE(it_comes_back_and_goes_on) {
  origin.on("GET", "/s", [](const Seen& seen) {
    if (seen.number == 3) return Answer(204);
    return events(seen.number == 1 ? "id: 41\ndata: a\n\n" : "data: b\n\n").close();
  });
  const Http http = open_http();
  const HttpEvents stream = open(http, R"({"retry_ms":1,"last_event_id":"40"})");
  BOOST_TEST(data_of(stream) == "a");
  BOOST_TEST(data_of(stream) == "b");
  BOOST_TEST(!next(stream));
  BOOST_TEST(origin.seen()[0].header("Last-Event-ID") == "40");
  BOOST_TEST(origin.seen()[1].header("Last-Event-ID") == "41");
}

BOOST_AUTO_TEST_CASE(an_error_that_ends_it_stays) {
  origin.on("GET", "/s", [](const Seen&) { return Answer(403); });
  const Http http = open_http();
  const HttpEvents stream = open(http);
  for (int i = 0; i < 2; ++i) {
    HttpEvent event;
    Failure failure;
    BOOST_TEST(tsr_http_events_next(stream.get(), UINT32_MAX, event.out(), failure.out()) ==
               TSR_E_PERMISSION);
    BOOST_TEST(!event);
    BOOST_TEST(nlohmann::json::parse(tsr_error_detail(failure.get())).value("status", 0) == 403);
  }
}

BOOST_AUTO_TEST_CASE(what_can_not_be_opened_is_refused) {
  const Http http = open_http();
  const auto code = [&](tsr_http_request what, std::string_view config) {
    HttpEvents stream{};
    const tsr_status status = tsr_http_events_open(http.get(), &what, str(config), stream.out(), nullptr);
    BOOST_TEST(!stream);
    return status;
  };
  for (const char* config : {"{", "[]", "7", R"({"unknown":1})", R"({"retry_ms":0})", R"({"idle_ms":"1"})",
                             R"({"last_event_id":"a\nb"})"})
    BOOST_TEST(code(request("/s"), config) == TSR_E_ARG, config);
  BOOST_TEST(code(request("ftp://example.com/"), "{}") == TSR_E_ARG);
  tsr_http_request wrong = request("/s");
  wrong.flags = 1U << 31U;
  BOOST_TEST(code(wrong, "{}") == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(a_look_does_not_wait_and_takes_nothing_away) {
  origin.on("GET", "/s", [&](const Seen&) { return events({}).wait(gate).send("data: a\n\n").stall(); });
  const Http http = open_http();
  const HttpEvents stream = open(http);
  BOOST_TEST(status_of(stream, 0) == TSR_E_TIMEOUT);
  BOOST_TEST(status_of(stream, 1) == TSR_E_TIMEOUT);
  static_cast<void>(origin.wait_for(1));
  gate.open();
  BOOST_TEST(data_of(stream) == "a");
}

BOOST_AUTO_TEST_CASE(an_operation_waits_for_the_next_and_can_be_cancelled) {
  origin.on("GET", "/s", [&](const Seen&) {
    return events({}).wait(gate).send("data: a\n\ndata: b\n\ndata: c\n\n").close();
  });
  const Http http = open_http();
  const HttpEvents stream = open(http, R"({"reconnects":false})");
  const Operation cancelled = start(stream);
  Operation other;
  BOOST_TEST(tsr_http_events_next_async(stream.get(), nullptr, nullptr, nullptr, other.out(), nullptr) ==
             TSR_E_BUSY);
  BOOST_TEST(!other);
  BOOST_TEST(status_of(stream, 0) == TSR_E_BUSY);
  tsr_op_cancel(cancelled.get());
  HttpEvent event;
  BOOST_TEST(wait(cancelled, event) == TSR_E_CANCELLED);
  const Operation op = start(stream);
  tsr_op_cancel(cancelled.get());  // over long ago: it ends no other's wait
  BOOST_TEST(tsr_op_ended(op.get()) == 0);
  static_cast<void>(origin.wait_for(1));
  gate.open();
  HttpResponse wrong;
  BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_http_response(op.get(), wrong.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(wait(op, event) == TSR_OK);
  BOOST_TEST(data_of(event) == "a");
  BOOST_TEST(tsr_op_http_event(op.get(), event.out(), nullptr) == TSR_E_STATE);  // taken before
  BOOST_TEST(wait(start(stream), event) == TSR_OK);
  BOOST_TEST(data_of(event) == "b");
  BOOST_TEST(data_of(stream) == "c");
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(wait(start(stream), event) == TSR_OK);
    BOOST_TEST(!event);
  }
}

BOOST_AUTO_TEST_CASE(a_done_function_may_ask_for_the_next) {
  struct Heard {
    HttpEvents stream{};
    const std::thread::id starter = std::this_thread::get_id();
    Gate& over;
    std::atomic<int> running = 1;
    std::string text{};  // this and the next: of one call after another
    bool is_elsewhere = true;

    static void done(void* user, tsr_op* op) {
      auto& self = *static_cast<Heard*>(user);
      self.is_elsewhere = self.is_elsewhere && std::this_thread::get_id() != self.starter;
      HttpEvent event;
      const bool took = tsr_op_http_event(op, event.out(), nullptr) == TSR_OK;
      self.text += took && event ? data_of(event) : ".";
      if (!took || !event) return;
      ++self.running;
      if (tsr_http_events_next_async(self.stream.get(), done, user, release, nullptr, nullptr) != TSR_OK)
        --self.running;
    }
    /// The last that an operation does which nobody holds.
    static void release(void* user) {
      auto& self = *static_cast<Heard*>(user);
      if (--self.running == 0) self.over.open();
    }
  } heard{.over = over};
  std::string body;
  for (int i = 0; i < 100; ++i) body += "data: x\n\n";
  origin.on("GET", "/s", [&](const Seen&) { return events(body).close(); });
  const Http http = open_http();
  heard.stream = open(http, R"({"reconnects":false,"max_queued":3})");
  BOOST_REQUIRE(tsr_http_events_next_async(heard.stream.get(), Heard::done, &heard, Heard::release, nullptr,
                                           nullptr) == TSR_OK);
  wait_until_over();
  BOOST_TEST(heard.text == std::string(100, 'x') + ".");
  BOOST_TEST(heard.is_elsewhere);
}

BOOST_AUTO_TEST_CASE(closing_ends_what_waits) {
  origin.on("GET", "/s", [](const Seen&) { return events({}).stall(); });
  const Http http = open_http();
  const HttpEvents stream = open(http);
  const Operation op = start(stream);
  BOOST_TEST(tsr_http_events_close(stream.get(), nullptr) == TSR_OK);
  HttpEvent event;
  BOOST_TEST(wait(op, event) == TSR_E_CANCELLED);
  BOOST_TEST(tsr_http_events_close(stream.get(), nullptr) == TSR_OK);
  BOOST_TEST(status_of(stream, 0) == TSR_E_STATE);
  Operation late;
  BOOST_TEST(tsr_http_events_next_async(stream.get(), nullptr, nullptr, nullptr, late.out(), nullptr) ==
             TSR_E_STATE);
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(so_does_freeing_the_stream_and_the_client_may_go_first) {
  origin.on("GET", "/s", [](const Seen&) { return events("data: a\n\n").stall(); });
  Http http = open_http();
  HttpEvents stream = open(http);
  http = Http();
  BOOST_TEST(data_of(stream) == "a");
  const Operation op = start(stream);
  stream = HttpEvents();
  HttpEvent event;
  BOOST_TEST(wait(op, event) == TSR_E_CANCELLED);
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(a_done_function_may_free_the_stream) {
  struct Held {
    HttpEvents stream{};
    Gate& over;
  } held{.over = over};
  origin.on("GET", "/s", [&](const Seen&) { return events({}).wait(gate).send("data: a\n\n").stall(); });
  held.stream = open(open_http());
  const auto done = [](void* user, tsr_op*) { static_cast<Held*>(user)->stream = HttpEvents(); };
  const auto release = [](void* user) { static_cast<Held*>(user)->over.open(); };
  BOOST_REQUIRE(tsr_http_events_next_async(held.stream.get(), done, &held, release, nullptr, nullptr) ==
                TSR_OK);
  static_cast<void>(origin.wait_for(1));
  gate.open();
  wait_until_over();
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(it_ends_with_its_client) {
  origin.on("GET", "/s", [](const Seen&) { return events({}).stall(); });
  const Http http = open_http();
  const HttpEvents stream = open(http);
  static_cast<void>(origin.wait_for(1));
  const tsr_status closed = tsr_http_close(http.get(), 0, nullptr);
  BOOST_TEST((closed == TSR_OK || closed == TSR_E_TIMEOUT));
  const tsr_status ended = status_of(stream, kLongMs);
  BOOST_TEST((ended == TSR_E_CANCELLED || ended == TSR_E_STATE));
  HttpEvents late;
  const tsr_http_request what = request("/s");
  BOOST_TEST(tsr_http_events_open(http.get(), &what, tsr_str{}, late.out(), nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(a_forked_child_can_not_use_it) {
  origin.on("GET", "/s", [](const Seen&) { return events("data: a\n\n").stall(); });
  const Http http = open_http();
  HttpEvents stream = open(http);
  BOOST_TEST(data_of(stream) == "a");
  const pid_t child = fork();
  if (child == 0) {
    const bool refused =
        status_of(stream, 0) == TSR_E_FORKED && tsr_http_events_close(stream.get(), nullptr) == TSR_E_FORKED;
    stream = HttpEvents();
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
