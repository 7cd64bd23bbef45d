#include "http/download/judge.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::http {
namespace {

using Kind = Judgement::Kind;

Response head(int status, std::initializer_list<Field> fields) {
  Response response;
  response.status = status;
  response.headers = Headers(fields);
  return response;
}

const Asked kFresh{};
Asked at_100_of_200() { return {100, 200, {Validator::Kind::kEtag, "\"one\""}}; }
Kind kind(const Response& response, const Asked& asked) { return judge(response, asked).kind; }

}  // namespace

BOOST_AUTO_TEST_SUITE(download_judge)

BOOST_AUTO_TEST_CASE(whole_contents_begin_at_the_beginning) {
  for (const Asked& asked : {kFresh, at_100_of_200()}) {
    const Judgement whole = judge(head(200, {{"Content-Length", "300"}}), asked);
    BOOST_TEST((whole.kind == Kind::kTake));
    BOOST_TEST(whole.from == 0);
    BOOST_TEST(whole.end == 300);
    BOOST_TEST(whole.length == 300);
    BOOST_TEST(judge(head(200, {}), asked).length == -1);
  }
}

BOOST_AUTO_TEST_CASE(the_rest_goes_behind_what_is_here) {
  const Judgement rest = judge(head(206, {{"Content-Range", "bytes 100-199/200"}}), at_100_of_200());
  BOOST_TEST((rest.kind == Kind::kTake));
  BOOST_TEST(rest.from == 100);
  BOOST_TEST(rest.end == 200);
  BOOST_TEST(rest.length == 200);
  const Judgement some = judge(head(206, {{"Content-Range", "bytes 100-149/*"}}), at_100_of_200());
  BOOST_TEST((some.kind == Kind::kTake));
  BOOST_TEST(some.end == 150);
  BOOST_TEST(some.length == 200);
}

BOOST_AUTO_TEST_CASE(a_rest_of_something_else_is_none) {
  for (const char* const range : {"bytes 99-199/200", "bytes 0-199/200", "bytes 100-200/201",
                                  "bytes 100-200/*", "bytes */200", "items 100-199/200", ""}) {
    BOOST_TEST((kind(head(206, {{"Content-Range", range}}), at_100_of_200()) == Kind::kAnew), range);
  }
  BOOST_TEST((kind(head(206, {}), at_100_of_200()) == Kind::kAnew));
  BOOST_TEST((kind(head(206, {{"Content-Range", "bytes 100-199/200"}, {"ETag", "\"two\""}}),
                   at_100_of_200()) == Kind::kAnew));
  BOOST_TEST((kind(head(206, {{"Content-Range", "bytes 100-199/200"}, {"Content-Length", "99"}}),
                   at_100_of_200()) == Kind::kAnew));
  // Nobody asked for a part.
  BOOST_TEST((kind(head(206, {{"Content-Range", "bytes 0-199/200"}}), kFresh) == Kind::kRefuse));
}

BOOST_AUTO_TEST_CASE(nothing_left_to_get) {
  const Asked all{200, 200, {Validator::Kind::kEtag, "\"one\""}};
  BOOST_TEST((kind(head(416, {{"Content-Range", "bytes */200"}}), all) == Kind::kComplete));
  BOOST_TEST((kind(head(416, {{"Content-Range", "bytes */201"}}), all) == Kind::kAnew));
  BOOST_TEST((kind(head(416, {}), all) == Kind::kAnew));
  BOOST_TEST((kind(head(416, {{"Content-Range", "bytes */200"}, {"ETag", "\"two\""}}), all) == Kind::kAnew));
  BOOST_TEST((kind(head(416, {{"Content-Range", "bytes */100"}}), at_100_of_200()) == Kind::kAnew));
  BOOST_TEST((kind(head(416, {{"Content-Range", "bytes */0"}}), kFresh) == Kind::kRefuse));
}

BOOST_AUTO_TEST_CASE(other_statuses_are_no_file) {
  for (const int status : {204, 301, 304, 400, 404, 500, 503})
    BOOST_TEST((kind(head(status, {}), kFresh) == Kind::kRefuse));
}

BOOST_AUTO_TEST_CASE(only_strong_validators_count) {
  BOOST_TEST(validator_of({{"ETag", "\"a\""}, {"Last-Modified", "x"}}).value == "\"a\"");
  for (const char* const etag : {"W/\"a\"", "a", "\"", "", "\"a b\"", "\"\xc3\xa4\""})
    BOOST_TEST(!validator_of({{"ETag", etag}}), etag);
  const Field modified{"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"};
  BOOST_TEST((validator_of({modified, {"Date", "Sun, 06 Nov 1994 08:49:38 GMT"}}).kind ==
              Validator::Kind::kLastModified));
  BOOST_TEST(!validator_of({modified, {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
  BOOST_TEST(!validator_of({modified}));
  BOOST_TEST(!validator_of({{"Last-Modified", "yesterday"}, {"Date", "Sun, 06 Nov 1994 08:49:38 GMT"}}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
