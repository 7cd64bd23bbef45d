#include "http/auth/callback_auth.hpp"

#include "auth_fixture.hpp"

namespace tessera::http {
namespace {

/// A function of an application that gives "t1", "t2" and so on.
struct Source {
  TokenFunction function() {
    return [state = state] {
      const int number = ++state->calls;
      if (state->barrier) state->barrier->wait();
      return state->answer ? state->answer(number) : token(number, 0);
    };
  }
  static Result<ProvidedToken> token(int number, int64_t expires_at_ms) {
    return ProvidedToken{SecretBytes(as_bytes("t" + std::to_string(number))), expires_at_ms};
  }
  struct State {
    std::atomic<int> calls{0};
    std::shared_ptr<Barrier> barrier;
    std::function<Result<ProvidedToken>(int)> answer;
  };
  const std::shared_ptr<State> state = std::make_shared<State>();
};

struct CallbackFixture : AuthFixture {
  void set() {
    auth = CallbackAuth::make(source.function(), ports);
    BOOST_REQUIRE(client().set_auth(auth).ok());
  }
  /// All functions wait for it.
  std::shared_ptr<Barrier> hold() { return source.state->barrier = std::make_shared<Barrier>(); }
  int calls() const { return source.state->calls; }

  Source source;
  std::shared_ptr<CallbackAuth> auth;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(callback_auth, CallbackFixture)

BOOST_AUTO_TEST_CASE(all_callers_wait_for_one_call_of_the_function_and_the_loop_for_none) {
  api.accept("t1");
  const auto barrier = hold();
  set();
  std::vector<Pending> calls_that_wait(20);
  for (Pending& call : calls_that_wait) send(call);
  barrier->await_waiter();
  Request other = request();
  other.skips_auth = true;
  BOOST_TEST(client().perform(other)->status == 401);
  for (Pending& call : calls_that_wait) BOOST_TEST(!call.is_done());
  barrier->open();
  for (Pending& call : calls_that_wait) BOOST_TEST(call.wait()->status == 200);
  BOOST_TEST(calls() == 1);
  BOOST_TEST(status() == 200);
  BOOST_TEST(calls() == 1);
}

BOOST_AUTO_TEST_CASE(a_401_to_the_present_token_asks_once_more) {
  api.accept("t2");
  set();
  BOOST_TEST(status() == 200);
  BOOST_TEST(calls() == 2);
  BOOST_TEST(status() == 200);
  BOOST_TEST(calls() == 2);
}

BOOST_AUTO_TEST_CASE(tokens_that_are_never_accepted_end_in_the_401_without_a_loop) {
  set();
  BOOST_TEST(status() == 401);
  BOOST_TEST(calls() == 2);
  BOOST_TEST(api.asked() == 2U);
  for (int i = 0; i < 5; ++i) BOOST_TEST(status() == 401);
  BOOST_TEST(calls() == 2);
  clock.pass(11'000);
  BOOST_TEST(status() == 401);
  BOOST_TEST(calls() == 3);
}

BOOST_AUTO_TEST_CASE(who_waits_keeps_its_deadline_and_can_leave) {
  api.accept("t1");
  const auto barrier = hold();
  set();
  Request hasty = request();
  hasty.total_ms = 50;
  Pending late, cancelled, patient;
  send(patient);
  send(late, hasty);
  const auto handle = send(cancelled);
  barrier->await_waiter();
  clock.pass(51);
  BOOST_TEST(late.wait().error().code == ErrorCode::kTIMEOUT);
  handle->cancel();
  BOOST_TEST(cancelled.wait().error().code == ErrorCode::kCANCELLED);
  BOOST_TEST(!patient.is_done());
  barrier->open();
  BOOST_TEST(patient.wait()->status == 200);
  BOOST_TEST(calls() == 1);
}

BOOST_AUTO_TEST_CASE(a_failure_reaches_the_callers_and_is_not_asked_for_again_at_once) {
  source.state->answer = [](int number) -> Result<ProvidedToken> {
    if (number == 1) return Error{ErrorCode::kNETWORK, "app", "the back end is away", {}};
    return Source::token(number, 0);
  };
  api.accept("t2");
  set();
  BOOST_TEST(code() == ErrorCode::kNETWORK);
  BOOST_TEST(code() == ErrorCode::kUNAVAILABLE);
  BOOST_TEST(calls() == 1);
  clock.pass(1'001);
  BOOST_TEST(status() == 200);
}

BOOST_AUTO_TEST_CASE(what_it_throws_is_an_error) {
  source.state->answer = [](int) -> Result<ProvidedToken> { throw std::runtime_error("t-secret"); };
  set();
  const Error error = get().error();
  BOOST_TEST(error.code == ErrorCode::kCALLBACK);
  BOOST_TEST(error.text.find("t-secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_token_that_can_not_be_sent_is_an_error) {
  source.state->answer = [](int) -> Result<ProvidedToken> {
    return ProvidedToken{SecretBytes(as_bytes("t-secret\n")), 0};
  };
  set();
  const Error error = get().error();
  BOOST_TEST(error.code == ErrorCode::kARG);
  BOOST_TEST(error.text.find("t-secret") == std::string::npos);
  BOOST_TEST(api.asked() == 0U);
}

BOOST_AUTO_TEST_CASE(the_next_token_is_fetched_before_the_end_while_calls_use_the_present_one) {
  api.accept("t1");
  api.accept("t2");
  source.state->answer = [this](int number) { return Source::token(number, clock.wall_ms() + 1'000'000); };
  set();
  BOOST_TEST(text_of(get().value()) == "Bearer t1");
  clock.pass(790'000);
  BOOST_TEST(text_of(get().value()) == "Bearer t1");
  BOOST_TEST(calls() == 1);
  const auto barrier = hold();
  clock.pass(20'000);
  BOOST_TEST(text_of(get().value()) == "Bearer t1");
  barrier->await_waiter();
  BOOST_TEST(text_of(get().value()) == "Bearer t1");
  barrier->open();
  std::string sent;
  for (int i = 0; i < 10'000 && sent != "Bearer t2"; ++i) sent = text_of(get().value());
  BOOST_TEST(sent == "Bearer t2");
  BOOST_TEST(calls() == 2);
}

BOOST_AUTO_TEST_CASE(an_ended_token_is_not_sent) {
  api.accept("t2");
  source.state->answer = [this](int number) { return Source::token(number, clock.wall_ms() + 1'000'000); };
  api.accept("t1");
  set();
  BOOST_TEST(text_of(get().value()) == "Bearer t1");
  clock.pass(1'000'001);
  BOOST_TEST(text_of(get().value()) == "Bearer t2");
}

BOOST_AUTO_TEST_CASE(the_client_closes_while_the_function_runs) {
  const auto barrier = hold();
  set();
  Pending call;
  send(call);
  barrier->await_waiter();
  BOOST_TEST(client().close(0).error().code == ErrorCode::kTIMEOUT);
  BOOST_TEST(call.wait().error().code == ErrorCode::kSTATE);
  // Another client may have the provider now; it does not wait for what the first began.
  api.accept("t2");
  const std::unique_ptr<Client> next = open();
  source.state->barrier.reset();
  BOOST_TEST(next->set_auth(auth).ok());
  BOOST_TEST(next->perform(request())->status == 200);
  barrier->open();
}

BOOST_AUTO_TEST_CASE(it_serves_one_client_at_a_time) {
  set();
  const std::unique_ptr<Client> other = open();
  BOOST_TEST(other->set_auth(auth).error().code == ErrorCode::kSTATE);
  BOOST_TEST(client().set_auth(auth).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
