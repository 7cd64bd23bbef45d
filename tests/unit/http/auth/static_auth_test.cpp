#include "http/auth/static_auth.hpp"

#include "auth_fixture.hpp"
#include "http/auth/callback_auth.hpp"

namespace tessera::http {

BOOST_FIXTURE_TEST_SUITE(static_auth, AuthFixture)

BOOST_AUTO_TEST_CASE(the_secret_is_sent_from_the_first_call_on) {
  api.accept("s-1");
  BOOST_TEST(client().set_auth(StaticAuth::make(as_bytes("s-1")).value()).ok());
  BOOST_TEST(text_of(get().value()) == "Bearer s-1");
}

BOOST_AUTO_TEST_CASE(it_goes_in_the_field_that_the_application_names) {
  const auto auth = StaticAuth::make(as_bytes("k-1"), {.header = "X-Api-Key", .prefix = ""}).value();
  BOOST_TEST(client().set_auth(auth).ok());
  BOOST_TEST(status() == 401);
  BOOST_TEST(api.origin.wait_for(1).header("x-api-key") == "k-1");
  BOOST_TEST(api.origin.wait_for(1).count("authorization") == 0U);
}

BOOST_AUTO_TEST_CASE(a_401_to_the_present_secret_is_the_response) {
  BOOST_TEST(client().set_auth(StaticAuth::make(as_bytes("s-1")).value()).ok());
  BOOST_TEST(status() == 401);
  BOOST_TEST(api.asked() == 1U);
}

BOOST_AUTO_TEST_CASE(a_401_to_an_earlier_secret_is_repeated_with_the_present_one) {
  const auto auth = StaticAuth::make(as_bytes("s-1")).value();
  api.origin.on("GET", "/", [auth](const Seen& seen) {
    if (seen.header("authorization") != "Bearer s-1") return Answer(200);
    static_cast<void>(auth->set(as_bytes("s-2")));
    return Answer(401);
  });
  BOOST_TEST(client().set_auth(auth).ok());
  BOOST_TEST(status() == 200);
  BOOST_TEST(api.asked() == 2U);
}

BOOST_AUTO_TEST_CASE(what_http_can_not_carry_is_refused_without_showing_it) {
  const Error error = StaticAuth::make(as_bytes("s-1\r\nX: y")).error();
  BOOST_TEST(error.code == ErrorCode::kARG);
  BOOST_TEST(error.text.find("s-1") == std::string::npos);
  BOOST_TEST(StaticAuth::make({}).error().code == ErrorCode::kARG);
  const auto auth = StaticAuth::make(as_bytes("s-1")).value();
  BOOST_TEST(auth->set(as_bytes("\n")).error().code == ErrorCode::kARG);
  api.accept("s-1");
  BOOST_TEST(client().set_auth(auth).ok());
  BOOST_TEST(status() == 200);
}

BOOST_AUTO_TEST_CASE(providers_change_while_calls_run) {
  api.accept("s-1");
  api.accept("s-2");
  const auto one = StaticAuth::make(as_bytes("s-1")).value();
  const auto two = StaticAuth::make(as_bytes("s-2")).value();
  BOOST_TEST(client().set_auth(one).ok());
  std::vector<std::thread> threads;
  std::atomic<bool> is_over{false};
  for (const auto& provider : {one, two}) {
    threads.emplace_back([this, provider, &is_over] {
      while (!is_over) {
        static_cast<void>(client().set_auth(provider));
        std::this_thread::yield();
      }
    });
  }
  for (int i = 0; i < 20; ++i) BOOST_TEST(status() == 200);
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(client().set_auth(nullptr).ok());
  BOOST_TEST(text_of(get().value()).empty());
}

BOOST_AUTO_TEST_CASE(calls_that_wait_at_one_provider_go_on_with_the_next) {
  const auto barrier = std::make_shared<Barrier>();
  const auto slow = CallbackAuth::make(
      [barrier]() -> Result<ProvidedToken> {
        barrier->wait();
        return ProvidedToken{SecretBytes(as_bytes("late")), 0};
      },
      ports);
  BOOST_TEST(client().set_auth(slow).ok());
  Pending waiting;
  send(waiting);
  barrier->await_waiter();
  api.accept("s-1");
  BOOST_TEST(client().set_auth(StaticAuth::make(as_bytes("s-1")).value()).ok());
  BOOST_TEST(text_of(waiting.wait().value()) == "Bearer s-1");
  barrier->open();
}

BOOST_AUTO_TEST_CASE(a_closed_client_takes_no_provider) {
  const auto auth = StaticAuth::make(as_bytes("s-1")).value();
  BOOST_TEST(client().close(0).ok());
  BOOST_TEST(client().set_auth(auth).error().code == ErrorCode::kSTATE);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
