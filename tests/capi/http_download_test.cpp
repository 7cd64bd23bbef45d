// Downloads over the C ABI.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "http_fixture.hpp"
#include "temp_dir.hpp"

namespace tessera::test {
namespace {

constexpr uint32_t kLongMs = 60'000;  // for what does happen

struct Downloaded : HttpFixture {
  Downloaded() {
    origin.on("GET", "/file", [this](const Seen&) { return Answer(200, body, {{"ETag", "\"1\""}}); });
  }
  tsr_http_download_opts options() const {
    tsr_http_download_opts opts;
    tsr_http_download_opts_init(&opts, sizeof(opts));
    opts.path = str(target);
    return opts;
  }
  std::string here() const {
    std::ifstream file(target, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string body = std::string(700'000, 'd');
  TempDir folder;
  const std::string target = folder / "file";
};

struct Reports {
  int count = 0;
  int64_t done = 0, total = 0;
  tsr_status answer = TSR_OK;
  static tsr_status note(void* user, int64_t done, int64_t total) {
    auto& self = *static_cast<Reports*>(user);
    ++self.count;
    self.done = done;
    self.total = total;
    return self.answer;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_download, Downloaded)

BOOST_AUTO_TEST_CASE(a_file_is_whole_and_progress_is_told) {
  const Http http = open_http();
  const tsr_http_request what = request("/file");
  Reports reports;
  tsr_http_download_opts opts = options();
  opts.size = static_cast<int64_t>(body.size());
  opts.progress = &Reports::note;
  opts.user = &reports;
  tsr_http_download_result result;
  Failure failure;
  require_ok(tsr_http_download(http.get(), &what, &opts, &result, failure.out()), failure);
  BOOST_TEST(result.bytes == opts.size);
  BOOST_TEST(result.resumed_from == 0);
  BOOST_TEST(result.resumes == 0);
  BOOST_TEST((here() == body));
  BOOST_TEST(reports.count > 1);
  BOOST_TEST(reports.done == opts.size);
  BOOST_TEST(reports.total == opts.size);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_not_kept) {
  const Http http = open_http();
  const tsr_http_request what = request("/file");
  const std::string digest(64, '0');
  tsr_http_download_opts opts = options();
  opts.sha256 = str(digest);
  BOOST_TEST(tsr_http_download(http.get(), &what, &opts, nullptr, nullptr) == TSR_E_PROTOCOL);
  opts = options();
  opts.max_bytes = 1000;
  BOOST_TEST(tsr_http_download(http.get(), &what, &opts, nullptr, nullptr) == TSR_E_LIMIT);
  opts = options();
  opts.size = 1;
  BOOST_TEST(tsr_http_download(http.get(), &what, &opts, nullptr, nullptr) == TSR_E_PROTOCOL);
  const tsr_http_request none = request("/none");
  opts = options();
  BOOST_TEST(tsr_http_download(http.get(), &none, &opts, nullptr, nullptr) == TSR_E_NOT_FOUND);
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(options_that_are_none) {
  const Http http = open_http();
  const tsr_http_request what = request("/file");
  BOOST_TEST(tsr_http_download(http.get(), &what, nullptr, nullptr, nullptr) == TSR_E_ARG);
  tsr_http_download_opts opts = options();
  opts.flags = 1;
  BOOST_TEST(tsr_http_download(http.get(), &what, &opts, nullptr, nullptr) == TSR_E_ARG);
  opts = options();
  opts.sha256 = TSR_LIT("12");
  BOOST_TEST(tsr_http_download(http.get(), &what, &opts, nullptr, nullptr) == TSR_E_ARG);
  opts = options();
  opts.size = -1;
  BOOST_TEST(tsr_http_download(http.get(), &what, &opts, nullptr, nullptr) == TSR_E_ARG);
  opts = options();
  opts.struct_size = 8;
  BOOST_TEST(tsr_http_download(http.get(), &what, &opts, nullptr, nullptr) == TSR_E_ARG);
  opts = options();
  tsr_http_request post = request("/file");
  post.method = TSR_LIT("POST");
  Operation op;
  BOOST_TEST(tsr_http_download_async(http.get(), &post, &opts, nullptr, nullptr, nullptr, op.out(),
                                     nullptr) == TSR_E_ARG);
  BOOST_TEST(!op);
}

BOOST_AUTO_TEST_CASE(progress_cancels) {
  const Http http = open_http();
  const tsr_http_request what = request("/file");
  Reports reports;
  reports.answer = TSR_E_CANCELLED;
  tsr_http_download_opts opts = options();
  opts.progress = &Reports::note;
  opts.user = &reports;
  BOOST_TEST(tsr_http_download(http.get(), &what, &opts, nullptr, nullptr) == TSR_E_CANCELLED);
  BOOST_TEST(!std::filesystem::exists(target));
}

BOOST_AUTO_TEST_CASE(in_the_background_also_when_the_client_goes_first) {
  Http http = open_http();
  const tsr_http_request what = request("/file");
  const tsr_http_download_opts opts = options();
  Operation op;
  BOOST_REQUIRE(tsr_http_download_async(http.get(), &what, &opts, nullptr, nullptr, nullptr, op.out(),
                                        nullptr) == TSR_OK);
  http = Http();
  BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  tsr_http_download_result result;
  BOOST_TEST(tsr_op_http_download(op.get(), &result, nullptr) == TSR_OK);
  BOOST_TEST(result.bytes == static_cast<int64_t>(body.size()));
  BOOST_TEST((here() == body));
}

BOOST_AUTO_TEST_CASE(one_that_runs_can_be_cancelled) {
  origin.on("GET", "/never", [](const Seen&) {
    return Answer().send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc").stall();
  });
  const Http http = open_http();
  const tsr_http_request what = request("/never");
  const tsr_http_download_opts opts = options();
  Operation op;
  BOOST_REQUIRE(tsr_http_download_async(http.get(), &what, &opts, nullptr, nullptr, nullptr, op.out(),
                                        nullptr) == TSR_OK);
  static_cast<void>(origin.wait_for(1));
  tsr_op_cancel(op.get());
  BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_http_download(op.get(), nullptr, nullptr) == TSR_E_CANCELLED);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
