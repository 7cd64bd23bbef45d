// Responses read at the caller's pace, from real servers.
#include "http/stream/body_stream.hpp"

#include <future>
#include <thread>

#include "../client/client_fixture.hpp"

namespace tessera::http {

using namespace std::chrono_literals;
using test::Answer;
using test::Gate;
using test::Origin;
using test::Seen;
using test::Wire;

namespace {

constexpr int64_t kPatience = 60'000;
constexpr uint64_t kHuge = uint64_t{64} << 20;  // more than any socket's buffers take

std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

/// Waits as long as it grows.
uint64_t where_it_stays(const std::atomic<uint64_t>& value) {
  uint64_t last = value.load();
  for (int quiet = 0; quiet < 10;) {
    std::this_thread::sleep_for(50ms);
    const uint64_t now = value.load();
    quiet = now == last && now > 0 ? quiet + 1 : 0;
    last = now;
  }
  return last;
}

struct StreamFixture : ClientFixture {
  StreamFixture() { config.policies.timeouts.total_ms = 3'600'000; }  // of the quick clock
  static Request to(std::string url) {
    Request request;
    request.url = std::move(url);
    return request;
  }
  BodyStream open(std::string_view path) {
    Result<BodyStream> stream = BodyStream::open(client(), to(origin.url(path)));
    BOOST_REQUIRE_MESSAGE(stream.ok(), (stream.ok() ? "" : stream.error().text));
    return std::move(stream).value();
  }
  static std::string read_all(BodyStream& stream, size_t step) {
    std::string text;
    while (true) {
      const Result<Bytes> bytes = stream.read(step, kPatience);
      BOOST_REQUIRE_MESSAGE(bytes.ok(), (bytes.ok() ? "" : bytes.error().text));
      BOOST_REQUIRE(bytes->size() <= step);
      if (bytes->empty()) return text;
      text.append(as_text(*bytes));
    }
  }
  /// A response that says how much of it was written.
  void serve_huge() {
    origin.on("GET", "/huge", [this](const Seen&) {
      return Answer()
          .send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kHuge) + "\r\n\r\n")
          .then([this](Wire& wire) {
            const std::string piece(size_t{64} << 10, 'x');
            for (uint64_t sent = 0; sent < kHuge; sent += piece.size()) {
              wire.write(piece);
              written += piece.size();
            }
          });
    });
  }

  std::atomic<uint64_t> written{0};
  Gate gate;  // outlives the origin
  Origin origin;
};

using ReadPromise = std::promise<Result<Bytes>>;

