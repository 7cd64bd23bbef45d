// A process that is killed in the middle of a download, and the next one that goes on.
#include "download_fixture.hpp"
#include "program.hpp"

namespace tessera::http {

BOOST_FIXTURE_TEST_SUITE(killed_download, DownloadFixture)

BOOST_AUTO_TEST_CASE(the_next_process_goes_on_where_the_note_says) {
  body = content(size_t{8} << 20);
  test::Gate held;
  origin.on("GET", "/file", [&](const test::Seen& seen) {
    if (!seen.header("range").empty()) return serve(seen);
    return test::Answer()
        .send("HTTP/1.1 200 OK\r\nETag: " + etag + "\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n")
        .send(body.substr(0, size_t{5} << 20))
        .wait(held);
  });
  {
    test::Program child({DOWNLOAD_ACTOR, origin.url("/file"), target});
    // Until it has noted some of what will never be all.
    while (file_text(note).find("\"synced\":") == std::string::npos)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    child.kill_now();
    BOOST_TEST(child.wait() == -SIGKILL);
  }
  BOOST_TEST(!std::filesystem::exists(target));
  const auto noted = parse_json(file_text(note));
  BOOST_REQUIRE(noted.ok());
  const int64_t synced = json_integer(*noted, "synced", 0, INT64_MAX).value().value_or(0);
  BOOST_TEST(synced >= (1 << 20));
  DownloadConfig to = to_target();
  to.sha256 = digest_of(body);
  BOOST_TEST(succeeds(to).resumed_from == synced);
  BOOST_TEST(origin.seen().back().header("range") == "bytes=" + std::to_string(synced) + "-");
  held.open();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
