#include "http/pages/pages.hpp"

#include <boost/test/unit_test.hpp>
#include <thread>

#include "client_fixture.hpp"
#include "http/auth/static_auth.hpp"

namespace tessera::http {

using test::Answer;
using test::Gate;
using test::Origin;
using test::Seen;

namespace {

constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;

Answer linked(std::string body, const std::string& link) {
  return {200, std::move(body), {{"Link", "<" + link + ">; rel=\"next\""}}};
}

struct PagesFixture : ClientFixture {
  // The clock is fast, and a machine may be slow.
  PagesFixture() { config.policies.timeouts.total_ms = config.policies.timeouts.attempt_ms = kDayMs; }

  std::unique_ptr<Pages> open(Request request, const char* set_up) {
    return Pages::open(client(), std::move(request), read_pages_config(Json::parse(set_up)).value()).value();
  }
  std::unique_ptr<Pages> open(std::string url, const char* set_up) {
    Request request;
    request.url = std::move(url);
    return open(std::move(request), set_up);
  }
  /// The bodies of all pages, and at the end "." or the error's name.
  static std::string read(Pages& pages) {
    std::string text;
    for (int i = 0; i < 100; ++i) {
      const Pages::Next next = pages.next();
      if (!next.ok()) return text + std::string(error_name(next.error().code));
      if (!next->has_value()) return text + ".";
      text += text_of(**next) + " ";
    }
    return text + "and so on";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pages, PagesFixture)

BOOST_AUTO_TEST_CASE(links_are_followed_to_the_last) {
  Origin origin;
  origin.on("GET", "/a", [](const Seen&) { return linked("1", "b/c?x=1"); });
  origin.on("GET", "/b/c", [&](const Seen&) { return linked("2", origin.url("/d")); });
  origin.on("GET", "/d", [](const Seen&) { return Answer(200, "3"); });
  config.base_url = parse_url(origin.url("/")).value();
  Request request;
  request.url = "a";
  request.headers.add("Authorization", "Bearer x");
  const auto list = open(std::move(request), R"({"kind":"link"})");
  BOOST_TEST(origin.seen().empty());
  BOOST_TEST(read(*list) == "1 2 3 .");
  BOOST_TEST(read(*list) == ".");
  const std::vector<Seen> seen = origin.seen();
  BOOST_REQUIRE(seen.size() == 3U);
  BOOST_TEST(seen[1].target == "/b/c?x=1");
  for (const Seen& page : seen) BOOST_TEST(page.header("authorization") == "Bearer x");
}

BOOST_AUTO_TEST_CASE(a_link_counts_from_where_a_redirect_led) {
  Origin origin;
  origin.on("GET", "/a", [](const Seen&) { return Answer::redirect("/deep/b"); });
  origin.on("GET", "/deep/b", [](const Seen&) { return linked("1", "c"); });
  origin.on("GET", "/deep/c", [](const Seen&) { return Answer(200, "2"); });
  BOOST_TEST(read(*open(origin.url("/a"), R"({"kind":"link"})")) == "1 2 .");
}

BOOST_AUTO_TEST_CASE(another_origin_gets_no_credential_and_nor_does_what_it_names) {
  Origin mine, other;
  mine.on("GET", "/a", [&](const Seen&) { return linked("1", other.url("/b")); });
  other.on("GET", "/b", [&](const Seen&) { return linked("2", mine.url("/c")); });
  mine.on("GET", "/c", [](const Seen&) { return Answer(200, "3"); });
  config.headers = {{"X-Api-Key", "k"}, {"User-Agent", "app/1"}};
  Request request;
  request.url = mine.url("/a");
  request.headers = {{"Authorization", "Bearer x"}, {"Cookie", "c=1"}, {"X-Tenant", "t"}, {"Accept", "x/y"}};
  request.idempotency_key = "i";
  BOOST_TEST(read(*open(std::move(request), R"({"kind":"link"})")) == "1 2 3 .");
  BOOST_TEST(mine.seen()[0].header("authorization") == "Bearer x");
  BOOST_TEST(mine.seen()[0].header("x-api-key") == "k");
  for (const Seen& page : {other.seen()[0], mine.seen()[1]}) {
    for (const char* name : {"authorization", "cookie", "x-tenant", "x-api-key", "idempotency-key"})
      BOOST_TEST(page.count(name) == 0U);
    BOOST_TEST(page.header("accept") == "x/y");
    BOOST_TEST(page.header("user-agent") == "app/1");
  }
}

BOOST_AUTO_TEST_CASE(another_origin_gets_nothing_of_a_provider) {
  Origin mine, other;
  mine.on("GET", "/a", [&](const Seen&) { return linked("1", "/b"); });
  mine.on("GET", "/b", [&](const Seen&) { return linked("2", other.url("/c")); });
  other.on("GET", "/c", [&](const Seen&) { return linked("3", mine.url("/d")); });
  mine.on("GET", "/d", [](const Seen&) { return Answer(200, "4"); });
  const std::string_view secret = "token";
  BOOST_REQUIRE(client().set_auth(StaticAuth::make(as_bytes(secret)).value()).ok());
  BOOST_TEST(read(*open(mine.url("/a"), R"({"kind":"link"})")) == "1 2 3 4 .");
  const std::vector<Seen> seen = mine.seen();
  BOOST_REQUIRE(seen.size() == 3U);
  BOOST_TEST(seen[0].header("authorization") == "Bearer token");
  BOOST_TEST(seen[1].header("authorization") == "Bearer token");
  BOOST_TEST(seen[2].count("authorization") == 0U);
  BOOST_TEST(other.seen()[0].count("authorization") == 0U);
}

BOOST_AUTO_TEST_CASE(a_circle_is_noticed) {
  Origin origin;
  origin.on("GET", "/a", [](const Seen&) { return linked("1", "/b"); });
  origin.on("GET", "/b", [](const Seen&) { return linked("2", "/a"); });
  const auto list = open(origin.url("/a"), R"({"kind":"link"})");
  BOOST_TEST(read(*list) == "1 2 protocol");
  BOOST_TEST(read(*list) == "protocol");
  origin.on("GET", "/same", [](const Seen&) { return Answer(200, R"({"next_cursor":"c"})"); });
  BOOST_TEST(read(*open(origin.url("/same"), R"({"kind":"cursor"})")) ==
             R"({"next_cursor":"c"} {"next_cursor":"c"} protocol)");
}

BOOST_AUTO_TEST_CASE(a_cursor_goes_into_the_query) {
  Origin origin;
  origin.on("POST", "/list", [](const Seen& seen) {
    if (seen.number == 1) return Answer(200, R"({"meta":{"next":"a&b"}})");
    if (seen.number == 2) return Answer(200, R"({"meta":{"next":12}})");
    return Answer(200, R"({"meta":{}})");
  });
  Request request;
  request.method = "POST";
  request.url = origin.url("/list?q=1&after=old");
  request.body = to_bytes("query");
  const auto list =
      open(std::move(request), R"({"kind":"cursor","cursor":"/meta/next","parameter":"after"})");
  BOOST_TEST(read(*list) == R"({"meta":{"next":"a&b"}} {"meta":{"next":12}} {"meta":{}} .)");
  const std::vector<Seen> seen = origin.seen();
  BOOST_REQUIRE(seen.size() == 3U);
  BOOST_TEST(seen[0].target == "/list?q=1&after=old");
  BOOST_TEST(seen[1].target == "/list?q=1&after=a%26b");
  BOOST_TEST(seen[2].target == "/list?q=1&after=12");
  for (const Seen& page : seen) BOOST_TEST(page.body == "query");
}

BOOST_AUTO_TEST_CASE(pages_are_counted_until_one_is_empty) {
  Origin origin;
  origin.on("GET", "/list", [](const Seen& seen) { return Answer(200, seen.number < 3 ? "[1]" : "[]"); });
  BOOST_TEST(read(*open(origin.url("/list?page=9"), R"({"kind":"page","items":"","start":0})")) ==
             "[1] [1] [] .");
  const std::vector<Seen> seen = origin.seen();
  BOOST_REQUIRE(seen.size() == 3U);
  BOOST_TEST(seen[0].target == "/list?page=0");
  BOOST_TEST(seen[2].target == "/list?page=2");
}

BOOST_AUTO_TEST_CASE(there_are_only_so_many) {
  Origin origin;
  origin.on("GET", "/list", [](const Seen&) { return Answer(200, "[1]"); });
  const auto list = open(origin.url("/list"), R"({"kind":"page","items":"","max_pages":3})");
  BOOST_TEST(read(*list) == "[1] [1] [1] limit");
  BOOST_TEST(read(*list) == "limit");
  BOOST_TEST(origin.seen().size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_page_that_failed_is_asked_for_again) {
  Origin origin;
  bool is_broken = true;
  origin.on("GET", "/a", [](const Seen&) { return linked("1", "/b"); });
  origin.on("GET", "/b",
            [&](const Seen&) { return std::exchange(is_broken, false) ? Answer(404) : Answer(200, "2"); });
  const auto list = open(origin.url("/a"), R"({"kind":"link"})");
  BOOST_TEST(text_of(**list->next()) == "1");
  const Pages::Next failed = list->next();
  BOOST_REQUIRE(!failed.ok());
  BOOST_TEST(failed.error().code == ErrorCode::kNOT_FOUND);
  BOOST_TEST(parse_json(failed.error().detail_json).value().value("status", 0) == 404);
  BOOST_TEST(read(*list) == "2 .");
}

BOOST_AUTO_TEST_CASE(the_client_retries_and_caches_a_page_as_any_answer) {
  Origin origin;
  origin.on("GET", "/a", [](const Seen& seen) {
    return seen.number == 1 ? Answer(503) : Answer(200, "1", {{"Cache-Control", "max-age=86400"}});
  });
  BOOST_TEST(read(*open(origin.url("/a"), R"({"kind":"link"})")) == "1 .");
  BOOST_TEST(read(*open(origin.url("/a"), R"({"kind":"link"})")) == "1 .");
  BOOST_TEST(origin.seen().size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_is_no_page_ends_it) {
  Origin origin;
  origin.on("GET", "/a", [](const Seen&) { return Answer(200, "<html>"); });
  const auto list = open(origin.url("/a"), R"({"kind":"cursor"})");
  BOOST_TEST(read(*list) == "<html> protocol");
  BOOST_TEST(read(*list) == "protocol");
}

BOOST_AUTO_TEST_CASE(a_callback_gets_one_page_and_may_ask_for_the_next) {
  Origin origin;
  origin.on("GET", "/list", [](const Seen& seen) { return Answer(200, seen.number < 3 ? "[1]" : "[]"); });
  const auto list = open(origin.url("/list"), R"({"kind":"page","items":""})");
  const Gate all;
  std::string heard;
  ErrorCode blocking = ErrorCode::kOk;
  bool is_taken = true, is_over = false;
  std::function<void(Pages::Next)> take = [&](const Pages::Next& next) {
    heard += next->has_value() ? text_of(**next) : ".";
    if (!next->has_value()) {
      is_over = true;  // inside the call below
      return;
    }
    blocking = list->next().error().code;
    is_taken = list->next_async(take).ok() && is_taken;
    if (is_over) all.open();
  };
  BOOST_REQUIRE(list->next_async(take).ok());
  while (!all.is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  BOOST_TEST(heard == "[1][1][].");
  BOOST_TEST(is_taken);
  BOOST_TEST(blocking == ErrorCode::kSTATE);  // on the client's own thread
}

BOOST_AUTO_TEST_CASE(one_call_at_a_time_and_closing_ends_it) {
  Origin origin;
  origin.on("GET", "/a", [](const Seen&) { return Answer().stall(); });
  const auto list = open(origin.url("/a"), R"({"kind":"link"})");
  const Gate ended;
  ErrorCode code = ErrorCode::kOk;
  BOOST_REQUIRE(list->next_async([&](const Pages::Next& next) {
                      code = next.error().code;
                      ended.open();
                    })
                    .ok());
  origin.wait_for(1);
  BOOST_TEST(list->next().error().code == ErrorCode::kBUSY);
  BOOST_TEST(list->next_async([](const Pages::Next&) {}).error().code == ErrorCode::kBUSY);
  list->close();
  while (!ended.is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  BOOST_TEST(code == ErrorCode::kCANCELLED);
  BOOST_TEST(list->next().error().code == ErrorCode::kSTATE);
  origin.wait_for_open(0);
}

BOOST_AUTO_TEST_CASE(who_asks_may_leave_and_the_place_stays) {
  const Gate gate;
  Origin origin;
  origin.on("GET", "/a", [&](const Seen& seen) {
    return seen.number == 1 ? Answer().stall() : Answer().wait(gate).respond(200, "1");
  });
  const auto list = open(origin.url("/a"), R"({"kind":"link"})");
  const Gate ended;
  ErrorCode code = ErrorCode::kOk;
  const int me = 0, other = 0;
  const auto done = [&](const Pages::Next& next) {
    code = next.error().code;
    ended.open();
  };
  BOOST_REQUIRE(list->next_async(done, &me).ok());
  origin.wait_for(1);
  list->leave(&other);
  BOOST_TEST(list->next().error().code == ErrorCode::kBUSY);
  list->leave(&me);
  while (!ended.is_open()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  BOOST_TEST(code == ErrorCode::kCANCELLED);
  gate.open();
  BOOST_TEST(read(*list) == "1 .");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_asked_for_again_is_refused) {
  const auto code_of = [this](Request request, const PagesConfig& set_up) {
    return Pages::open(client(), std::move(request), set_up).error().code;
  };
  Request request;
  request.url = "not a url";
  BOOST_TEST(code_of(request, {}) == ErrorCode::kARG);
  request.url = "http://127.0.0.1:1/";
  request.method = "POST";
  BOOST_TEST(code_of(request, {}) == ErrorCode::kARG);
  PagesConfig nameless;
  nameless.kind = PageKind::kCursor;
  nameless.cursor = "/c";
  BOOST_TEST(code_of(request, nameless) == ErrorCode::kARG);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