Result<Bytes> wait_for(std::future<Result<Bytes>> future) {
  BOOST_REQUIRE(future.wait_for(60s) == std::future_status::ready);
  return future.get();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(body_stream, StreamFixture)

BOOST_AUTO_TEST_CASE(a_body_is_read_in_steps_to_its_end) {
  const std::string body = pattern(1'000'003);
  origin.on("GET", "/", [&](const Seen&) { return Answer(200, body, {{"X-Note", "here"}}); });
  BodyStream stream = open("/");
  BOOST_TEST(stream.head().status == 200);
  BOOST_TEST(stream.head().headers.get("x-note").value_or("") == "here");
  BOOST_TEST((read_all(stream, 4097) == body));
  BOOST_TEST(stream.read(1, 0)->empty());  // and stays there
}

BOOST_AUTO_TEST_CASE(the_head_comes_before_the_body_and_with_any_status) {
  origin.on("GET", "/", [&](const Seen&) {
    return Answer().send("HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\n").wait(gate).send("sorry");
  });
  BodyStream stream = open("/");
  BOOST_TEST(stream.head().status == 404);
  const Result<Bytes> nothing = stream.read(10, 20);
  BOOST_REQUIRE(!nothing.ok());
  BOOST_TEST(nothing.error().code == ErrorCode::kTIMEOUT);
  gate.open();
  BOOST_TEST(read_all(stream, 100) == "sorry");
}

BOOST_AUTO_TEST_CASE(a_body_that_never_comes_is_an_error_at_once) {
  Origin* const gone = new Origin;
  const std::string url = gone->url("/");
  delete gone;
  config.policies.retry.max_attempts = 1;
  const Result<BodyStream> stream = BodyStream::open(client(), to(url));
  BOOST_REQUIRE(!stream.ok());
  BOOST_TEST(stream.error().code == ErrorCode::kNETWORK);
}

BOOST_AUTO_TEST_CASE(what_came_before_an_error_is_given_before_it) {
  origin.on("GET", "/", [&](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").close();
  });
  BodyStream stream = open("/");
  std::string text;
  Result<Bytes> bytes = stream.read(3, kPatience);
  while (bytes.ok()) {
    BOOST_REQUIRE(!bytes->empty());
    text.append(as_text(*bytes));
    bytes = stream.read(3, kPatience);
  }
  BOOST_TEST(text == "hello");
  BOOST_TEST(bytes.error().code == ErrorCode::kNETWORK);
  BOOST_TEST(stream.read(3, 0).error().code == ErrorCode::kNETWORK);
}

BOOST_AUTO_TEST_CASE(who_does_not_read_holds_the_server_back) {
  serve_huge();
  BodyStream stream = open("/huge");
  BOOST_TEST(where_it_stays(written) < kHuge);
  uint64_t read = 0;
  while (true) {
    const Result<Bytes> bytes = stream.read(size_t{1} << 20, kPatience);
    BOOST_REQUIRE(bytes.ok());
    if (bytes->empty()) break;
    BOOST_REQUIRE(bytes->size() <= BodyStream::kHigh);
    read += bytes->size();
  }
  BOOST_TEST(read == kHuge);
}

BOOST_AUTO_TEST_CASE(a_response_larger_than_the_limit_of_collected_ones_is_read) {
  config.policies.sizes.max_body_bytes = 1000;
  origin.on("GET", "/", [&](const Seen&) { return Answer(200, pattern(5000)); });
  BodyStream stream = open("/");
  BOOST_TEST(read_all(stream, 999).size() == 5000U);
  Request limited = to(origin.url("/"));
  limited.max_body_bytes = 1000;
  Result<BodyStream> other = BodyStream::open(client(), std::move(limited));
  Error error;
  if (!other.ok()) {
    error = other.error();
  } else {
    Result<Bytes> bytes = other->read(5000, kPatience);
    while (bytes.ok() && !bytes->empty()) bytes = other->read(5000, kPatience);
    BOOST_REQUIRE(!bytes.ok());
    error = bytes.error();
  }
  BOOST_TEST(error.code == ErrorCode::kLIMIT);
}

BOOST_AUTO_TEST_CASE(a_stored_response_is_there_at_once_whatever_its_size) {
  const std::string body = pattern(1'000'000);
  origin.on("GET", "/", [&](const Seen&) { return Answer(200, body, {{"Cache-Control", "max-age=600"}}); });
  BOOST_REQUIRE(get(origin.url("/")).ok());
  BodyStream stream = open("/");
  BOOST_TEST(stream.head().is_from_cache);
  BOOST_TEST((read_all(stream, size_t{1} << 16) == body));
}

BOOST_AUTO_TEST_CASE(only_if_cached_and_nothing_is) {
  Request request = to(origin.url("/"));
  request.cache = CacheMode::kOnlyIfCached;
  Result<BodyStream> stream = BodyStream::open(client(), std::move(request));
  BOOST_REQUIRE(stream.ok());
  BOOST_TEST(stream->head().status == 504);
  BOOST_TEST(stream->read(1, kPatience)->empty());
}

BOOST_AUTO_TEST_CASE(reads_that_do_not_wait_follow_one_another) {
  const std::string body = pattern(300'000);
  origin.on("GET", "/", [&](const Seen&) { return Answer(200, body); });
  BodyStream stream = open("/");
  std::string text;
  std::promise<void> done;
  // One byte at a time from inside what is told: no depth of calls grows with that.
  std::function<void(Result<Bytes>)> next = [&](Result<Bytes> bytes) {
    if (!bytes.ok() || bytes->empty()) return done.set_value();
    text.append(as_text(*bytes));
    if (!stream.read_async(1, next).ok()) done.set_value();
  };
  BOOST_REQUIRE(stream.read_async(1, next).ok());
  BOOST_REQUIRE(done.get_future().wait_for(120s) == std::future_status::ready);
  BOOST_TEST((text == body));
}

BOOST_AUTO_TEST_CASE(one_read_at_a_time_and_of_a_byte_at_least) {
  origin.on("GET", "/", [&](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").wait(gate).send("ok");
  });
  BodyStream stream = open("/");
  BOOST_TEST(stream.read(0, 0).error().code == ErrorCode::kARG);
  ReadPromise first;
  BOOST_REQUIRE(stream.read_async(10, [&](Result<Bytes> bytes) { first.set_value(std::move(bytes)); }).ok());
  BOOST_TEST(stream.read(1, 0).error().code == ErrorCode::kSTATE);
  BOOST_TEST(stream.read_async(1, [](Result<Bytes>) { BOOST_ERROR("told"); }).error().code ==
             ErrorCode::kSTATE);
  gate.open();
  BOOST_TEST(wait_for(first.get_future()).ok());
}

BOOST_AUTO_TEST_CASE(closing_ends_a_read_that_waits_and_the_connection) {
  origin.on("GET", "/", [](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").stall();
  });
  BodyStream stream = open("/");
  ReadPromise read;
  BOOST_REQUIRE(stream.read_async(10, [&](Result<Bytes> bytes) { read.set_value(std::move(bytes)); }).ok());
  stream.close();
  BOOST_TEST(wait_for(read.get_future()).error().code == ErrorCode::kCANCELLED);
  BOOST_TEST(stream.read(1, 0).error().code == ErrorCode::kCANCELLED);
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(closing_from_another_thread_ends_a_blocked_read) {
  origin.on("GET", "/", [](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").stall();
  });
  BodyStream stream = open("/");
  std::thread closer([&stream] { stream.close(); });
  BOOST_TEST(stream.read(1, kPatience).error().code == ErrorCode::kCANCELLED);
  closer.join();
}

BOOST_AUTO_TEST_CASE(dropping_a_paused_stream_ends_the_connection) {
  serve_huge();
  {
    const BodyStream stream = open("/huge");
    BOOST_TEST(where_it_stays(written) < kHuge);
  }
  origin.wait_for_open(0);
  BOOST_TEST(written < kHuge);
}

BOOST_AUTO_TEST_CASE(a_stream_may_be_dropped_by_what_it_tells) {
  origin.on("GET", "/", [](const Seen&) { return Answer(200, pattern(100'000)); });
  for (int round = 0; round < 20; ++round) {
    std::promise<bool> told;
    auto kept = std::make_shared<std::optional<BodyStream>>();
    const auto sent =
        BodyStream::open_async(client(), to(origin.url("/")), [&told, kept](Result<BodyStream> stream) {
          kept->emplace(std::move(stream).value());
          const Status asked = (*kept)->read_async(10, [&told, kept](Result<Bytes> bytes) {
            kept->reset();
            told.set_value(bytes.ok());
          });
          if (!asked.ok()) told.set_value(false);
        });
    BOOST_REQUIRE(sent.ok());
    std::future<bool> was_read = told.get_future();
    BOOST_REQUIRE(was_read.wait_for(60s) == std::future_status::ready);
    BOOST_TEST(was_read.get());
  }
  // Also at once, with the head.
  std::promise<void> opened;
  BOOST_REQUIRE(BodyStream::open_async(client(), to(origin.url("/")), [&](Result<BodyStream>) {
                  opened.set_value();
                }).ok());
  BOOST_REQUIRE(opened.get_future().wait_for(60s) == std::future_status::ready);
}

BOOST_AUTO_TEST_CASE(what_waits_for_its_head_can_be_cancelled) {
  origin.on("GET", "/", [](const Seen&) { return Answer().stall(); });
  std::promise<ErrorCode> told;
  const auto sent = BodyStream::open_async(client(), to(origin.url("/")), [&](Result<BodyStream> stream) {
    told.set_value(stream.ok() ? ErrorCode::kOk : stream.error().code);
  });
  BOOST_REQUIRE(sent.ok());
  origin.wait_for(1);
  (*sent)->cancel();
  std::future<ErrorCode> code = told.get_future();
  BOOST_REQUIRE(code.wait_for(60s) == std::future_status::ready);
  BOOST_TEST(code.get() == ErrorCode::kCANCELLED);
}

BOOST_AUTO_TEST_CASE(blocking_on_the_client_s_own_thread_is_refused) {
  origin.on("GET", "/", [](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").stall();
  });
  std::promise<std::pair<ErrorCode, ErrorCode>> told;
  const auto sent = BodyStream::open_async(client(), to(origin.url("/")), [&](Result<BodyStream> stream) {
    const ErrorCode of_open = BodyStream::open(client(), to(origin.url("/"))).error().code;
    told.set_value({of_open, stream->read(1, kPatience).error().code});
  });
  BOOST_REQUIRE(sent.ok());
  auto codes = told.get_future();
  BOOST_REQUIRE(codes.wait_for(60s) == std::future_status::ready);
  BOOST_TEST((codes.get() == std::pair(ErrorCode::kSTATE, ErrorCode::kSTATE)));
}

BOOST_AUTO_TEST_CASE(a_stream_outlives_its_client) {
  origin.on("GET", "/", [](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc").stall();
  });
  ClientPorts ports;
  ports.clock = &clock;
  ports.random = &system_random();
  std::unique_ptr<Client> mortal = Client::open({}, ports).value();
  Result<BodyStream> stream = BodyStream::open(*mortal, to(origin.url("/")));
  BOOST_REQUIRE(stream.ok());
  BOOST_TEST(!stream->read(10, kPatience)->empty());
  mortal.reset();
  BOOST_TEST(stream->read(10, 0).error().code == ErrorCode::kSTATE);
  stream->close();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
