#include "http/auth/oauth2_auth.hpp"

#include "auth_fixture.hpp"

namespace tessera::http {
namespace {

constexpr int64_t kHourMs = 3'600'000;

/// What a test does to a store.
class TestStore final : public TokenStore {
 public:
  Result<std::optional<TokenRecord>> load() override {
    ++loads;
    return inner.load();
  }
  Result<bool> compare_and_swap(uint64_t expected, const TokenRecord& record) override {
    if (before_swap) before_swap(record);
    if (failures > 0) {
      --failures;
      return Error{ErrorCode::kDISK_FULL, "app", "the disk is full", {}};
    }
    return inner.compare_and_swap(expected, record);
  }

  MemoryTokenStore inner;
  std::function<void(const TokenRecord&)> before_swap;
  std::atomic<int> loads{0}, failures{0};
};

struct OAuthFixture : AuthFixture {
  OAuthFixture() {
    config.token_url = parse_url(issuer.origin.url("/token")).value();
    config.client_id = "app";
    config.commit_grace_ms = 0;
    logger.attach(LogLevel::kTrace, [this](const LogRecord& record) {
      const std::scoped_lock lock(log_mutex);
      log.append(record.event).append(" ").append(record.message).append(record.fields_json).append("\n");
    });
  }
  ~OAuthFixture() { static_cast<void>(client().close(0)); }  // before what it uses
  /// The store holds the tokens a0 and r0, which lasts an hour.
  void hold() { put(tokens("a0", "r0", clock.wall_ms() + kHourMs)); }
  void put(TokenRecord record) {
    record.version = 1;
    BOOST_REQUIRE(store->compare_and_swap(0, record).value());
  }
  std::shared_ptr<OAuth2Auth> make() {
    return OAuth2Auth::make(config, as_bytes("client-secret"), store, ports, events.listener()).value();
  }
  void set() {
    auth = make();
    BOOST_REQUIRE(client().set_auth(auth).ok());
  }
  std::string sent() { return text_of(get().value()); }
  std::string kept(bool is_refresh = false) {
    const auto record = store->load().value();
    return std::string(as_text((is_refresh ? record->refresh_token : record->access_token).view()));
  }
  std::string logged() {
    const std::scoped_lock lock(log_mutex);
    return log;
  }

