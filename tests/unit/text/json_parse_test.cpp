#include <boost/test/unit_test.hpp>
#include <string>

#include "text/json.hpp"

namespace tessera {
namespace {

using namespace std::string_view_literals;

/// 0, or the code of the error.
int outcome(std::string_view text, const JsonLimits& limits = {}) {
  const Result<Json> parsed = parse_json(text, limits);
  if (parsed.ok()) return 0;
  BOOST_TEST(!parsed.error().text.empty());
  return static_cast<int>(parsed.error().code);
}
constexpr int kArg = static_cast<int>(ErrorCode::kARG);
constexpr int kLimit = static_cast<int>(ErrorCode::kLIMIT);

std::string nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

BOOST_AUTO_TEST_SUITE(json_parse)

BOOST_AUTO_TEST_CASE(reads_every_kind_of_value) {
  const Json document =
      parse_json(
          R"( {"n":null,"t":true,"f":false,"i":-5,"u":18446744073709551615,"d":1.5,"s":"\u00e9\ud83d\ude00\n",)"
          R"("a":[1,[],{}],"o":{"x":{}}} )")
          .value();
  BOOST_TEST(document["n"].is_null());
  BOOST_TEST(document["t"].get<bool>());
  BOOST_TEST(!document["f"].get<bool>());
  BOOST_TEST(document["i"].get<int64_t>() == -5);
  BOOST_TEST(document["u"].get<uint64_t>() == UINT64_MAX);
  BOOST_TEST(document["d"].get<double>() == 1.5);
  BOOST_TEST(document["s"].get<std::string>() == "\xC3\xA9\xF0\x9F\x98\x80\n");
  BOOST_TEST(dump_json(document["a"]) == "[1,[],{}]");
  BOOST_TEST(dump_json(document["o"]) == R"({"x":{}})");
  for (const char* scalar : {"1", "\"x\"", "null", "[]", "{}"}) BOOST_TEST(outcome(scalar) == 0);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_strict_json) {
  for (const std::string_view text : {
           ""sv,
           " "sv,
           "{"sv,
           "[1,]"sv,
           "{\"a\":1,}"sv,
           "{a:1}"sv,
           "'x'"sv,
           "01"sv,
           "+1"sv,
           ".5"sv,
           "1."sv,
           "0x1"sv,
           "NaN"sv,
           "Infinity"sv,
           "-Infinity"sv,
           "1e999"sv,
           "tru"sv,
           "[1] x"sv,
           "{}{}"sv,
           "/*c*/1"sv,
           "1 // c"sv,  // comments
           "\"\t\""sv,
           "\"a\0b\""sv,  // control characters in a string
           "{}\0"sv,
           "{}\0{}"sv,  // data after a NUL
           "\xEF\xBB\xBF{}"sv,
           "\xFF\xFE{\0}\0"sv,  // byte-order marks
           "\"\\ud800\""sv,
           "\"\\udc00\""sv,
           "\"\\ud800\\u0041\""sv,
           "\"\\x41\""sv,
           "\"\xC0\x80\""sv,
           "\"\xED\xA0\x80\""sv,
           "\"\xFF\""sv,
           "{\"\xFF\":1}"sv,
       }) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(outcome(text) == kArg); }
  }
}

BOOST_AUTO_TEST_CASE(refuses_duplicate_members_at_every_level) {
  BOOST_TEST(outcome(R"({"a":1,"a":1})") == kArg);
  BOOST_TEST(outcome(R"({"a":1,"\u0061":2})") == kArg);
  BOOST_TEST(outcome(R"([{"x":{"b":1,"c":2,"b":3}}])") == kArg);
  BOOST_TEST(outcome(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})") == 0);
}

BOOST_AUTO_TEST_CASE(error_texts_show_no_control_characters_or_values) {
  const Error error = parse_json("{\"k\\n\\u0022\\u00e9\":\"secret\",\"k\\n\\u0022\\u00e9\":2}").error();
  BOOST_TEST(error.text == "the member \"k????\" appears twice");
  BOOST_TEST(parse_json("{\"password\":hunter2}").error().text == "malformed JSON near byte 13");
}

BOOST_AUTO_TEST_CASE(depth_is_limited) {
  BOOST_TEST(outcome(nested(8)) == 0);
  BOOST_TEST(outcome(nested(9)) == kLimit);
  BOOST_TEST(outcome(R"({"a":[{"b":[]}]})", {.max_depth = 4}) == 0);
  BOOST_TEST(outcome(R"({"a":[{"b":[]}]})", {.max_depth = 3}) == kLimit);
  BOOST_TEST(outcome("1", {.max_depth = 0}) == 0);
}

BOOST_AUTO_TEST_CASE(a_depth_bomb_ends_at_the_limit) {
  const JsonLimits roomy{.max_document = 1 << 24, .max_members = 1 << 24};
  BOOST_TEST(outcome(std::string(1'000'000, '['), roomy) == kLimit);
  std::string objects;
  for (int i = 0; i < 200'000; ++i) objects += "{\"a\":";
  BOOST_TEST(outcome(objects, roomy) == kLimit);
}

BOOST_AUTO_TEST_CASE(members_are_counted_over_the_whole_document) {
  const JsonLimits limits{.max_members = 4};
  BOOST_TEST(outcome("[1,2,3,4]", limits) == 0);
  BOOST_TEST(outcome("[1,2,3,4,5]", limits) == kLimit);
  BOOST_TEST(outcome(R"({"a":[1],"b":{"c":1}})", limits) == 0);
  BOOST_TEST(outcome(R"({"a":[1],"b":{"c":[]},"d":1})", limits) == kLimit);
}

BOOST_AUTO_TEST_CASE(strings_and_documents_are_limited_in_bytes) {
  const JsonLimits limits{.max_document = 12, .max_string = 4};
  BOOST_TEST(outcome("\"abcd\"", limits) == 0);
  BOOST_TEST(outcome("\"abcde\"", limits) == kLimit);
  BOOST_TEST(outcome("\"abc\xC3\xA9\"", limits) == kLimit);
  BOOST_TEST(outcome("{\"abcde\":1}", limits) == kLimit);
  BOOST_TEST(outcome("[1,2,3,4,56]", limits) == 0);
  BOOST_TEST(outcome("[1,2,3,4,567]", limits) == kLimit);
}

BOOST_AUTO_TEST_CASE(dumps_compact_with_sorted_members) {
  BOOST_TEST(dump_json(parse_json(R"({ "b" : 1, "a" : [ true, "x\u00e9" ] })").value()) ==
             "{\"a\":[true,\"x\xC3\xA9\"],\"b\":1}");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
