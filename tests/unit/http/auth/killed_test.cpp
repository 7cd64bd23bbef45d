// A process that is killed around the moment in which it keeps a rotated pair of tokens, and the next one.
#include <csignal>

#include "auth_fixture.hpp"
#include "file_token_store.hpp"
#include "program.hpp"
#include "temp_dir.hpp"

namespace tessera::http {
namespace {

struct KilledFixture : AuthFixture {
  KilledFixture() { BOOST_REQUIRE(store->compare_and_swap(0, first()).value()); }
  static TokenRecord first() {
    TokenRecord record = tokens("a0", "r0", 1);  // it has ended
    record.version = 1;
    return record;
  }
  void run_and_die(const char* moment) {
    test::Program actor(
        {TESSERA_AUTH_ACTOR, folder / "tokens", issuer.origin.url("/token"), api.origin.url("/"), moment});
    BOOST_TEST(!actor.read_line().has_value());
    BOOST_TEST(actor.wait() == -SIGKILL);
    BOOST_TEST(issuer.asked() == 1U);
    BOOST_TEST(api.asked() == 0U);
  }
  void start_again(Clock& its_clock) {
    OAuthConfig config;
    config.token_url = parse_url(issuer.origin.url("/token")).value();
    config.client_auth = OAuthClientAuth::kNone;
    config.commit_grace_ms = 0;
    auth = OAuth2Auth::make(config, {}, store, {&its_clock, &system_random(), nullptr}, events.listener())
               .value();
    BOOST_REQUIRE(client().set_auth(auth).ok());
  }

  Issuer issuer{api};
  test::TempDir folder;
  const std::shared_ptr<FileTokenStore> store = std::make_shared<FileTokenStore>(folder / "tokens");
  Events events;
  std::shared_ptr<OAuth2Auth> auth;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(killed, KilledFixture)

BOOST_AUTO_TEST_CASE(after_the_commit_the_new_pair_is_used) {
  run_and_die("after");
  start_again(system_clock());  // that of the process before
  BOOST_TEST(status() == 200);
  BOOST_TEST(api.origin.wait_for(1).header("authorization") == "Bearer a1");
  BOOST_TEST(issuer.asked() == 1U);
  api.refuse("a1");
  BOOST_TEST(status() == 200);  // with the pair that r1 gave
  BOOST_TEST(issuer.asked() == 2U);
  BOOST_TEST(events.count() == 0U);
}

BOOST_AUTO_TEST_CASE(before_the_commit_the_account_has_to_be_authorised_once) {
  run_and_die("before");
  start_again(clock);
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(code() == ErrorCode::kUNAUTHORIZED);
    clock.pass(6'000);
  }
  events.await(1);
  BOOST_TEST((auth->state() == OAuth2Auth::State::kReauthorise));
  BOOST_TEST(issuer.asked() == 2U);
  BOOST_TEST(api.asked() == 0U);
  BOOST_TEST(auth->set_tokens(tokens("new", "r1")).ok());
  api.accept("new");
  BOOST_TEST(status() == 200);
  BOOST_TEST(events.count() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::http
