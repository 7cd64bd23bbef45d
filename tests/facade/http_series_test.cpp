// Events and pages through the facade.
#include <boost/test/unit_test.hpp>
#include <iterator>
#include <string>
#include <tessera/tessera.hpp>
#include <vector>

#include "given.hpp"
#include "http_origin.hpp"

namespace tessera::facade_test {
namespace {

using test::Answer;
using test::Gate;
using test::Origin;
using test::Seen;

static_assert(std::input_iterator<HttpEvents::Iterator>);
static_assert(std::input_iterator<HttpPages::Iterator>);

struct Served {
  Origin origin;
  HttpClient open() const { return HttpClient::open({.base_url = origin.url("/")}); }
  static Answer events(const std::string& events) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" +
                         events);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_series, Served)

BOOST_AUTO_TEST_CASE(events_one_after_another) {
  origin.on("POST", "/chat", [](const Seen& seen) {
    return events("id: 7\nevent: token\nretry: 2500\ndata: " + seen.body + "\n\ndata: b\n\n").close();
  });
  const HttpClient http = open();
  std::vector<std::string> heard;
  for (const HttpEvent& event :
       HttpEvents::open(http, "POST", "/chat", {.body = "hi"}, {.reconnects = false})) {
    heard.emplace_back(event.data());
    BOOST_TEST(event.id() == "7");
    BOOST_TEST(event.type() == (heard.size() == 1 ? "token" : "message"));
    BOOST_TEST((event.retry() == std::chrono::milliseconds(2500)));
  }
  BOOST_TEST(heard == (std::vector<std::string>{"hi", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(events_in_the_background_and_what_goes_wrong) {
  origin.on("GET", "/s", [](const Seen&) { return events("data: a\n\n").stall(); });
  const HttpClient http = open();
  HttpEvents stream = HttpEvents::open(http, "GET", "/s");
  using Next = std::optional<HttpEvent>;
  const auto got = result_of<Next>([&](auto done) { return stream.next_async(done); });
  BOOST_TEST((*got)->data() == "a");
  BOOST_TEST((*got)->id().empty());
  BOOST_TEST(!(*got)->retry());
  const auto none = stream.try_next(std::chrono::milliseconds(0));
  BOOST_TEST((none.error().code() == ErrorCode::kTimeout));
  Given<Next> given;
  Operation waiting = stream.next_async(given.completion());
  waiting.cancel();
  waiting.wait();
  BOOST_TEST((given.take().error().code() == ErrorCode::kCancelled));
  stream.close();
  BOOST_TEST((stream.try_next().error().code() == ErrorCode::kState));
  const auto refused = HttpEvents::try_open(http, "GET", "/s", {}, {.max_queued = 0});
  BOOST_TEST((refused.error().code() == ErrorCode::kArg));
}

BOOST_AUTO_TEST_CASE(pages_one_after_another) {
  origin.on("GET", "/users", [](const Seen& seen) {
    return Answer(200, seen.target.find("page=3") == std::string::npos ? "[1]" : "[]");
  });
  const HttpClient http = open();
  std::string bodies;
  for (const HttpResponse& page : HttpPages::open(http, "GET", "/users", {.query = {{"q", "x"}}},
                                                  {.kind = HttpPaging::kPage, .items = "", .start = 2}))
    bodies += page.body();
  BOOST_TEST(bodies == "[1][]");
  BOOST_TEST(origin.seen()[0].target.find("q=x") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(pages_in_the_background_and_what_goes_wrong) {
  origin.on("GET", "/a", [](const Seen&) { return Answer(200, "1"); });
  const HttpClient http = open();
  HttpPages pages = HttpPages::open(http, "GET", "/a");
  using Next = std::optional<HttpResponse>;
  const auto got = result_of<Next>([&](auto done) { return pages.next_async(done); });
  BOOST_TEST((*got)->body() == "1");
  BOOST_TEST(!result_of<Next>([&](auto done) { return pages.next_async(done); })->has_value());
  pages.close();
  BOOST_TEST((pages.try_next().error().code() == ErrorCode::kState));
  BOOST_TEST((HttpPages::try_open(http, "POST", "/a").error().code() == ErrorCode::kArg));
}

BOOST_AUTO_TEST_CASE(configurations_are_what_the_library_reads) {
  const std::chrono::milliseconds time(1500);
  const HttpClient http = open();
  BOOST_TEST(
      HttpEvents::try_open(http, "GET", "/s", {}, {true, time, time, time, time, 1000, 5, "7"}).has_value());
  for (const HttpPagesConfig& config :
       {HttpPagesConfig{.max_pages = 5}, HttpPagesConfig{HttpPaging::kCursor, "after", "/meta/next"},
        HttpPagesConfig{.kind = HttpPaging::kToken},
        HttpPagesConfig{HttpPaging::kPage, "p", std::nullopt, "/list", 0, 7}})
    BOOST_TEST(HttpPages::try_open(http, "GET", "/a", {}, config).has_value(), config.to_json());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
