// Processes that are killed around the answer with a rotated pair of tokens, and the next one on their store.
#include <atomic>
#include <chrono>
#include <csignal>
#include <future>

#include "kept_accounts.hpp"
#include "program.hpp"

namespace tessera::test {
namespace {

/// What the servers' threads tell the test; outlives them.
struct Moments {
  std::promise<void> moment, first_loss;
  std::future<void> is_reached = moment.get_future(), is_lost = first_loss.get_future();
  std::atomic<int> lost = 0;
};

struct KilledFixture : Moments, KeptAccounts {
  KilledFixture() {
    accounts.accept("new");
    const Store store = open_store();
    set_tokens(open_client(store), R"({"access_token": "a0", "refresh_token": "r0", "expires_at_ms": 1})");
    close(store);
  }

  /// Kills a process once `moment` is there. "holds": its store does not take the new pair.
  void kill_one(const std::string& kind) {
    nlohmann::json its_store = config();
    its_store["transaction_limit_ms"] = 86'400'000;
    Program actor({TESSERA_HTTP_AUTH_ACTOR, its_store.dump(), std::string(kPassphrase), http_config().dump(),
                   accounts.oauth().dump(), kind});
    BOOST_REQUIRE((is_reached.wait_for(kPatience) == std::future_status::ready));
    actor.kill_now();
    BOOST_TEST(actor.wait() == -SIGKILL);
    BOOST_TEST(accounts.issuer.seen().size() == 1U);
  }

  /// The next process asks with the old pair, tells it once and does not ask again.
  void authorise_once() {
    accounts.issuer.on("POST", "/token", [this](const Seen& seen) { return accounts.turn(seen); });
    BOOST_TEST(accounts.api.seen().empty());
    const Store store = open_store();
    const Http http = open_client(store, "ana", lose, this);
    for (int64_t i = 0; i < 3; ++i) {
      set_time(kStartMs + i * kLookMs);
      BOOST_TEST(failure_of(http) == TSR_E_UNAUTHORIZED);
    }
    BOOST_REQUIRE((is_lost.wait_for(kPatience) == std::future_status::ready));
    int32_t state = -1;
    BOOST_TEST(tsr_http_auth_state(http.get(), &state, nullptr) == TSR_OK);
    BOOST_TEST(state == TSR_HTTP_AUTH_REAUTHORISE);
    BOOST_TEST(accounts.issuer.wait_for(2).body.find("refresh_token=r0") != std::string::npos);
    BOOST_TEST(accounts.issuer.seen().size() == 2U);
    BOOST_TEST(accounts.api.seen().empty());

    set_tokens(http, Accounts::tokens("new", "r1"));
    BOOST_TEST(sent_by(http) == "Bearer new");
    BOOST_TEST(lost.load() == 1);
  }
  static void lose(void* user, tsr_str) noexcept {
    auto& self = *static_cast<KilledFixture*>(user);
    if (self.lost.fetch_add(1) == 0) self.first_loss.set_value();
  }

  static constexpr std::chrono::milliseconds kPatience{kLongMs};
  static constexpr int64_t kLookMs = 6'000;  // after so long it looks whether somebody has authorised it
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_auth_killed, KilledFixture)

BOOST_AUTO_TEST_CASE(before_the_answer_the_account_has_to_be_authorised_once) {
  accounts.issuer.on("POST", "/token", [this](const Seen& seen) {
    static_cast<void>(accounts.turn(seen));  // r0 is spent
    moment.set_value();
    return Answer().stall();
  });
  kill_one("keeps");
  authorise_once();
}

BOOST_AUTO_TEST_CASE(after_the_answer_and_before_it_is_kept_the_account_has_to_be_authorised_once) {
  accounts.issuer.on("POST", "/token", [this](const Seen& seen) {
    return accounts.turn(seen, {{"Connection", "close"}}).then([this](Wire& wire) {
      while (!wire.read_some().empty()) {
      }
      moment.set_value();  // the client has all of it, and so ended the connection
    });
  });
  kill_one("holds");
  authorise_once();
}

BOOST_AUTO_TEST_CASE(once_it_is_kept_the_new_pair_is_used) {
  accounts.api.on("GET", "/", [this](const Seen& seen) {
    if (seen.header("Authorization") == "Bearer a1") moment.set_value();
    return Answer().stall();
  });
  kill_one("keeps");
  accounts.api.on("GET", "/", [this](const Seen& seen) { return accounts.judge(seen); });
  tsr_testing_reset_clock();  // that of the process before
  const Store store = open_store();
  const Http http = open_client(store, "ana", lose, this);
  BOOST_TEST(sent_by(http) == "Bearer a1");
  BOOST_TEST(accounts.issuer.seen().size() == 1U);
  accounts.refuse("a1");
  BOOST_TEST(sent_by(http) == "Bearer a2");  // r1 is good, too
  BOOST_TEST(lost.load() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
