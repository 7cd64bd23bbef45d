#include "http/fields/sse_parser.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

using namespace std::string_view_literals;

/// Events as "[type|data|id]", with what the parser says after them.
struct Heard {
  std::string text;
  void operator()(const SseEvent& event) {
    text += '[';
    text.append(event.type).append("|").append(event.data).append("|").append(event.id) += ']';
  }
};

std::string after(const SseParser& parser) {
  std::string text = " id=" + parser.last_event_id();
  if (const auto retry = parser.retry_ms()) text += " retry=" + std::to_string(*retry);
  return text;
}

struct Fixture {
  std::string_view stream, events;
};

constexpr Fixture kFixtures[] = {
    // The examples of the specification.
    {"data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\n"
     "data: This is the third message.\n\n"sv,
     "[message|This is the first message.|][message|This is the second message, it\nhas two lines.|]"
     "[message|This is the third message.|] id="sv},
    {"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n"sv,
     "[add|73857293|][remove|2153|][add|113411|] id="sv},
    {"data: YHOO\ndata: +2\ndata: 10\n\n"sv, "[message|YHOO\n+2\n10|] id="sv},
    {": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"sv,
     "[message|first event|1][message|second event|][message| third event|] id="sv},
    {"data\n\ndata\ndata\n\ndata:"sv, "[message||][message|\n|] id="sv},
    {"data:test\n\ndata: test\n\n"sv, "[message|test|][message|test|] id="sv},
    // Ends of lines, also mixed.
    {"data: a\r\ndata: b\r\n\r\n"sv, "[message|a\nb|] id="sv},
    {"data: a\rdata: b\r\rdata: c\r\n\r\ndata: d\n\r\ndata: e\r\n\ndata: f\n\n"sv,
     "[message|a\nb|][message|c|][message|d|][message|e|][message|f|] id="sv},
    {"\r\n\r\n\n\n\r\rdata: x\r\r\n\n"sv, "[message|x|] id="sv},
    // One byte-order mark at the start, and no other.
    {"\xEF\xBB\xBF"
     "data: a\n\n"sv,
     "[message|a|] id="sv},
    {"\xEF\xBB\xBF\xEF\xBB\xBF"
     "data: a\n\ndata: b\n\n"sv,
     "[message|b|] id="sv},
    {"\n\xEF\xBB\xBF"
     "data: a\n\n\xEF\xBB\xBF\n"sv,
     " id="sv},
    {"\xEF\xBB"
     "data: a\n\n"sv,
     " id="sv},
    // Ids: kept from event to event, reset by an empty one, not taken with a NUL, counted without data.
    {"id: 1\ndata: a\n\ndata: b\n\nid: x\0y\ndata: c\n\nid: 2\n\ndata: d\n\n"sv,
     "[message|a|1][message|b|1][message|c|1][message|d|2] id=2"sv},
    {"id: 7\n\n"sv, " id=7"sv},
    {"id: 7\ndata: x\n"sv, " id="sv},
    {"id: 7\ndata: x\n\nid:\ndata: y\n\n"sv, "[message|x|7][message|y|] id="sv},
    // Retry: digits alone.
    {"retry: 10000\n"sv, " id= retry=10000"sv},
    {"retry: 5\nretry: 7s\nretry: -1\nretry:\nretry\nretry: 1.5\n"sv, " id= retry=5"sv},
    {"retry: 99999999999999999999\n"sv, " id= retry=86400000"sv},
    // Fields: names have case, no space before the colon, one space after it, a type without data is
    // forgotten.
    {"Data: a\ndata : b\n data: c\nfoo: d\nevent: x\n\ndata: e\n\n"sv, "[message|e|] id="sv},
    {"event: x\nevent\ndata: a:b: c\n\n"sv, "[message|a:b: c|] id="sv},
    {"event: x\ndata: \n\n:\n:comment\ndata:\t1\n\n"sv, "[x||][message|\t1|] id="sv},
    {"data: a\0b\n\n"sv, "[message|a\0b|] id="sv},
    // Malformed UTF-8: one replacement for each start of a character.
    {"data: \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n\n"sv,
     "[message|\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80|] id="sv},
    {"event: \xFF\nid: \x80\ndata: \xE2\x82\n\n"sv,
     "[\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBD] id=\xEF\xBF\xBD"sv},
    {"data: \xF0\x9F\x98"
     "a\xC0\xAF\xED\xA0\x80\n\n"sv,
     "[message|\xEF\xBF\xBD"
     "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|] id="sv},
    // What the end of the stream cuts off is no event.
    {"data: a\n\ndata: b\n"sv, "[message|a|] id="sv},
    {"data: a\n\ndata: b"sv, "[message|a|] id="sv},
    {""sv, " id="sv},
};

std::string hear(std::string_view stream, const std::vector<size_t>& cuts) {
  SseParser parser;
  Heard heard;
  size_t from = 0;
  for (const size_t cut : cuts) {
    BOOST_REQUIRE(parser.feed(stream.substr(from, cut - from), std::ref(heard)).ok());
    from = cut;
  }
  BOOST_REQUIRE(parser.feed(stream.substr(from), std::ref(heard)).ok());
  return heard.text + after(parser);
}

