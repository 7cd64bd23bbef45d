// An event stream of a client whose times do not pass unless a test lets them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client_fixture.hpp"
#include "http/sse/event_stream.hpp"

namespace tessera::http {

constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;
constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n";

/// A stream that stays open after `events`.
inline test::Answer events(std::string_view events) {
  return test::Answer().send(std::string(kStreamHead).append(events));
}

struct SseFixture : ClientFixture {
  SseFixture() {
    // The clock is fast, and a machine may be slow.
    config.policies.timeouts.total_ms = config.policies.timeouts.attempt_ms = kDayMs;
    sse.idle_ms = 0;
  }

  std::unique_ptr<EventStream> open(Request request) {
    return EventStream::open(client(), std::move(request), sse, {&clock, &system_random()}).value();
  }
  std::unique_ptr<EventStream> open(std::string url) {
    Request request;
    request.url = std::move(url);
    return open(std::move(request));
  }
  /// The data of the next event.
  static std::string data_of(EventStream& stream) {
    const EventStream::Next next = stream.next(60'000);
    BOOST_REQUIRE_MESSAGE(next.ok(), (next.ok() ? "" : next.error().text));
    BOOST_REQUIRE_MESSAGE(next->has_value(), "the stream has ended");
    return (*next)->data;
  }
  static bool is_at_end(EventStream& stream) {
    const EventStream::Next next = stream.next(60'000);
    BOOST_REQUIRE_MESSAGE(next.ok(), (next.ok() ? "" : next.error().text));
    return !next->has_value();
  }
  static Error error_of(EventStream& stream) {
    const EventStream::Next next = stream.next(60'000);
    BOOST_REQUIRE(!next.ok());
    BOOST_TEST(!next.error().text.empty());
    return next.error();
  }

  SseConfig sse;
};

}  // namespace tessera::http
