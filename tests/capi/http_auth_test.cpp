// Credentials over the C ABI: what is sent, what is renewed, who is told, and what is freed.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http_accounts.hpp"
#include "http_fixture.hpp"
#include "machine.hpp"

namespace tessera::test {
namespace {

constexpr uint32_t kLongMs = 60'000;  // for what does happen

struct AuthFixture : HttpFixture {
  Http open_client() const {
    return open_http({{"base_url", accounts.api.url("/")},
                      {"breaker", {{"enabled", false}}},
                      {"pool", {{"per_host", 128}}}});
  }
  static tsr_status try_get(const Http& http, HttpResponse& response, Failure& failure) {
    const tsr_http_request what = request();
    return tsr_http_send(http.get(), &what, response.out(), failure.out());
  }
  static int32_t status_of(const Http& http) { return tsr_http_response_status(get(http, "/").get()); }
  static std::string sent_by(const Http& http) { return body_of(get(http, "/")); }
  static void set_token(const Http& http, std::string_view token) {
    Failure failure;
    require_ok(tsr_http_set_token(http.get(), {}, {}, token.data(), token.size(), failure.out()), failure);
  }
  static tsr_http_oauth_opts opts() {
    tsr_http_oauth_opts made;
    tsr_http_oauth_opts_init(&made, sizeof(made));
    made.client_secret = "client-secret";
    made.client_secret_len = 13;
    return made;
  }
  void set_oauth(const Http& http, const tsr_http_oauth_opts& with, void* user = nullptr,
                 void (*user_free)(void*) = nullptr) const {
    Failure failure;
    require_ok(
        tsr_http_set_oauth(http.get(), str(accounts.oauth().dump()), &with, user, user_free, failure.out()),
        failure);
  }
  static void set_tokens(const Http& http, const std::string& tokens) {
    Failure failure;
    require_ok(tsr_http_set_oauth_tokens(http.get(), tokens.data(), tokens.size(), failure.out()), failure);
  }
  static int32_t state_of(const Http& http) {
    int32_t state = -1;
    Failure failure;
    require_ok(tsr_http_auth_state(http.get(), &state, failure.out()), failure);
    return state;
  }

