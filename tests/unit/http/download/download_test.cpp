// Files from servers and networks that are as they are.
#include <sys/mount.h>

#include "download_fixture.hpp"
#include "fault_proxy.hpp"
#include "http/download/part.hpp"

namespace tessera::http {

using namespace std::chrono_literals;
using test::Answer;
using test::FaultProxy;
using test::Seen;

BOOST_FIXTURE_TEST_SUITE(downloads, DownloadFixture)

BOOST_AUTO_TEST_CASE(a_file_arrives_whole_and_private) {
  serve_always();
  DownloadConfig to = to_target();
  to.sha256 = digest_of(body);
  to.size = static_cast<int64_t>(body.size());
  const DownloadResult result = succeeds(to);
  BOOST_TEST(result.bytes == *to.size);
  BOOST_TEST(result.resumes == 0);
  BOOST_TEST(result.resumed_from == 0);
  BOOST_TEST(result.headers.get("etag").value_or("") == etag);
  BOOST_TEST(mode_of(target) == 0600U);
  const Seen seen = origin.seen().front();
  BOOST_TEST(seen.header("accept-encoding") == "identity");
  BOOST_TEST(seen.count("range") == 0U);
}

BOOST_AUTO_TEST_CASE(an_empty_file) {
  body.clear();
  serve_always();
  DownloadConfig to = to_target();
  to.sha256 = digest_of("");
  BOOST_TEST(succeeds(to).bytes == 0);
}

BOOST_AUTO_TEST_CASE(a_file_whose_length_nobody_knows) {
  origin.on("GET", "/file", [this](const Seen&) {
    return Answer::chunked({body.substr(0, 1'000'000), body.substr(1'000'000)});
  });
  std::vector<std::pair<int64_t, int64_t>> told;
  const Result<DownloadResult> result =
      download(client(), file_request(), to_target(), [&](int64_t done, int64_t total) {
        told.emplace_back(done, total);
        return true;
      });
  BOOST_REQUIRE(result.ok());
  check_target();
  BOOST_TEST((told.back() == std::pair(static_cast<int64_t>(body.size()), int64_t{-1})));
}

BOOST_AUTO_TEST_CASE(progress_grows_to_the_whole) {
  serve_always();
  std::vector<std::pair<int64_t, int64_t>> told;
  BOOST_REQUIRE(download(client(), file_request(), to_target(), [&](int64_t done, int64_t total) {
                  told.emplace_back(done, total);
                  return true;
                }).ok());
  const auto size = static_cast<int64_t>(body.size());
  BOOST_REQUIRE(!told.empty());
  BOOST_TEST(std::ranges::is_sorted(told));
  BOOST_TEST((told.back() == std::pair(size, size)));
  BOOST_TEST(told.front().second == size);
}

BOOST_AUTO_TEST_CASE(content_codings_are_left_as_they_are) {
  const std::string coded = test::gzip("hello");
  origin.on("GET", "/file", [&](const Seen&) { return Answer(200, coded, {{"Content-Encoding", "gzip"}}); });
  body = coded;
  succeeds();
}

BOOST_AUTO_TEST_CASE(a_connection_that_breaks_again_and_again) {
  cut(3, 700'000);
  DownloadConfig to = to_target();
  to.sha256 = digest_of(body);
  BOOST_TEST(succeeds(to).resumes == 3);
  const std::vector<Seen> seen = origin.seen();
  BOOST_REQUIRE(seen.size() == 4U);
  BOOST_TEST(seen[1].header("range") == "bytes=700000-");
  BOOST_TEST(seen[1].header("if-range") == etag);
  BOOST_TEST(seen[3].header("range") == "bytes=2100000-");
}

BOOST_AUTO_TEST_CASE(a_network_that_resets) {
  serve_always();
  FaultProxy proxy(origin.port());
  proxy.to_client({.reset_after = 1'200'000});
  Request request;
  request.url = "http://127.0.0.1:" + std::to_string(proxy.port()) + "/file";
  DownloadConfig to = to_target();
  to.sha256 = digest_of(body);
  const Result<DownloadResult> result = download(client(), std::move(request), std::move(to));
  BOOST_REQUIRE_MESSAGE(result.ok(), (result.ok() ? "" : result.error().text));
  check_target();
  BOOST_TEST(result->resumes > 0);
}

BOOST_AUTO_TEST_CASE(a_byte_that_changed_on_the_way_is_found) {
  serve_always();
  FaultProxy proxy(origin.port());
  proxy.to_client({.flip_at = 500'000});
  Request request;
  request.url = "http://127.0.0.1:" + std::to_string(proxy.port()) + "/file";
  DownloadConfig to = to_target();
  to.sha256 = digest_of(body);
  const Result<DownloadResult> result = download(client(), std::move(request), std::move(to));
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(result.error().code == ErrorCode::kPROTOCOL);
  BOOST_TEST(!has_part());
  BOOST_TEST(!std::filesystem::exists(target));
}

BOOST_AUTO_TEST_CASE(a_connection_that_breaks_for_ever_is_given_up_and_kept) {
  cut(INT_MAX, 1000);
  DownloadConfig to = to_target();
  to.max_resumes = 4;
  BOOST_TEST(fails(to) == ErrorCode::kNETWORK);
  BOOST_TEST(origin.seen().size() == 5U);
  BOOST_TEST((file_text(part) == body.substr(0, 5000)));
  BOOST_TEST(mode_of(part) == 0600U);
  BOOST_TEST(mode_of(note) == 0600U);
  serve_always();
  BOOST_TEST(succeeds().resumed_from == 5000);
}

BOOST_AUTO_TEST_CASE(what_brings_much_is_not_given_up) {
  cut(2, size_t{1} << 20);
  DownloadConfig to = to_target();
  to.max_resumes = 1;
  BOOST_TEST(succeeds(to).resumes == 2);
}

BOOST_AUTO_TEST_CASE(without_a_validator_it_begins_again) {
  etag = "W/\"weak\"";
  cut(1, 700'000);
  BOOST_TEST(succeeds().resumes == 1);
  BOOST_TEST(origin.seen().back().count("range") == 0U);
}

BOOST_AUTO_TEST_CASE(the_date_of_the_last_change_validates_too) {
  const test::Fields fields{{"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"},
                            {"Date", "Sun, 06 Nov 1994 09:00:00 GMT"}};
  origin.on("GET", "/file", [&](const Seen& seen) -> Answer {
    if (seen.number == 1) {
      return Answer()
          .send("HTTP/1.1 200 OK\r\nLast-Modified: " + fields[0].second + "\r\nDate: " + fields[1].second +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, 10))
          .close();
    }
    if (seen.header("if-range") != fields[0].second) return 500;
    const std::string last = std::to_string(body.size() - 1), total = std::to_string(body.size());
    return {206, body.substr(10), {{"Content-Range", "bytes 10-" + last + "/" + total}}};
  });
  BOOST_TEST(succeeds().resumes == 1);
}

BOOST_AUTO_TEST_CASE(a_server_that_ignores_ranges) {
  leave_part(1'000'000);
  origin.on("GET", "/file", [this](const Seen&) { return Answer(200, body, {{"ETag", etag}}); });
  BOOST_TEST(succeeds().resumed_from == 0);
  BOOST_TEST(origin.seen().back().count("range") == 1U);
}

BOOST_AUTO_TEST_CASE(a_content_that_changed_meanwhile) {
  leave_part(1'000'000);
  body = content(2'000'000, 7);
  etag = "\"two\"";
  serve_always();
  DownloadConfig to = to_target();
  to.sha256 = digest_of(body);
  BOOST_TEST(succeeds(to).resumed_from == 0);
}

BOOST_AUTO_TEST_CASE(a_changed_content_from_a_server_that_does_not_look_at_if_range) {
  leave_part(1'000'000);
  body = content(3'000'017, 7);
  etag = "\"two\"";
  origin.on("GET", "/file", [this](const Seen& seen) {
    if (seen.header("range").empty()) return serve(seen);
    return Answer(206, body.substr(1'000'000),
                  {{"ETag", etag}, {"Content-Range", "bytes 1000000-3000016/3000017"}});
  });
  BOOST_TEST(succeeds().resumed_from == 0);
  BOOST_TEST(origin.seen().size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_wrong_range_begins_anew) {
  leave_part(1'000'000);
  origin.on("GET", "/file", [this](const Seen& seen) {
    if (seen.header("range").empty()) return serve(seen);
    return Answer(206, body, {{"ETag", etag}, {"Content-Range", "bytes 0-3000016/3000017"}});
  });
  succeeds();
}

BOOST_AUTO_TEST_CASE(another_length_begins_anew) {
  leave_part(1'000'000);
  body = content(3'000'018, 7);
  origin.on("GET", "/file", [this](const Seen& seen) {
    if (seen.header("range").empty()) return serve(seen);
    return Answer(206, body.substr(1'000'000), {{"Content-Range", "bytes 1000000-3000017/3000018"}});
  });
  succeeds();
}

BOOST_AUTO_TEST_CASE(another_address_begins_anew) {
  leave_part(1'000'000);
  origin.on("GET", "/other", [this](const Seen& seen) { return serve(seen); });
  Request request;
  request.url = origin.url("/other");
  BOOST_REQUIRE(download(client(), std::move(request), to_target()).ok());
  BOOST_TEST(origin.seen().back().count("range") == 0U);
  check_target();
}

BOOST_AUTO_TEST_CASE(all_was_here_already) {
  // Killed when the last byte was on the disk.
  leave_part(body.size() - 1);
  PartNote known = parse_note(file_text(note)).value();
  known.synced = static_cast<int64_t>(body.size());
  std::ofstream(part, std::ios::app) << body.back();
  std::ofstream(note) << format_note(known);
  serve_always();
  DownloadConfig to = to_target();
  to.sha256 = digest_of(body);
  BOOST_TEST(succeeds(to).resumed_from == static_cast<int64_t>(body.size()));
}

BOOST_AUTO_TEST_CASE(nothing_satisfies_the_range_of_a_content_that_shrank) {
  leave_part(1'000'000);
  body = content(500'000, 7);
  origin.on("GET", "/file", [this](const Seen& seen) {
    if (seen.header("range").empty()) return serve(seen);
    return Answer(416, {}, {{"Content-Range", "bytes */500000"}});
  });
  succeeds();
}

BOOST_AUTO_TEST_CASE(a_server_that_sends_a_part_at_a_time) {
  leave_part(1'000'000);
  origin.on("GET", "/file", [this](const Seen& seen) -> Answer {
    const std::string range = seen.header("range");
    if (range.empty()) return 500;
    const auto from = static_cast<size_t>(std::stoul(range.substr(6)));
    const size_t count = std::min<size_t>(900'000, body.size() - from);
    return {206,
            body.substr(from, count),
            {{"ETag", etag},
             {"Content-Range", "bytes " + std::to_string(from) + "-" + std::to_string(from + count - 1) +
                                   "/" + std::to_string(body.size())}}};
  });
  BOOST_TEST(succeeds().resumes == 2);
}

BOOST_AUTO_TEST_CASE(more_bytes_than_the_range_has_are_not_kept) {
  leave_part(1'000'000);
  origin.on("GET", "/file", [this](const Seen&) {
    return Answer::chunked({body.substr(1'000'000), "more"},
                           {{"ETag", etag}, {"Content-Range", "bytes 1000000-3000016/3000017"}});
  });
  // What chunked() answers with is 200: a whole content, that has another size.
  DownloadConfig to = to_target();
  to.size = static_cast<int64_t>(body.size());
  BOOST_TEST(fails(to) == ErrorCode::kPROTOCOL);
  BOOST_TEST(!has_part());
}

BOOST_AUTO_TEST_CASE(a_range_that_goes_on_after_its_end_is_not_kept) {
  leave_part(1'000'000);
  origin.on("GET", "/file", [this](const Seen&) {
    const std::string rest = body.substr(1'000'000) + "more";
    std::string head = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1000000-3000016/3000017\r\n";
    return Answer().send(head + "ETag: " + etag + "\r\nConnection: close\r\n\r\n" + rest).close();
  });
  BOOST_TEST(fails() == ErrorCode::kPROTOCOL);
  BOOST_TEST(!has_part());
  BOOST_TEST(!std::filesystem::exists(target));
}

BOOST_AUTO_TEST_CASE(a_wrong_size_is_known_from_the_head) {
  serve_always();
  DownloadConfig to = to_target();
  to.size = 5;
  const Result<DownloadResult> result = fetch(to);
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(result.error().code == ErrorCode::kPROTOCOL);
  const Json detail = parse_json(result.error().detail_json).value();
  BOOST_TEST(detail.at("expected_bytes") == 5);
  BOOST_TEST(detail.at("actual_bytes") == body.size());
  BOOST_TEST(!has_part());
}

BOOST_AUTO_TEST_CASE(a_wrong_digest_names_both_and_leaves_nothing) {
  serve_always();
  std::ofstream(target) << "old";
  DownloadConfig to = to_target();
  to.sha256 = digest_of("something else");
  const Result<DownloadResult> result = fetch(to);
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(result.error().code == ErrorCode::kPROTOCOL);
  const Json detail = parse_json(result.error().detail_json).value();
  BOOST_TEST(detail.at("expected_sha256") == to.sha256);
  BOOST_TEST(detail.at("actual_sha256") == digest_of(body));
  BOOST_TEST(!has_part());
  BOOST_TEST(!std::filesystem::exists(note));
  BOOST_TEST(file_text(target) == "old");
}

BOOST_AUTO_TEST_CASE(a_part_that_somebody_changed_is_found_by_its_digest) {
  leave_part(1'000'000);
  std::fstream(part, std::ios::in | std::ios::out | std::ios::binary).put('?');
  serve_always();
  DownloadConfig to = to_target();
  to.sha256 = digest_of("?" + body.substr(1));
  BOOST_REQUIRE(fetch(to).ok());
}

BOOST_AUTO_TEST_CASE(a_note_that_is_none_or_names_more_than_is_there) {
  for (const bool is_garbage : {true, false}) {
    std::ofstream(part) << "left over";
    if (is_garbage) {
      std::ofstream(note) << "not JSON";
    } else {
      std::ofstream(note) << R"({"version":1,"url_sha256":")" << digest_of(origin.url("/file"))
                          << R"(","etag":"\"one\"","length":3000017,"synced":10})";
    }
    serve_always();
    BOOST_TEST(succeeds().resumed_from == 0);
    BOOST_TEST(origin.seen().back().count("range") == 0U);
  }
}

BOOST_AUTO_TEST_CASE(more_than_allowed) {
  serve_always();
  DownloadConfig to = to_target();
  to.max_bytes = 1'000'000;
  BOOST_TEST(fails(to) == ErrorCode::kLIMIT);
  BOOST_TEST(!has_part());
  origin.on("GET", "/file", [this](const Seen&) { return Answer::chunked({body}); });
  BOOST_TEST(fails(to) == ErrorCode::kLIMIT);
  BOOST_TEST(!has_part());
}

BOOST_AUTO_TEST_CASE(statuses_that_are_no_file) {
  config.policies.retry.max_attempts = 1;
  int status = 0;
  origin.on("GET", "/file", [&](const Seen&) { return Answer(status, "no"); });
  const auto code = [&](int of) {
    status = of;
    return fails();
  };
  BOOST_TEST(code(404) == ErrorCode::kNOT_FOUND);
  BOOST_TEST(code(401) == ErrorCode::kUNAUTHORIZED);
  BOOST_TEST(code(403) == ErrorCode::kPERMISSION);
  BOOST_TEST(code(503) == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(code(204) == ErrorCode::kPROTOCOL);
  BOOST_TEST(code(400) == ErrorCode::kPROTOCOL);
  BOOST_TEST(!has_part());
}

BOOST_AUTO_TEST_CASE(a_server_that_is_busy_in_between) {
  config.policies.retry.max_attempts = 1;
  origin.on("GET", "/file", [this](const Seen& seen) -> Answer {
    if (seen.number == 1) return cut_answer(seen, 100);
    if (seen.number == 2) return 503;
    return serve(seen);
  });
  BOOST_TEST(succeeds().resumes == 2);
}

BOOST_AUTO_TEST_CASE(an_existing_file_keeps_its_mode) {
  serve_always();
  std::ofstream(target) << "old";
  BOOST_REQUIRE(chmod(target.c_str(), 0644) == 0);
  succeeds();
  BOOST_TEST(mode_of(target) == 0644U);
}

BOOST_AUTO_TEST_CASE(links_and_folders_are_not_written_through) {
  serve_always();
  const std::string other = folder / "other";
  std::ofstream(other) << "precious";
  std::filesystem::create_symlink(other, target);
  BOOST_TEST(fails() == ErrorCode::kARG);
  std::filesystem::remove(target);
  std::filesystem::create_symlink(other, part);
  BOOST_TEST(fails() == ErrorCode::kARG);
  std::filesystem::remove(part);
  std::filesystem::create_hard_link(other, part);
  BOOST_TEST(fails() == ErrorCode::kARG);
  std::filesystem::remove(part);
  std::filesystem::create_directory(target);
  BOOST_TEST(fails() == ErrorCode::kARG);
  BOOST_TEST(file_text(other) == "precious");
}

BOOST_AUTO_TEST_CASE(folders_that_are_not_there_or_not_ours) {
  serve_always();
  DownloadConfig to = to_target();
  to.path = folder / "no/file";
  BOOST_TEST(fails(to) == ErrorCode::kNOT_FOUND);
  if (geteuid() == 0) return;  // whom nothing is denied
  BOOST_REQUIRE(chmod(folder.path().c_str(), 0500) == 0);
  BOOST_TEST(fails() == ErrorCode::kPERMISSION);
  BOOST_REQUIRE(chmod(folder.path().c_str(), 0700) == 0);
}

BOOST_AUTO_TEST_CASE(one_download_at_a_time_writes_a_file) {
  origin.on("GET", "/file", [](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 3000017\r\n\r\n").stall();
  });
  std::promise<void> writes, ended;
  std::once_flag once;
  const auto first = download_async(
      client(), file_request(), to_target(),
      [&](int64_t, int64_t) {
        std::call_once(once, [&] { writes.set_value(); });
        return true;
      },
      [&](Result<DownloadResult>) { ended.set_value(); });
  BOOST_REQUIRE(first.ok());
  writes.get_future().wait();
  BOOST_TEST(fails() == ErrorCode::kBUSY);
  (*first)->cancel();
  ended.get_future().wait();
}

BOOST_AUTO_TEST_CASE(cancelled_while_it_waits_for_the_server_runs_and_pauses) {
  enum class When { kHead, kBody, kPause };
  for (const When when : {When::kHead, When::kBody, When::kPause}) {
    origin.on("GET", "/file", [&](const Seen& seen) {
      if (when == When::kHead) return Answer().stall();
      if (when == When::kPause) return cut_answer(seen, 1000);
      return Answer()
          .send("HTTP/1.1 200 OK\r\nETag: " + etag + "\r\nContent-Length: 3000017\r\n\r\n" +
                body.substr(0, 1000))
          .stall();
    });
    DownloadConfig to = to_target();
    to.retry.transient_base_ms = to.retry.max_backoff_ms = 3'600'000;
    std::promise<Result<DownloadResult>> ended;
    std::promise<void> came;
    const size_t before = origin.seen().size();
    const auto handle = download_async(
        client(), file_request(), to,
        [&, told = false](int64_t done, int64_t) mutable {
          if (done > 0 && !std::exchange(told, true)) came.set_value();
          return true;
        },
        [&](Result<DownloadResult> result) { ended.set_value(std::move(result)); });
    BOOST_REQUIRE(handle.ok());
    origin.wait_for(before + 1);
    if (when != When::kHead) came.get_future().wait();
    if (when == When::kPause) origin.wait_for_open(0);
    (*handle)->cancel();
    std::future<Result<DownloadResult>> end = ended.get_future();
    BOOST_REQUIRE(end.wait_for(60s) == std::future_status::ready);
    BOOST_TEST(end.get().error().code == ErrorCode::kCANCELLED);
    BOOST_TEST(has_part() == (when != When::kHead));
    std::filesystem::remove(part);
    std::filesystem::remove(note);
    (*handle)->cancel();  // does nothing any more
  }
}

BOOST_AUTO_TEST_CASE(ended_by_what_its_progress_gives) {
  serve_always();
  const Result<DownloadResult> result =
      download(client(), file_request(), to_target(), [](int64_t, int64_t) { return false; });
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(result.error().code == ErrorCode::kCANCELLED);
  BOOST_TEST(!std::filesystem::exists(target));
}

BOOST_AUTO_TEST_CASE(cancelled_by_its_own_progress) {
  serve_always();
  std::promise<ErrorCode> ended;
  std::promise<std::shared_ptr<DownloadHandle>> known;
  auto handle = known.get_future().share();
  const auto sent = download_async(
      client(), file_request(), to_target(),
      [&](int64_t, int64_t) {
        handle.get()->cancel();
        return true;
      },
      [&](Result<DownloadResult> result) {
        ended.set_value(result.ok() ? ErrorCode::kOk : result.error().code);
      });
  BOOST_REQUIRE(sent.ok());
  known.set_value(*sent);
  BOOST_TEST(ended.get_future().get() == ErrorCode::kCANCELLED);
}

BOOST_AUTO_TEST_CASE(a_client_that_is_closed_ends_it_and_the_part_stays) {
  origin.on("GET", "/file", [this](const Seen&) {
    return Answer()
        .send("HTTP/1.1 200 OK\r\nETag: " + etag + "\r\nContent-Length: 3000017\r\n\r\n" +
              body.substr(0, 1000))
        .stall();
  });
  std::promise<void> came;
  std::promise<ErrorCode> ended;
  BOOST_REQUIRE(download_async(
                    client(), file_request(), to_target(),
                    [&, told = false](int64_t done, int64_t) mutable {
                      if (done > 0 && !std::exchange(told, true)) came.set_value();
                      return true;
                    },
                    [&](Result<DownloadResult> result) { ended.set_value(result.error().code); })
                    .ok());
  came.get_future().wait();
  static_cast<void>(client().close(0));
  BOOST_TEST(ended.get_future().get() == ErrorCode::kSTATE);
  BOOST_TEST(has_part());
}

BOOST_AUTO_TEST_CASE(a_disk_that_is_slow_holds_the_server_back) {
  std::atomic<uint64_t> written{0};
  constexpr uint64_t kHuge = uint64_t{64} << 20;
  origin.on("GET", "/file", [&](const Seen&) {
    return Answer()
        .send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kHuge) + "\r\n\r\n")
        .then([&](test::Wire& wire) {
          const std::string piece(size_t{64} << 10, 'x');
          for (uint64_t sent = 0; sent < kHuge; sent += piece.size()) {
            wire.write(piece);
            written += piece.size();
          }
        });
  });
  uint64_t at_first = 0;
  DownloadConfig to = to_target();
  to.size = static_cast<int64_t>(kHuge);
  BOOST_REQUIRE(download(client(), file_request(), to, [&](int64_t done, int64_t) {
                  if (done == 0 || at_first != 0) return true;
                  // The background waits here; what the server writes meanwhile is all that buffers take.
                  uint64_t last = 0;
                  for (int quiet = 0; quiet < 10; last = written) {
                    std::this_thread::sleep_for(50ms);
                    quiet = written == last ? quiet + 1 : 0;
                  }
                  at_first = last;
                  return true;
                }).ok());
  BOOST_TEST(at_first < kHuge);
  BOOST_TEST(std::filesystem::file_size(target) == kHuge);
}

BOOST_AUTO_TEST_CASE(what_no_download_can_be) {
  serve_always();
  const auto refused = [this](Request request, const DownloadConfig& to) {
    const auto result = download(client(), std::move(request), to);
    return !result.ok() && result.error().code == ErrorCode::kARG;
  };
  Request post = file_request();
  post.method = "POST";
  BOOST_TEST(refused(post, to_target()));
  Request ranged = file_request();
  ranged.headers.set("Range", "bytes=0-1");
  BOOST_TEST(refused(ranged, to_target()));
  DownloadConfig to = to_target();
  to.sha256 = "abc";
  BOOST_TEST(refused(file_request(), to));
  to = to_target();
  to.path = "";
  BOOST_TEST(refused(file_request(), to));
  to = to_target();
  to.size = -1;
  BOOST_TEST(refused(file_request(), to));
}

BOOST_AUTO_TEST_CASE(the_time_of_all_attempts_together_is_limited) {
  cut(INT_MAX, 1);
  Request request = file_request();
  request.total_ms = 200;
  DownloadConfig to = to_target();
  to.max_resumes = INT_MAX;
  const auto result = download(client(), std::move(request), to);
  BOOST_REQUIRE(!result.ok());
  const ErrorCode code = result.error().code;
  BOOST_TEST((code == ErrorCode::kTIMEOUT || code == ErrorCode::kNETWORK));
}

namespace {

boost::test_tools::assertion_result may_mount(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(geteuid() == 0);
  result.message() << "only root may mount a small disk";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_full_disk, *boost::unit_test::precondition(may_mount)) {
  if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=2m") != 0) {
    BOOST_TEST_MESSAGE("no small disk can be mounted here");
    return;
  }
  struct Unmount {
    std::string path;
    ~Unmount() { umount2(path.c_str(), MNT_DETACH); }
  } unmount{folder.path().string()};
  // Known from the head.
  serve_always();
  Result<DownloadResult> result = fetch();
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(result.error().code == ErrorCode::kDISK_FULL);
  BOOST_TEST(result.error().text.find("3000017") != std::string::npos);
  // And in the middle.
  origin.on("GET", "/file", [this](const Seen&) { return Answer::chunked({body}, {{"ETag", etag}}); });
  BOOST_TEST(fails() == ErrorCode::kDISK_FULL);
  BOOST_TEST(has_part());
  BOOST_TEST(std::filesystem::exists(note));
  BOOST_REQUIRE(mount("tmpfs", folder.path().c_str(), "tmpfs", MS_REMOUNT, "size=8m") == 0);
  serve_always();
  BOOST_TEST(succeeds().resumed_from > 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
