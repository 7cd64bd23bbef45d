// Bodies that do not fit in memory through the facade.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <tessera/tessera.hpp>

#include "given.hpp"
#include "http_origin.hpp"
#include "temp_dir.hpp"

namespace tessera::facade_test {
namespace {

using test::Answer;
using test::Origin;
using test::Seen;

struct Files {
  test::TempDir folder;
  const std::string body = std::string(300'000, 'b');
  Origin origin;
  HttpClient http = HttpClient::open({.base_url = origin.url("/")});

  Files() {
    origin.on("GET", "/big", [this](const Seen&) { return Answer(200, body, {{"ETag", "\"1\""}}); });
    origin.on("POST", "/up", [](const Seen& seen) { return Answer(200, seen.body); });
  }
  static std::string rest_of(HttpStream& stream) {
    std::string all;
    for (std::string piece = stream.read(); !piece.empty(); piece = stream.read()) all += piece;
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_files, Files)

BOOST_AUTO_TEST_CASE(a_response_in_steps) {
  HttpStream stream = http.open_stream("GET", "/big");
  BOOST_TEST(stream.head().status() == 200);
  std::string all = *result_of<std::string>([&](auto done) { return stream.read_async(10, done); });
  BOOST_TEST(!all.empty());
  BOOST_TEST(all.size() <= 10U);
  all += rest_of(stream);
  BOOST_TEST((all == body));
  stream.close();
  BOOST_TEST((stream.try_read().error().code() == ErrorCode::kCancelled));
  auto opened =
      result_of<HttpStream>([&](auto done) { return http.open_stream_async("GET", "/big", {}, done); });
  BOOST_TEST((rest_of(*opened) == body));
}

BOOST_AUTO_TEST_CASE(a_request_in_steps) {
  HttpUpload upload;
  Given<HttpResponse> given;
  Operation sending = http.send_async("POST", "/up", {.upload = &upload}, given.completion());
  BOOST_TEST(upload.write("one ") == 4U);
  BOOST_TEST(result_of<void>([&](auto done) { return upload.write_async("two", done); }).has_value());
  upload.finish();
  BOOST_TEST(given.take()->body() == "one two");
  BOOST_TEST((upload.try_write("x").error().code() == ErrorCode::kState));
  HttpUpload other(5);
  Given<HttpResponse> refused;
  Operation failing = http.send_async("POST", "/up", {.upload = &other}, refused.completion());
  other.fail();
  BOOST_TEST((refused.take().error().code() == ErrorCode::kCallback));
  sending.wait();
  failing.wait();
}

BOOST_AUTO_TEST_CASE(a_form) {
  std::ofstream(folder / "f.txt") << "of a file";
  HttpForm form;
  form.add_field("a", "b").add_bytes("c", "bytes", {.content_type = "text/plain"});
  form.add_file("f", folder / "f.txt", {.file_name = "other.txt"});
  const HttpResponse echo = http.post("/up", {.form = &form});
  for (const char* const part : {"name=\"a\"", "text/plain", "filename=\"other.txt\"", "of a file"}) {
    BOOST_TEST(echo.body().find(part) != std::string_view::npos);
  }
  BOOST_TEST((form.try_add_field("a\nb", "").error().code() == ErrorCode::kArg));
}

BOOST_AUTO_TEST_CASE(a_file) {
  const std::string target = folder / "file";
  std::int64_t last = 0;
  const HttpDownloaded got =
      http.download("/big", {.path = target, .size = 300'000}, {}, [&](std::int64_t done, std::int64_t) {
        last = done;
        return true;
      });
  BOOST_TEST(got.bytes == 300'000);
  BOOST_TEST(last == 300'000);
  std::ifstream file(target, std::ios::binary);
  BOOST_TEST((std::string(std::istreambuf_iterator<char>(file), {}) == body));
  BOOST_TEST(
      (http.try_download("/big", {.path = target, .max_bytes = 10}).error().code() == ErrorCode::kLimit));
  const auto cancelled = result_of<HttpDownloaded>([&](auto done) {
    return http.download_async("/big", {.path = target}, {}, done,
                               [](std::int64_t, std::int64_t) { return false; });
  });
  BOOST_TEST((cancelled.error().code() == ErrorCode::kCancelled));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