  Accounts accounts;
};

/// A function that gives "t1", "t2", ... as its owner wants.
struct Source {
  static tsr_status give(void* user, tsr_http_token* token) {
    auto& self = *static_cast<Source*>(user);
    const int number = ++self.asked;
    if (number <= self.failures) return TSR_E_IO;
    if (self.gives_nothing) return TSR_OK;
    std::this_thread::sleep_for(self.pause);
    const std::string text = "t" + std::to_string(number);
    return tsr_http_token_set(token, text.data(), text.size(), 0, nullptr);
  }
  static void free(void* user) {
    auto& self = *static_cast<Source*>(user);
    const std::scoped_lock lock(self.mutex);
    ++self.freed;
    self.changed.notify_all();
  }
  void await_freed() {
    std::unique_lock lock(mutex);
    BOOST_REQUIRE(
        changed.wait_for(lock, std::chrono::milliseconds(kLongMs), [&] { return freed.load() > 0; }));
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<int> asked{0}, freed{0};
  int failures = 0;
  bool gives_nothing = false;
  std::chrono::milliseconds pause{0};
};

/// A database of the application's, which several clients share.
struct Shelf {
  static tsr_status load(void* user, tsr_http_token* token) {
    auto& self = *static_cast<Shelf*>(user);
    const std::scoped_lock lock(self.mutex);
    if (self.fails) return TSR_E_IO;
    if (self.record.empty()) return TSR_OK;
    return tsr_http_token_set(token, self.record.data(), self.record.size(), 0, nullptr);
  }
  static tsr_status swap(void* user, int64_t expected, const void* record, size_t len, int32_t* swapped) {
    auto& self = *static_cast<Shelf*>(user);
    const std::scoped_lock lock(self.mutex);
    if (self.version != expected) return TSR_OK;
    self.record.assign(static_cast<const char*>(record), len);
    self.version = nlohmann::json::parse(self.record).at("version").get<int64_t>();
    *swapped = 1;
    return TSR_OK;
  }
  static void told(void* user, tsr_str why) {
    auto& self = *static_cast<Shelf*>(user);
    const std::scoped_lock lock(self.mutex);
    self.events.emplace_back(why.data, why.len);
    self.changed.notify_all();
  }
  static void free(void* user) {
    auto& self = *static_cast<Shelf*>(user);
    const std::scoped_lock lock(self.mutex);
    ++self.freed;
    self.changed.notify_all();
  }
  void await_events(size_t count) {
    std::unique_lock lock(mutex);
    BOOST_REQUIRE(
        changed.wait_for(lock, std::chrono::milliseconds(kLongMs), [&] { return events.size() >= count; }));
  }
  void await_freed(int count) {
    std::unique_lock lock(mutex);
    BOOST_REQUIRE(changed.wait_for(lock, std::chrono::milliseconds(kLongMs), [&] { return freed >= count; }));
  }
  tsr_http_oauth_opts opts() const {
    tsr_http_oauth_opts made = AuthFixture::opts();
    made.load = &load;
    made.swap = &swap;
    made.reauthorise = &told;
    return made;
  }

  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by mutex.
  std::string record;
  int64_t version = 0;
  bool fails = false;
  std::vector<std::string> events;
  int freed = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_auth, AuthFixture)

BOOST_AUTO_TEST_CASE(a_token_is_sent_until_another_is_set) {
  accounts.accept("one");
  accounts.accept("two");
  const Http http = open_client();
  BOOST_TEST(state_of(http) == TSR_HTTP_AUTH_NONE);
  BOOST_TEST(status_of(http) == 401);
  set_token(http, "one");
  BOOST_TEST(state_of(http) == TSR_HTTP_AUTH_READY);
  BOOST_TEST(sent_by(http) == "Bearer one");
  set_token(http, "two");
  BOOST_TEST(sent_by(http) == "Bearer two");
  set_token(http, "three");
  BOOST_TEST(status_of(http) == 401);
  BOOST_TEST(tsr_http_clear_auth(http.get(), nullptr) == TSR_OK);
  BOOST_TEST(state_of(http) == TSR_HTTP_AUTH_NONE);
  BOOST_TEST(sent_by(http).empty());
}

BOOST_AUTO_TEST_CASE(a_key_travels_in_any_field) {
  const Http http = open_client();
  BOOST_REQUIRE(tsr_http_set_token(http.get(), TSR_LIT("X-Api-Key"), {}, "k-1", 3, nullptr) == TSR_OK);
  static_cast<void>(get(http, "/"));
  BOOST_TEST(accounts.api.wait_for(1).header("x-api-key") == "k-1");
  BOOST_REQUIRE(tsr_http_set_token(http.get(), {}, TSR_LIT("Token "), "k-2", 3, nullptr) == TSR_OK);
  static_cast<void>(get(http, "/"));
  BOOST_TEST(accounts.api.wait_for(2).header("authorization") == "Token k-2");
  tsr_http_request without = request();
  without.flags = TSR_HTTP_SKIP_AUTH;
  static_cast<void>(send(http, without));
  BOOST_TEST(accounts.api.wait_for(3).header("authorization").empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_is_refused_without_being_shown) {
  const Http http = open_client();
  const std::string bad = "se\ncret";
  Failure failure;
  BOOST_TEST(tsr_http_set_token(http.get(), {}, {}, bad.data(), bad.size(), failure.out()) == TSR_E_ARG);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("cret") == std::string::npos);
  BOOST_TEST(tsr_http_set_token(http.get(), {}, {}, "", 0, failure.out()) == TSR_E_ARG);
  const std::string unread = R"({"access_token":7,"refresh_token":"hidden"})";
  BOOST_TEST(tsr_http_set_oauth_tokens(http.get(), unread.data(), unread.size(), failure.out()) == TSR_E_ARG);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("hidden") == std::string::npos);
  const std::string tokens = Accounts::tokens("a0", "r0");
  BOOST_TEST(tsr_http_set_oauth_tokens(http.get(), tokens.data(), tokens.size(), failure.out()) ==
             TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(a_source_is_asked_once_for_all_who_wait_and_again_after_a_401) {
  accounts.accept("t1");
  accounts.accept("t2");
  Source source;
  source.pause = std::chrono::milliseconds(50);
  {
    const Http http = open_client();
    BOOST_REQUIRE(tsr_http_set_token_source(http.get(), &Source::give, &source, &Source::free, nullptr) ==
                  TSR_OK);
    std::vector<Operation> ops(10);
    const tsr_http_request what = request();
    for (Operation& op : ops) {
      BOOST_REQUIRE(tsr_http_send_async(http.get(), &what, nullptr, nullptr, nullptr, op.out(), nullptr) ==
                    TSR_OK);
    }
    for (const Operation& op : ops) {
      HttpResponse response;
      BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
      BOOST_REQUIRE(tsr_op_http_response(op.get(), response.out(), nullptr) == TSR_OK);
      BOOST_TEST(body_of(response) == "Bearer t1");
    }
    BOOST_TEST(source.asked == 1);
    accounts.refuse("t1");
    BOOST_TEST(sent_by(http) == "Bearer t2");
    BOOST_TEST(source.asked == 2);
    BOOST_TEST(source.freed == 0);
    BOOST_TEST(tsr_http_close(http.get(), kLongMs, nullptr) == TSR_OK);
  }
  source.await_freed();
}

BOOST_AUTO_TEST_CASE(a_source_that_fails_or_gives_nothing_fails_who_waits) {
  for (const bool gives_nothing : {false, true}) {
    Source source;
    source.failures = gives_nothing ? 0 : 1000;
    source.gives_nothing = gives_nothing;
    const Http http = open_client();
    BOOST_REQUIRE(tsr_http_set_token_source(http.get(), &Source::give, &source, nullptr, nullptr) == TSR_OK);
    HttpResponse response;
    Failure failure;
    BOOST_TEST(try_get(http, response, failure) == TSR_E_CALLBACK);
    BOOST_TEST(!response);
    BOOST_TEST(accounts.api.seen().empty());
    BOOST_TEST(tsr_http_close(http.get(), kLongMs, nullptr) == TSR_OK);
  }
}

BOOST_AUTO_TEST_CASE(user_data_is_freed_once_when_a_start_fails) {
  Source source;
  const Http http = open_client();
  BOOST_TEST(tsr_http_set_token_source(http.get(), nullptr, &source, &Source::free, nullptr) == TSR_E_ARG);
  BOOST_TEST(source.freed == 1);
  const tsr_http_oauth_opts with = opts();
  Failure failure;
  BOOST_TEST(tsr_http_set_oauth(http.get(), TSR_LIT("{}"), &with, &source, &Source::free, failure.out()) ==
             TSR_E_ARG);
  BOOST_TEST(source.freed == 2);
  tsr_http_oauth_opts half = opts();
  half.load = &Shelf::load;
  BOOST_TEST(tsr_http_set_oauth(http.get(), str(accounts.oauth().dump()), &half, &source, &Source::free,
                                failure.out()) == TSR_E_ARG);
  BOOST_TEST(source.freed == 3);
  const std::string secret = R"({"token_url":"https://e.example","client_id":"a","client_secret":"hush"})";
  BOOST_TEST(tsr_http_set_oauth(http.get(), str(secret), &with, nullptr, nullptr, failure.out()) ==
             TSR_E_ARG);
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("hush") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_account_in_memory_is_renewed_after_a_401) {
  accounts.accept("a0");
  const Http http = open_client();
  set_oauth(http, opts());
  set_tokens(http, Accounts::tokens("a0", "r0"));
  BOOST_TEST(sent_by(http) == "Bearer a0");
  accounts.refuse("a0");
  BOOST_TEST(sent_by(http) == "Bearer a1");
  BOOST_TEST(accounts.issuer.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(tokens_can_be_set_in_the_background) {
  accounts.accept("a0");
  const Http http = open_client();
  set_oauth(http, opts());
  const std::string tokens = Accounts::tokens("a0", "r0");
  Operation op;
  BOOST_REQUIRE(tsr_http_set_oauth_tokens_async(http.get(), tokens.data(), tokens.size(), nullptr, nullptr,
                                                nullptr, op.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_void(op.get(), nullptr) == TSR_OK);
  BOOST_TEST(sent_by(http) == "Bearer a0");
}

BOOST_AUTO_TEST_CASE(a_hundred_401s_cause_one_renewal) {
  std::mutex mutex;
  std::condition_variable changed;
  int refused = 0;
  // Nobody hears of its 401 before all have asked.
  accounts.api.on("GET", "/", [&](const Seen& seen) {
    Answer answer;
    if (seen.header("authorization") == "Bearer a1") return answer.respond(200);
    answer.then([&](Wire&) {
      std::unique_lock lock(mutex);
      ++refused;
      changed.notify_all();
      changed.wait_for(lock, std::chrono::milliseconds(kLongMs), [&] { return refused >= 100; });
    });
    return answer.respond(401);
  });
  const Http http = open_client();
  set_oauth(http, opts());
  set_tokens(http, Accounts::tokens("a0", "r0"));
  std::vector<Operation> ops(100);
  const tsr_http_request what = request();
  for (Operation& op : ops) {
    BOOST_REQUIRE(tsr_http_send_async(http.get(), &what, nullptr, nullptr, nullptr, op.out(), nullptr) ==
                  TSR_OK);
  }
  for (const Operation& op : ops) {
    HttpResponse response;
    BOOST_REQUIRE(tsr_op_wait(op.get(), kLongMs, nullptr) == TSR_OK);
    BOOST_REQUIRE(tsr_op_http_response(op.get(), response.out(), nullptr) == TSR_OK);
    BOOST_TEST(tsr_http_response_status(response.get()) == 200);
  }
  BOOST_TEST(accounts.issuer.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(clients_that_share_a_store_renew_once) {
  accounts.accept("a0");
  Shelf shelf;
  {
    const Http first = open_client(), second = open_client();
    set_oauth(first, shelf.opts(), &shelf, &Shelf::free);
    set_oauth(second, shelf.opts(), &shelf, &Shelf::free);
    set_tokens(first, Accounts::tokens("a0", "r0"));
    BOOST_TEST(sent_by(first) == "Bearer a0");
    BOOST_TEST(sent_by(second) == "Bearer a0");
    accounts.refuse("a0");
    BOOST_TEST(sent_by(first) == "Bearer a1");
    BOOST_TEST(sent_by(second) == "Bearer a1");
    BOOST_TEST(accounts.issuer.seen().size() == 1U);
    for (const Http* http : {&first, &second}) {
      BOOST_TEST(tsr_http_close(http->get(), kLongMs, nullptr) == TSR_OK);
    }
  }
  shelf.await_freed(2);
  BOOST_TEST(shelf.version == 2);
  BOOST_TEST(nlohmann::json::parse(shelf.record).at("refresh_token") == "r1");
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_is_told) {
  Shelf shelf;
  shelf.fails = true;
  {
    const Http http = open_client();
    set_oauth(http, shelf.opts(), &shelf, &Shelf::free);
    HttpResponse response;
    Failure failure;
    BOOST_TEST(try_get(http, response, failure) == TSR_E_CALLBACK);
    const std::string tokens = Accounts::tokens("a0", "r0");
    BOOST_TEST(tsr_http_set_oauth_tokens(http.get(), tokens.data(), tokens.size(), failure.out()) ==
               TSR_E_CALLBACK);
    BOOST_TEST(tsr_http_close(http.get(), kLongMs, nullptr) == TSR_OK);
  }
  shelf.await_freed(1);
}

BOOST_AUTO_TEST_CASE(the_account_is_to_be_authorised_again_once) {
  accounts.accept("b0");
  Shelf shelf;
  {
    const Http http = open_client();
    set_oauth(http, shelf.opts(), &shelf, &Shelf::free);
    set_tokens(http, Accounts::tokens("a0", "spent"));
    for (int i = 0; i < 3; ++i) {
      HttpResponse response;
      Failure failure;
      BOOST_TEST(try_get(http, response, failure) == TSR_E_UNAUTHORIZED);
      BOOST_TEST(std::string(tsr_error_text(failure.get())).find("spent") == std::string::npos);
    }
    BOOST_TEST(state_of(http) == TSR_HTTP_AUTH_REAUTHORISE);
    shelf.await_events(1);
    set_tokens(http, Accounts::tokens("b0", "r0"));
    BOOST_TEST(state_of(http) == TSR_HTTP_AUTH_READY);
    BOOST_TEST(sent_by(http) == "Bearer b0");
    BOOST_TEST(tsr_http_close(http.get(), kLongMs, nullptr) == TSR_OK);
  }
  shelf.await_freed(1);  // so nobody is told any more
  BOOST_TEST(shelf.events.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_closed_client_takes_no_credentials) {
  const Http http = open_client();
  BOOST_REQUIRE(tsr_http_close(http.get(), kLongMs, nullptr) == TSR_OK);
  BOOST_TEST(tsr_http_set_token(http.get(), {}, {}, "x", 1, nullptr) == TSR_E_STATE);
  Source source;
  BOOST_TEST(tsr_http_set_token_source(http.get(), &Source::give, &source, &Source::free, nullptr) ==
             TSR_E_STATE);
  BOOST_TEST(source.freed == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(http_license_auth, Machine)

BOOST_AUTO_TEST_CASE(the_licence_is_the_token_and_follows_an_import) {
  Origin api;
  api.on("GET", "/", [](const Seen& seen) { return Answer(200, seen.header("authorization")); });
  License license = open();
  const Http http = HttpFixture::open_http({{"base_url", api.url("/")}});
  Failure failure;
  require_ok(tsr_http_set_license_auth(http.get(), license.get(), failure.out()), failure);
  const tsr_http_request what = HttpFixture::request();
  HttpResponse response;
  BOOST_TEST(tsr_http_send(http.get(), &what, response.out(), failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_NO_LICENSE);
  const std::string first = vendor.license({}, {{"sku", "pro"}});
  import(license, vendor.key_set() + '\n' + first + '\n');
  BOOST_TEST(HttpFixture::body_of(HttpFixture::get(http, "/")) == "Bearer " + first);
  const std::string second = vendor.license({}, {{"sku", "site"}});
  import(license, vendor.key_set() + '\n' + second + '\n');
  license = License();  // the client keeps what it needs
  BOOST_TEST(HttpFixture::body_of(HttpFixture::get(http, "/")) == "Bearer " + second);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
