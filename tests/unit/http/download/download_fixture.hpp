// A server of one file that knows ranges, and downloads from it.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>

#include "../client/client_fixture.hpp"
#include "http/download/download.hpp"
#include "http/fields/cursor.hpp"
#include "temp_dir.hpp"
#include "text/hex.hpp"
#include "text/json.hpp"

namespace tessera::http {

inline std::string content(size_t size, unsigned seed = 1) {
  std::string text(size, '\0');
  for (char& c : text) {
    seed = seed * 1664525U + 1013904223U;
    c = static_cast<char>(seed >> 24);
  }
  return text;
}

inline std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string digest_of(std::string_view text) { return hex_encode(sha256(as_bytes(text))); }

struct DownloadFixture : ClientFixture {
  DownloadFixture() {
    config.policies.breaker.is_enabled = false;
    config.policies.timeouts.total_ms = 3'600'000;  // of the quick clock
  }

  /// As a server should: 206 to a range of the content that the client has, 200 otherwise, 416 past the end.
  test::Answer serve(const test::Seen& seen) const {
    const std::string range = seen.header("range");
    if (range.empty() || seen.header("if-range") != etag) return {200, body, {{"ETag", etag}}};
    const auto from = static_cast<size_t>(
        parse_digits(std::string_view(range).substr(6, range.size() - 7), INT64_MAX).value());
    const std::string total = std::to_string(body.size());
    if (from >= body.size()) return {416, {}, {{"Content-Range", "bytes */" + total}, {"ETag", etag}}};
    return {206,
            body.substr(from),
            {{"ETag", etag},
             {"Content-Range",
              "bytes " + std::to_string(from) + "-" + std::to_string(body.size() - 1) + "/" + total}}};
  }
  /// The first `count` requests get a whole head and `sent` bytes of the body, then the end.
  void cut(int count, size_t sent) {
    origin.on("GET", "/file", [this, count, sent](const test::Seen& seen) {
      if (seen.number > count) return serve(seen);
      return cut_answer(seen, sent);
    });
  }
  test::Answer cut_answer(const test::Seen& seen, size_t sent) const {
    const std::string range = seen.header("range");
    size_t from = 0;
    std::string head = "HTTP/1.1 200 OK\r\n";
    if (!range.empty()) {
      from = static_cast<size_t>(
          parse_digits(std::string_view(range).substr(6, range.size() - 7), INT64_MAX).value());
      head = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) + "-" +
             std::to_string(body.size() - 1) + "/" + std::to_string(body.size()) + "\r\n";
    }
    return test::Answer()
        .send(head + "ETag: " + etag + "\r\nContent-Length: " + std::to_string(body.size() - from) +
              "\r\n\r\n")
        .send(body.substr(from, sent))
        .close();
  }
  void serve_always() {
    origin.on("GET", "/file", [this](const test::Seen& seen) { return serve(seen); });
  }

  Request file_request() const {
    Request request;
    request.url = origin.url("/file");
    return request;
  }
  DownloadConfig to_target() const {
    DownloadConfig to;
    to.path = target;
    to.retry.transient_base_ms = 1;
    return to;
  }
  Result<DownloadResult> fetch(DownloadConfig to) {
    return download(client(), file_request(), std::move(to));
  }
  Result<DownloadResult> fetch() { return fetch(to_target()); }
  ErrorCode fails(DownloadConfig to) {
    const Result<DownloadResult> result = fetch(std::move(to));
    BOOST_REQUIRE(!result.ok());
    BOOST_TEST_MESSAGE(result.error().text);
    return result.error().code;
  }
  ErrorCode fails() { return fails(to_target()); }
  DownloadResult succeeds(DownloadConfig to) {
    const Result<DownloadResult> result = fetch(std::move(to));
    BOOST_REQUIRE_MESSAGE(result.ok(), (result.ok() ? "" : result.error().text));
    check_target();
    return *result;
  }
  DownloadResult succeeds() { return succeeds(to_target()); }
  void check_target() const {
    BOOST_TEST((file_text(target) == body));
    BOOST_TEST(!has_part());
    BOOST_TEST(!std::filesystem::exists(note));
  }
  /// What a download that was cut leaves: `size` bytes.
  void leave_part(size_t size) {
    cut(1, size);
    DownloadConfig once = to_target();
    once.max_resumes = 0;
    BOOST_TEST(fails(once) == ErrorCode::kNETWORK);
    BOOST_TEST((file_text(part) == body.substr(0, size)));
  }
  bool has_part() const { return std::filesystem::exists(part); }
  static mode_t mode_of(const std::string& path) {
    struct stat status{};
    BOOST_REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777;
  }

  test::TempDir folder;
  std::string target = folder / "file", part = target + ".part", note = part + ".json";
  std::string body = content(3'000'017);
  std::string etag = "\"one\"";
  test::Origin origin;
};

}  // namespace tessera::http
