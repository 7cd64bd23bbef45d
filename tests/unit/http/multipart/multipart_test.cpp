// Forms as a server gets them.
#include "http/multipart/multipart.hpp"

#include <filesystem>
#include <fstream>

#include "../client/client_fixture.hpp"
#include "http/fields/content_type.hpp"
#include "http/stream/body_stream.hpp"
#include "temp_dir.hpp"

namespace tessera::http {

using namespace std::chrono_literals;
using test::Origin;
using test::Seen;

namespace {

/// Always the same bytes, so that a body can be written down.
class Sevens final : public Random {
 public:
  void fill(std::span<uint8_t> out) override { std::ranges::fill(out, uint8_t{0x77}); }
};

struct FormFixture : ClientFixture {
  FormFixture() {
    config.policies.timeouts.total_ms = 3'600'000;  // of the quick clock
    origin.on("POST", "/", [](const Seen&) { return 200; });
  }
  Result<BodyStream> send() {
    Request request;
    request.method = "POST";
    request.url = origin.url("/");
    request.headers.set("content-type", form.content_type());
    request.source = form.source().value();
    return BodyStream::open(client(), std::move(request));
  }
  Seen sent() {
    const Result<BodyStream> stream = send();
    BOOST_REQUIRE_MESSAGE(stream.ok(), (stream.ok() ? "" : stream.error().text));
    return origin.seen().back();
  }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }

  Sevens sevens;
  MultipartForm form{sevens};
  test::TempDir folder;
  Origin origin;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(multipart, FormFixture)

BOOST_AUTO_TEST_CASE(fields_bytes_and_files) {
  BOOST_REQUIRE(form.add_field("who", "Tess\r\n\"x\"").ok());
  BOOST_REQUIRE(form.add_bytes({"note", "a \"b\".txt", "text/plain"}, as_bytes("hello")).ok());
  BOOST_REQUIRE(form.add_file({"image", "", ""}, file("p\xc3\xa9.bin", std::string("\0\1", 2))).ok());
  BOOST_REQUIRE(form.add_field("empty", "").ok());
  const Seen seen = sent();
  const std::string line = "--tessera-77777777777777777777777777777777";
  const std::string expected =
      line + "\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nTess\r\n\"x\"\r\n" + line +
      "\r\nContent-Disposition: form-data; name=\"note\"; filename=\"a %22b%22.txt\"\r\n"
      "Content-Type: text/plain\r\n\r\nhello\r\n" +
      line +
      "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"p\xc3\xa9.bin\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n" +
      std::string("\0\1", 2) + "\r\n" + line +
      "\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n" + line + "--\r\n";
  BOOST_TEST(seen.body == expected);
  BOOST_TEST(seen.header("content-length") == std::to_string(expected.size()));
  BOOST_TEST(form.size() == static_cast<int64_t>(expected.size()));
  const auto type = parse_content_type(seen.header("content-type"));
  BOOST_REQUIRE(type.has_value());
  BOOST_TEST(type->type == "multipart/form-data");
  BOOST_TEST("--" + type->boundary == line);
}

BOOST_AUTO_TEST_CASE(a_form_of_nothing) {
  BOOST_TEST(sent().body == "--tessera-77777777777777777777777777777777--\r\n");
}

BOOST_AUTO_TEST_CASE(boundaries_differ) {
  const MultipartForm one(system_random()), other(system_random());
  BOOST_TEST(one.content_type() != other.content_type());
}

BOOST_AUTO_TEST_CASE(a_large_file_is_sent_whole_and_as_often_as_asked) {
  std::string text(5'000'000, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 997);
  BOOST_REQUIRE(form.add_file({"f", "", ""}, file("big", text)).ok());
  BOOST_REQUIRE(form.add_bytes({"g", "h", ""}, as_bytes(text)).ok());
  for (int round = 0; round < 2; ++round) {
    const Seen seen = sent();
    BOOST_REQUIRE(seen.body.size() == static_cast<size_t>(form.size()));
    BOOST_TEST(seen.body.find(text) != std::string::npos);
    BOOST_TEST(seen.body.rfind(text) > text.size());
  }
}

BOOST_AUTO_TEST_CASE(a_body_outlives_its_form) {
  Request request;
  request.method = "POST";
  request.url = origin.url("/");
  {
    MultipartForm mortal(sevens);
    BOOST_REQUIRE(mortal.add_file({"f", "", ""}, file("f", std::string(1'000'000, 'f'))).ok());
    request.source = mortal.source().value();
  }
  BOOST_REQUIRE(perform(std::move(request)).ok());
  BOOST_TEST(origin.seen().back().body.size() > 1'000'000U);
}

BOOST_AUTO_TEST_CASE(a_call_that_fails_is_sent_again_with_the_whole_body) {
  origin.on("PUT", "/", [](const Seen& seen) { return seen.number == 1 ? 503 : 200; });
  const std::string text(1'000'000, 'f');
  BOOST_REQUIRE(form.add_file({"f", "", ""}, file("f", text)).ok());
  Request request;
  request.method = "PUT";
  request.url = origin.url("/");
  request.source = form.source().value();
  const Result<Response> response = perform(std::move(request));
  BOOST_REQUIRE_MESSAGE(response.ok(), (response.ok() ? "" : response.error().text));
  BOOST_TEST(response->status == 200);
  BOOST_TEST(response->attempts == 2);
  for (const Seen& seen : origin.seen()) BOOST_TEST(seen.body.find(text) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_redirect_takes_the_body_along) {
  origin.on("POST", "/from", [](const Seen&) { return test::Answer::redirect("/", 307); });
  BOOST_REQUIRE(form.add_field("a", "b").ok());
  Request request;
  request.method = "POST";
  request.url = origin.url("/from");
  request.source = form.source().value();
  BOOST_REQUIRE(perform(std::move(request)).ok());
  BOOST_REQUIRE(origin.seen().size() == 2U);
  BOOST_TEST(origin.seen()[0].body == origin.seen()[1].body);
  BOOST_TEST(origin.seen()[1].body.size() == static_cast<size_t>(form.size()));
}

BOOST_AUTO_TEST_CASE(a_body_that_nobody_sends_costs_nothing_more) {
  BOOST_REQUIRE(form.add_file({"f", "", ""}, file("f", std::string(1'000'000, 'f'))).ok());
  const std::weak_ptr<BodySource> source = form.source().value();
  // Its reader lets go once it sees that.
  while (!source.expired()) std::this_thread::yield();
}

BOOST_AUTO_TEST_CASE(a_file_that_became_shorter_fails_the_call) {
  const std::string path = file("f", std::string(2'000'000, 'f'));
  BOOST_REQUIRE(form.add_file({"f", "", ""}, path).ok());
  std::filesystem::resize_file(path, 1'000'000);
  const Result<BodyStream> stream = send();
  BOOST_REQUIRE(!stream.ok());
  BOOST_TEST(stream.error().code == ErrorCode::kCALLBACK);
}

BOOST_AUTO_TEST_CASE(a_file_that_grew_is_sent_as_it_was) {
  const std::string path = file("f", "12345");
  BOOST_REQUIRE(form.add_file({"f", "", ""}, path).ok());
  std::ofstream(path, std::ios::app) << "6789";
  BOOST_TEST(sent().body.find("12345\r\n--") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_that_would_add_fields_are_refused) {
  for (const char* const bad : {"a\r\nX: y", "a\n", "a\r", "a\tb", "\x7f", "\xff"}) {
    BOOST_TEST(form.add_field(bad, "").error().code == ErrorCode::kARG);
    BOOST_TEST(form.add_bytes({"a", bad, ""}, {}).error().code == ErrorCode::kARG);
    BOOST_TEST(form.add_bytes({"a", "b", bad}, {}).error().code == ErrorCode::kARG);
  }
  BOOST_TEST(form.add_field(std::string("a\0b", 3), "").error().code == ErrorCode::kARG);
  BOOST_TEST(form.add_bytes({"a", "b", "no type"}, {}).error().code == ErrorCode::kARG);
  BOOST_TEST(form.add_bytes({"a", "b", "text/plain\r\nX: y"}, {}).error().code == ErrorCode::kARG);
  BOOST_TEST(sent().body == "--tessera-77777777777777777777777777777777--\r\n");  // nothing was added
}

BOOST_AUTO_TEST_CASE(what_can_not_be_opened) {
  BOOST_TEST(form.add_file({"f", "", ""}, folder / "none").error().code == ErrorCode::kNOT_FOUND);
  BOOST_TEST(form.add_file({"f", "", ""}, folder.path().string()).error().code == ErrorCode::kARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