  Issuer issuer{api};
  OAuthConfig config;
  const std::shared_ptr<TestStore> store = std::make_shared<TestStore>();
  Events events;
  std::shared_ptr<OAuth2Auth> auth;
  std::mutex log_mutex;
  std::string log;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(oauth2_auth, OAuthFixture)

BOOST_AUTO_TEST_CASE(a_kept_token_is_used_as_long_as_it_holds) {
  hold();
  api.accept("a0");
  set();
  BOOST_TEST(sent() == "Bearer a0");
  BOOST_TEST(sent() == "Bearer a0");
  BOOST_TEST(issuer.asked() == 0U);
  BOOST_TEST(store->loads == 1);
}

BOOST_AUTO_TEST_CASE(an_ended_token_is_renewed_and_the_new_pair_kept) {
  hold();
  clock.pass(kHourMs + 1);
  set();
  BOOST_TEST(sent() == "Bearer a1");
  const Seen seen = issuer.origin.wait_for(1);
  BOOST_TEST(seen.body == "grant_type=refresh_token&refresh_token=r0");
  BOOST_TEST(seen.header("content-type") == "application/x-www-form-urlencoded");
  BOOST_TEST(seen.header("authorization") == "Basic YXBwOmNsaWVudC1zZWNyZXQ=");
  BOOST_TEST(kept() == "a1");
  BOOST_TEST(kept(true) == "r1");
  BOOST_TEST(store->load().value()->version == 2U);
  BOOST_TEST(store->load().value()->expires_at_ms == clock.wall_ms() + kHourMs);
}

BOOST_AUTO_TEST_CASE(a_hundred_401s_cause_one_renewal) {
  hold();
  std::mutex mutex;
  std::condition_variable changed;
  int refused = 0;
  // Nobody hears of its 401 before all have asked.
  api.origin.on("GET", "/", [&](const Seen& seen) {
    Answer answer;
    if (seen.header("authorization") == "Bearer a1") return answer.respond(200);
    answer.then([&](test::Wire&) {
      std::unique_lock lock(mutex);
      ++refused;
      changed.notify_all();
      changed.wait_for(lock, std::chrono::seconds(60), [&] { return refused >= 100; });
    });
    return answer.respond(401);
  });
  set();
  std::vector<Pending> calls(100);
  for (Pending& call : calls) send(call);
  for (Pending& call : calls) BOOST_TEST(call.wait()->status == 200);
  BOOST_TEST(issuer.asked() == 1U);
  BOOST_TEST(events.count() == 0U);
}

BOOST_AUTO_TEST_CASE(it_is_renewed_before_its_end_while_calls_go_on) {
  hold();
  api.accept("a0");
  set();
  BOOST_TEST(sent() == "Bearer a0");  // loaded: what is left of its life counts from here
  clock.pass(kHourMs * 79 / 100);
  BOOST_TEST(sent() == "Bearer a0");
  clock.pass(kHourMs / 50);
  Barrier barrier;
  issuer.next([&](const Seen&) {
    Answer answer;
    answer.then([&](test::Wire&) { barrier.wait(); });
    static_cast<void>(issuer.turn());
    return answer.respond(200, R"({"access_token":"a1","refresh_token":"r1","expires_in":"3600"})");
  });
  BOOST_TEST(sent() == "Bearer a0");
  barrier.await_waiter();
  BOOST_TEST(sent() == "Bearer a0");
  barrier.open();
  std::string field;
  for (int i = 0; i < 10'000 && field != "Bearer a1"; ++i) field = sent();
  BOOST_TEST(field == "Bearer a1");
  BOOST_TEST(issuer.asked() == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_is_used_before_it_is_kept) {
  hold();
  clock.pass(kHourMs + 1);
  Barrier barrier;
  std::atomic<size_t> asked_before{1000};
  store->before_swap = [&](const TokenRecord&) {
    asked_before = api.asked();
    barrier.wait();
  };
  set();
  Pending call;
  send(call);
  barrier.await_waiter();
  BOOST_TEST(!call.is_done());
  BOOST_TEST(api.asked() == 0U);
  barrier.open();
  BOOST_TEST(text_of(call.wait().value()) == "Bearer a1");
  BOOST_TEST(asked_before == 0U);
}

BOOST_AUTO_TEST_CASE(a_pair_that_could_not_be_kept_is_kept_next_time_without_another_request) {
  hold();
  clock.pass(kHourMs + 1);
  store->failures = 1;
  set();
  BOOST_TEST(code() == ErrorCode::kDISK_FULL);
  BOOST_TEST(api.asked() == 0U);
  clock.pass(2'000);
  BOOST_TEST(sent() == "Bearer a1");
  BOOST_TEST(kept(true) == "r1");
  BOOST_TEST(issuer.asked() == 1U);
}

BOOST_AUTO_TEST_CASE(an_invalid_grant_is_one_event_and_ends_every_call_until_tokens_are_set) {
  put(tokens("a0", "spent"));
  set();
  BOOST_TEST(code() == ErrorCode::kUNAUTHORIZED);
  events.await(1);
  BOOST_TEST((auth->state() == OAuth2Auth::State::kReauthorise));
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(code() == ErrorCode::kUNAUTHORIZED);
    clock.pass(6'000);
  }
  BOOST_TEST(issuer.asked() == 1U);
  BOOST_TEST(api.asked() == 1U);
  BOOST_TEST(auth->set_tokens(tokens("new", "r0")).ok());
  BOOST_TEST((auth->state() == OAuth2Auth::State::kReady));
  api.accept("new");
  BOOST_TEST(sent() == "Bearer new");
  api.refuse("new");
  BOOST_TEST(sent() == "Bearer a1");
  BOOST_TEST(events.count() == 1U);
}

BOOST_AUTO_TEST_CASE(without_any_token_the_account_has_to_be_authorised) {
  set();
  BOOST_TEST(code() == ErrorCode::kUNAUTHORIZED);
  BOOST_TEST(code() == ErrorCode::kUNAUTHORIZED);
  events.await(1);
  BOOST_TEST(issuer.asked() == 0U);
  BOOST_TEST(events.count() == 1U);
}

BOOST_AUTO_TEST_CASE(tokens_that_another_process_stored_end_the_state) {
  put(tokens("a0", "spent"));
  set();
  BOOST_TEST(code() == ErrorCode::kUNAUTHORIZED);
  TokenRecord fresh = tokens("other", "r0");
  fresh.version = 2;
  BOOST_TEST(store->inner.compare_and_swap(1, fresh).value());
  api.accept("other");
  BOOST_TEST(code() == ErrorCode::kUNAUTHORIZED);
  clock.pass(6'000);
  BOOST_TEST(sent() == "Bearer other");
}

BOOST_AUTO_TEST_CASE(passing_failures_keep_the_session) {
  hold();
  api.accept("a0");
  set();
  BOOST_TEST(sent() == "Bearer a0");
  clock.pass(kHourMs * 9 / 10);
  issuer.next(503);
  for (int i = 0; i < 3; ++i) BOOST_TEST(sent() == "Bearer a0");  // one of them began a renewal
  issuer.origin.wait_for(1);
  clock.pass(kHourMs / 10 + 1);
  issuer.next(429, "", {{"Retry-After", "5"}});
  ErrorCode last = ErrorCode::kOk;
  // The first renewal may still be on its way to its end.
  for (int i = 0; i < 1000 && issuer.asked() < 2; ++i) {
    last = code();
    clock.pass(1'001);
  }
  BOOST_TEST(last == ErrorCode::kUNAVAILABLE);
  const size_t asked = issuer.asked();
  BOOST_TEST(code() == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(issuer.asked() == asked);
  clock.pass(6'000);
  BOOST_TEST(sent() == "Bearer a1");
  BOOST_TEST(events.count() == 0U);
}

BOOST_AUTO_TEST_CASE(an_unreachable_endpoint_keeps_the_session) {
  hold();
  config.token_url = parse_url("http://127.0.0.1:1/token").value();
  clock.pass(kHourMs + 1);
  set();
  // What can't have arrived is sent once more after a while.
  Pending call;
  send(call);
  while (!call.is_done()) {
    clock.pass(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  BOOST_TEST(call.wait().error().code == ErrorCode::kNETWORK);
  BOOST_TEST(code() == ErrorCode::kUNAVAILABLE);
  BOOST_TEST((auth->state() == OAuth2Auth::State::kReady));
  BOOST_TEST(kept(true) == "r0");
}

BOOST_AUTO_TEST_CASE(what_is_no_answer_keeps_the_session) {
  hold();
  clock.pass(kHourMs + 1);
  set();
  issuer.next(200, "<html>sign in to the network</html>");
  BOOST_TEST(code() == ErrorCode::kPROTOCOL);
  clock.pass(1'001);
  issuer.next(200, std::string(size_t{70} << 10, ' '));
  BOOST_TEST(code() == ErrorCode::kLIMIT);
  clock.pass(2'001);
  issuer.next(302, "", {{"Location", "/elsewhere"}});
  BOOST_TEST(code() == ErrorCode::kPROTOCOL);
  clock.pass(4'001);
  BOOST_TEST(sent() == "Bearer a1");
  BOOST_TEST(issuer.asked() == 4U);
}

BOOST_AUTO_TEST_CASE(a_client_that_is_refused_does_not_lose_the_session_nor_ask_all_the_time) {
  hold();
  clock.pass(kHourMs + 1);
  set();
  issuer.next(401, R"({"error":"invalid_client","error_description":"r0 is good"})");
  const Error error = get().error();
  BOOST_TEST(error.code == ErrorCode::kUNAUTHORIZED);
  BOOST_TEST(error.text.find("invalid_client") != std::string::npos);
  BOOST_TEST(error.text.find("r0") == std::string::npos);
  BOOST_TEST(code() == ErrorCode::kUNAUTHORIZED);
  BOOST_TEST(issuer.asked() == 1U);
  clock.pass(1'001);
  BOOST_TEST(sent() == "Bearer a1");
  BOOST_TEST(events.count() == 0U);
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_renewal_that_hangs_keeps_its_deadline) {
  hold();
  clock.pass(kHourMs + 1);
  set();
  issuer.next([](const Seen&) { return Answer().stall(); });
  Request hasty = request();
  hasty.total_ms = 100;
  Pending late, cancelled, patient;
  send(patient);
  send(late, hasty);
  const auto handle = send(cancelled);
  issuer.origin.wait_for(1);
  clock.pass(101);
  BOOST_TEST(late.wait().error().code == ErrorCode::kTIMEOUT);
  handle->cancel();
  BOOST_TEST(cancelled.wait().error().code == ErrorCode::kCANCELLED);
  BOOST_TEST(!patient.is_done());
  // The renewal's own limit; the session stays.
  clock.pass(30'000);
  BOOST_TEST(patient.wait().error().code == ErrorCode::kTIMEOUT);
  clock.pass(1'001);
  BOOST_TEST(sent() == "Bearer a1");
}

BOOST_AUTO_TEST_CASE(a_renewal_goes_on_when_nobody_waits_any_more) {
  hold();
  clock.pass(kHourMs + 1);
  set();
  Barrier barrier;
  store->before_swap = [&](const TokenRecord&) { barrier.wait(); };
  Pending call;
  const auto handle = send(call);
  barrier.await_waiter();
  handle->cancel();
  BOOST_TEST(call.wait().error().code == ErrorCode::kCANCELLED);
  barrier.open();
  BOOST_TEST(sent() == "Bearer a1");
  BOOST_TEST(issuer.asked() == 1U);
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_ends_the_renewal_and_what_came_is_kept) {
  hold();
  clock.pass(kHourMs + 1);
  set();
  Barrier barrier;
  store->before_swap = [&](const TokenRecord&) { barrier.wait(); };
  Pending call;
  send(call);
  barrier.await_waiter();
  BOOST_TEST(client().close(0).error().code == ErrorCode::kTIMEOUT);
  BOOST_TEST(call.wait().error().code == ErrorCode::kSTATE);
  barrier.open();
  // The next client goes on from the store.
  std::string field;
  for (int i = 0; i < 6000 && field != "a1"; ++i) {
    field = kept();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  BOOST_TEST(field == "a1");
  const std::unique_ptr<Client> next = open();
  BOOST_TEST(next->set_auth(make()).ok());
  BOOST_TEST(text_of(next->perform(request()).value()) == "Bearer a1");
  BOOST_TEST(issuer.asked() == 1U);
}

BOOST_AUTO_TEST_CASE(two_providers_with_one_store_renew_once) {
  hold();
  clock.pass(kHourMs + 1);
  set();
  const std::unique_ptr<Client> other = open();
  BOOST_TEST(other->set_auth(make()).ok());
  BOOST_TEST(sent() == "Bearer a1");
  BOOST_TEST(text_of(other->perform(request()).value()) == "Bearer a1");
  BOOST_TEST(issuer.asked() == 1U);
  // The other's next token is used as well, by who still holds the last.
  api.refuse("a1");
  BOOST_TEST(text_of(other->perform(request()).value()) == "Bearer a2");
  BOOST_TEST(sent() == "Bearer a2");
  BOOST_TEST(issuer.asked() == 2U);
}

BOOST_AUTO_TEST_CASE(a_refresh_token_that_another_process_spent_meanwhile_is_no_reason_to_reauthorise) {
  hold();
  clock.pass(kHourMs + 1);
  set();
  // While this one asks, another gets and keeps the next pair.
  issuer.next([this](const Seen&) {
    static_cast<void>(issuer.turn());
    TokenRecord theirs = tokens("a1", "r1");
    theirs.version = 2;
    static_cast<void>(store->inner.compare_and_swap(1, theirs));
    return Answer(400, R"({"error":"invalid_grant"})");
  });
  BOOST_TEST(sent() == "Bearer a1");
  BOOST_TEST(events.count() == 0U);
  BOOST_TEST(issuer.asked() == 1U);
}

BOOST_AUTO_TEST_CASE(another_process_has_time_to_keep_what_it_got) {
  hold();
  config.commit_grace_ms = 100;
  clock.pass(kHourMs + 1);
  set();
  issuer.next(400, R"({"error":"invalid_grant"})");
  const int loads_before_doubt = store->loads + 2;
  std::thread other([&] {
    while (store->loads < loads_before_doubt) std::this_thread::yield();
    TokenRecord theirs = tokens("theirs", "r1");
    theirs.version = 2;
    static_cast<void>(store->inner.compare_and_swap(1, theirs));
  });
  api.accept("theirs");
  // Only when the other was slower than the grace, it is one more look.
  Result<Response> response = get();
  other.join();
  if (!response.ok()) {
    clock.pass(6'000);
    response = get();
  }
  BOOST_TEST(text_of(response.value()) == "Bearer theirs");
  BOOST_TEST(issuer.asked() == 1U);
}

BOOST_AUTO_TEST_CASE(the_loser_of_a_swap_uses_what_the_winner_kept) {
  hold();
  clock.pass(kHourMs + 1);
  set();
  store->before_swap = [this](const TokenRecord&) {
    TokenRecord theirs = tokens("theirs", "r9");
    theirs.version = 2;
    static_cast<void>(store->inner.compare_and_swap(1, theirs));
  };
  api.accept("theirs");
  BOOST_TEST(sent() == "Bearer theirs");
  BOOST_TEST(kept(true) == "r9");
}

BOOST_AUTO_TEST_CASE(client_credentials_need_no_token_to_begin_with) {
  config.grant = OAuthGrant::kClientCredentials;
  config.client_auth = OAuthClientAuth::kPost;
  config.scope = "read write";
  config.parameters = {{"audience", "https://api"}};
  set();
  BOOST_TEST(sent() == "Bearer a1");
  const Seen seen = issuer.origin.wait_for(1);
  BOOST_TEST(seen.body ==
             "grant_type=client_credentials&scope=read%20write&audience=https%3A%2F%2Fapi&client_id=app&"
             "client_secret=client-secret");
  BOOST_TEST(seen.header("authorization").empty());
}

BOOST_AUTO_TEST_CASE(plain_http_goes_to_loopback_only) {
  hold();
  config.token_url = parse_url("http://auth.example/token").value();
  clock.pass(kHourMs + 1);
  set();
  BOOST_TEST(code() == ErrorCode::kARG);
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_or_throws_is_an_error) {
  struct Broken final : TokenStore {
    Result<std::optional<TokenRecord>> load() override { throw std::runtime_error("r-secret"); }
    Result<bool> compare_and_swap(uint64_t, const TokenRecord&) override { return false; }
  };
  auth = OAuth2Auth::make(config, as_bytes("client-secret"), std::make_shared<Broken>(), ports).value();
  BOOST_REQUIRE(client().set_auth(auth).ok());
  BOOST_TEST(code() == ErrorCode::kCALLBACK);
  BOOST_TEST(auth->set_tokens(tokens("a", "b")).error().code == ErrorCode::kCALLBACK);
}

BOOST_AUTO_TEST_CASE(what_is_incomplete_is_refused) {
  BOOST_TEST(OAuth2Auth::make(config, {}, store, ports).error().code == ErrorCode::kARG);
  BOOST_TEST(OAuth2Auth::make(config, as_bytes("s"), nullptr, ports).error().code == ErrorCode::kARG);
  config.client_auth = OAuthClientAuth::kNone;
  auth = OAuth2Auth::make(config, {}, store, ports).value();
  BOOST_TEST(auth->set_tokens(tokens("", "r")).error().code == ErrorCode::kARG);
  const Error error = auth->set_tokens(tokens("to ken", "r")).error();
  BOOST_TEST(error.code == ErrorCode::kARG);
  BOOST_TEST(error.text.find("to ken") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_secret_is_in_a_log_or_an_error) {
  put(tokens("access-0", "refresh-0"));
  set();
  std::string shown;
  issuer.next(500, "refresh-0 client-secret");
  for (int i = 0; i < 3; ++i) {
    const Error error = get().error();
    shown += error.text + error.detail_json;
    clock.pass(2'000);
  }
  shown += logged();
  BOOST_TEST(shown.find("reauthorise") != std::string::npos);
  for (const char* secret : {"access-0", "refresh-0", "client-secret", "Bearer", "Basic"})
    BOOST_TEST(shown.find(secret) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
