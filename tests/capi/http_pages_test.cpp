// Pages over the C ABI: one after another until there are no more.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

#include "http_fixture.hpp"

namespace tessera::test {
namespace {

constexpr uint32_t kLongMs = 60'000;  // for what does happen

/// Outlives the origin, and what runs when a test has seen enough.
struct Gates {
  Gate gate, over;
  void wait_until_over() const {
    while (!over.is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
};

struct Lists : Gates, HttpFixture {
  Lists() {
    origin.on("GET", "/a", [](const Seen&) { return Answer(200, "1", {{"Link", "</b>; rel=\"next\""}}); });
    origin.on("GET", "/b", [](const Seen&) { return Answer(200, "2"); });
  }
  static HttpPages open(const Http& http, std::string_view url, std::string_view config = {}) {
    const tsr_http_request what = request(url);
    HttpPages pages;
    Failure failure;
    require_ok(tsr_http_pages_open(http.get(), &what, config.empty() ? tsr_str{} : str(config), pages.out(),
                                   failure.out()),
               failure);
    return pages;
  }
  static HttpResponse next(const HttpPages& pages) {
    HttpResponse page;
    Failure failure;
    require_ok(tsr_http_pages_next(pages.get(), page.out(), failure.out()), failure);
    return page;
  }
  /// The bodies of all pages.
  static std::string read(const HttpPages& pages) {
    std::string text;
    for (HttpResponse page = next(pages); page; page = next(pages)) text += body_of(page) + " ";
    return text;
  }
  static tsr_status status_of(const HttpPages& pages) {
    HttpResponse page;
    return tsr_http_pages_next(pages.get(), page.out(), nullptr);
  }
  static Operation start(const HttpPages& pages) {
    Operation op;
    Failure failure;
    require_ok(tsr_http_pages_next_async(pages.get(), nullptr, nullptr, nullptr, op.out(), failure.out()),
               failure);
    return op;
  }
  static tsr_status wait(const Operation& op, HttpResponse& page) {
    BOOST_TEST(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    return tsr_op_http_response(op.get(), page.out(), nullptr);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_pages, Lists)

BOOST_AUTO_TEST_CASE(links_are_followed_unless_told_otherwise) {
  const Http http = open_http();
  const HttpPages pages = open(http, "/a");
  BOOST_TEST(origin.seen().empty());
  BOOST_TEST(read(pages) == "1 2 ");
  BOOST_TEST(!next(pages));
  BOOST_TEST(read(open(http, "/a", R"({"kind":"link"})")) == "1 2 ");
  origin.on("GET", "/list", [](const Seen& seen) {
    return Answer(200, seen.target == "/list" ? R"({"next_cursor":"c"})" : "{}");
  });
  BOOST_TEST(read(open(http, "/list", R"({"kind":"cursor"})")) == R"({"next_cursor":"c"} {} )");
  BOOST_TEST(origin.seen().back().target == "/list?cursor=c");
}

BOOST_AUTO_TEST_CASE(a_page_that_failed_is_asked_for_again) {
  bool is_broken = true;
  origin.on("GET", "/b",
            [&](const Seen&) { return std::exchange(is_broken, false) ? Answer(404) : Answer(200, "2"); });
  const Http http = open_http();
  const HttpPages pages = open(http, "/a");
  BOOST_TEST(body_of(next(pages)) == "1");
  HttpResponse page;
  Failure failure;
  BOOST_TEST(tsr_http_pages_next(pages.get(), page.out(), failure.out()) == TSR_E_NOT_FOUND);
  BOOST_TEST(!page);
  BOOST_TEST(nlohmann::json::parse(tsr_error_detail(failure.get())).value("status", 0) == 404);
  BOOST_TEST(read(pages) == "2 ");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_opened_is_refused) {
  const Http http = open_http();
  const auto code = [&](const tsr_http_request& what, std::string_view config) {
    HttpPages pages{};
    const tsr_status status = tsr_http_pages_open(http.get(), &what, str(config), pages.out(), nullptr);
    BOOST_TEST(!pages);
    return status;
  };
  for (const char* config : {"{", "[]", "{}", R"({"kind":"other"})", R"({"kind":"link","cursor":"/c"})",
                             R"({"kind":"cursor","cursor":"c"})", R"({"kind":"page","max_pages":0})"})
    BOOST_TEST(code(request("/a"), config) == TSR_E_ARG, config);
  BOOST_TEST(code(request("ftp://example.com/"), R"({"kind":"link"})") == TSR_E_ARG);
  tsr_http_request post = request("/a");
  post.method = TSR_LIT("POST");
  BOOST_TEST(code(post, R"({"kind":"link"})") == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(an_operation_gets_a_page_and_nothing_at_the_end) {
  const Http http = open_http();
  const HttpPages pages = open(http, "/a");
  HttpResponse page;
  BOOST_TEST(wait(start(pages), page) == TSR_OK);
  BOOST_TEST(body_of(page) == "1");
  BOOST_TEST(wait(start(pages), page) == TSR_OK);
  BOOST_TEST(body_of(page) == "2");
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(wait(start(pages), page) == TSR_OK);
    BOOST_TEST(!page);
  }
}

BOOST_AUTO_TEST_CASE(one_that_was_cancelled_leaves_the_place) {
  origin.on("GET", "/b", [&](const Seen&) { return Answer().wait(gate).respond(200, "2"); });
  const Http http = open_http();
  const HttpPages pages = open(http, "/a");
  BOOST_TEST(body_of(next(pages)) == "1");
  const Operation cancelled = start(pages);
  BOOST_TEST(status_of(pages) == TSR_E_BUSY);
  tsr_op_cancel(cancelled.get());
  HttpResponse page;
  BOOST_TEST(wait(cancelled, page) == TSR_E_CANCELLED);
  const Operation op = start(pages);
  tsr_op_cancel(cancelled.get());  // over long ago: it ends no other's call
  gate.open();
  BOOST_TEST(wait(op, page) == TSR_OK);
  BOOST_TEST(body_of(page) == "2");
}

BOOST_AUTO_TEST_CASE(a_done_function_runs_elsewhere_and_may_ask_for_the_next) {
  struct Heard {
    HttpPages pages{};
    const std::thread::id starter = std::this_thread::get_id();
    Gate& over;
    std::atomic<int> running = 1;
    std::string text{};  // this and the next: of one call after another
    bool is_elsewhere = true;

    static void done(void* user, tsr_op* op) {
      auto& self = *static_cast<Heard*>(user);
      self.is_elsewhere = self.is_elsewhere && std::this_thread::get_id() != self.starter;
      HttpResponse page;
      const bool took = tsr_op_http_response(op, page.out(), nullptr) == TSR_OK;
      self.text += took && page ? body_of(page) : ".";
      if (!took || !page) return;
      ++self.running;
      if (tsr_http_pages_next_async(self.pages.get(), done, user, release, nullptr, nullptr) != TSR_OK)
        --self.running;
    }
    /// The last that an operation does which nobody holds.
    static void release(void* user) {
      auto& self = *static_cast<Heard*>(user);
      if (--self.running == 0) self.over.open();
    }
  } heard{.over = over};
  const Http http = open_http();
  heard.pages = open(http, "/a");
  BOOST_REQUIRE(tsr_http_pages_next_async(heard.pages.get(), Heard::done, &heard, Heard::release, nullptr,
                                          nullptr) == TSR_OK);
  wait_until_over();
  BOOST_TEST(heard.text == "12.");
  Operation op;  // nothing has to be asked for
  BOOST_TEST(tsr_http_pages_next_async(heard.pages.get(), Heard::done, &heard, nullptr, op.out(), nullptr) ==
             TSR_OK);
  BOOST_TEST(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(heard.text == "12..");
  BOOST_TEST(heard.is_elsewhere);
}

BOOST_AUTO_TEST_CASE(closing_and_freeing_end_what_runs) {
  origin.on("GET", "/never", [](const Seen&) { return Answer().stall(); });
  Http http = open_http();
  const HttpPages closed = open(http, "/never");
  HttpPages freed = open(http, "/never");
  http = Http();
  const Operation first = start(closed), second = start(freed);
  static_cast<void>(origin.wait_for(2));
  BOOST_TEST(tsr_http_pages_close(closed.get(), nullptr) == TSR_OK);
  freed = HttpPages();
  HttpResponse page;
  BOOST_TEST(wait(first, page) == TSR_E_CANCELLED);
  BOOST_TEST(wait(second, page) == TSR_E_CANCELLED);
  BOOST_TEST(tsr_http_pages_close(closed.get(), nullptr) == TSR_OK);
  BOOST_TEST(status_of(closed) == TSR_E_STATE);
  Operation late;
  BOOST_TEST(tsr_http_pages_next_async(closed.get(), nullptr, nullptr, nullptr, late.out(), nullptr) ==
             TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(a_forked_child_can_not_use_them) {
  const Http http = open_http();
  HttpPages pages = open(http, "/a");
  BOOST_TEST(body_of(next(pages)) == "1");
  const pid_t child = fork();
  if (child == 0) {
    const bool refused =
        status_of(pages) == TSR_E_FORKED && tsr_http_pages_close(pages.get(), nullptr) == TSR_E_FORKED;
    pages = HttpPages();
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