BOOST_AUTO_TEST_SUITE(sse_parser)

BOOST_AUTO_TEST_CASE(a_stream_in_one_piece) {
  for (const auto& [stream, events] : kFixtures) {
    BOOST_TEST_CONTEXT(stream) BOOST_TEST(hear(stream, {}) == events);
  }
}

BOOST_AUTO_TEST_CASE(a_stream_cut_at_every_byte) {
  for (const auto& [stream, events] : kFixtures) {
    for (size_t cut = 0; cut <= stream.size(); ++cut) {
      BOOST_TEST_CONTEXT(stream << " cut at " << cut) BOOST_TEST(hear(stream, {cut}) == events);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_stream_byte_by_byte) {
  for (const auto& [stream, events] : kFixtures) {
    std::vector<size_t> cuts;
    for (size_t cut = 1; cut < stream.size(); ++cut) cuts.push_back(cut);
    BOOST_TEST_CONTEXT(stream) BOOST_TEST(hear(stream, cuts) == events);
  }
}

BOOST_AUTO_TEST_CASE(an_event_comes_with_its_last_byte) {
  SseParser parser;
  Heard heard;
  BOOST_TEST(parser.feed("data: a\r\n\r", std::ref(heard)).ok());
  BOOST_TEST(heard.text == "[message|a|]");
  BOOST_TEST(parser.feed("\n\ndata: b\n", std::ref(heard)).ok());
  BOOST_TEST(heard.text == "[message|a|]");
  BOOST_TEST(parser.feed("\n", std::ref(heard)).ok());
  BOOST_TEST(heard.text == "[message|a|][message|b|]");
}

BOOST_AUTO_TEST_CASE(a_new_stream_keeps_the_id_and_the_time) {
  SseParser parser;
  Heard heard;
  BOOST_TEST(parser.feed("id: 1\nretry: 50\ndata: a\n\nid: 2\nevent: x\ndata: cut\r", std::ref(heard)).ok());
  parser.restart();
  BOOST_TEST(parser.last_event_id() == "1");
  BOOST_TEST(parser.retry_ms().value() == 50);
  // A byte-order mark is one again, a line feed ends a line, and nothing of the cut event is left.
  BOOST_TEST(parser
                 .feed("\xEF\xBB\xBF"
                       "data: b\n\n",
                       std::ref(heard))
                 .ok());
  BOOST_TEST(heard.text == "[message|a|1][message|b|1]");
}

BOOST_AUTO_TEST_CASE(an_endless_line_is_refused_until_a_new_stream) {
  for (const std::string_view prefix : {"data: "sv, ": "sv, "foo"sv, ""sv}) {
    for (const size_t piece : {size_t{1}, size_t{7}, size_t{1000}}) {
      SseParser parser(100);
      Heard heard;
      const std::string stream = "data: before\n\n" + std::string(prefix) +
                                 std::string(101 - prefix.size(), 'x') + "\n\ndata: after\n\n";
      Status status;
      for (size_t at = 0; at < stream.size() && status; at += piece) {
        status = parser.feed(std::string_view(stream).substr(at, piece), std::ref(heard));
      }
      BOOST_REQUIRE(!status.ok());
      BOOST_TEST((status.error().code == ErrorCode::kLIMIT));
      BOOST_TEST(heard.text == "[message|before|]");
      BOOST_TEST(!parser.feed("\n\n", std::ref(heard)).ok());
      parser.restart();
      BOOST_TEST(parser.feed("data: again\n\n", std::ref(heard)).ok());
      BOOST_TEST(heard.text == "[message|before|][message|again|]");
    }
  }
}

BOOST_AUTO_TEST_CASE(limits_hold_at_their_edge) {
  const auto is_read = [](const std::string& stream) {
    SseParser parser(100);
    return parser.feed(stream, [](const SseEvent&) {}).ok();
  };
  BOOST_TEST(is_read(std::string(100, 'x') + "\n"));
  BOOST_TEST(!is_read(std::string(101, 'x') + "\n"));
  BOOST_TEST(is_read(std::string(100, 'x')));
  BOOST_TEST(!is_read(std::string(101, 'x')));
  // Data of two lines counts with the line feed between them.
  const std::string half = "data: " + std::string(50, 'x') + "\n";
  BOOST_TEST(is_read(half + "data: " + std::string(49, 'x') + "\n\n"));
  BOOST_TEST(!is_read(half + "data: " + std::string(50, 'x') + "\n\n"));
  // Nothing without data grows.
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "event: some\nid: 1\n: comment\nretry: 1\n";
  BOOST_TEST(is_read(lines));
  BOOST_TEST(!is_read(lines + [] {
    std::string empty;
    for (int i = 0; i < 102; ++i) empty += "data\n";
    return empty;
  }()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::http
