// Tokens of an account inside the encrypted store.
#include "kept_accounts.hpp"

namespace tessera::test {

BOOST_FIXTURE_TEST_SUITE(http_auth_store, KeptAccounts)

BOOST_AUTO_TEST_CASE(a_rotated_pair_is_there_after_the_store_was_opened_again) {
  accounts.accept("a0");
  {
    const Store store = open_store();
    const Http http = open_client(store);
    set_tokens(http, Accounts::tokens("a0", "r0"));
    BOOST_TEST(sent_by(http) == "Bearer a0");
    accounts.refuse("a0");
    BOOST_TEST(sent_by(http) == "Bearer a1");
    BOOST_TEST(tsr_http_close(http.get(), kLongMs, nullptr) == TSR_OK);
  }
  const Store store = open_store();
  const Http http = open_client(store);
  BOOST_TEST(sent_by(http) == "Bearer a1");
  BOOST_TEST(accounts.issuer.seen().size() == 1U);
  accounts.refuse("a1");
  BOOST_TEST(sent_by(http) == "Bearer a2");
}

BOOST_AUTO_TEST_CASE(accounts_and_tenants_are_apart) {
  accounts.accept("a0");
  const Store store = open_store();
  Store tenant;
  Failure failure;
  require_ok(tsr_store_with_tenant(store.get(), TSR_LIT("north"), tenant.out(), failure.out()), failure);
  const Http ana = open_client(store);
  set_tokens(ana, Accounts::tokens("a0", "r0"));
  BOOST_TEST(sent_by(ana) == "Bearer a0");
  BOOST_TEST(failure_of(open_client(store, "eva")) == TSR_E_UNAUTHORIZED);
  BOOST_TEST(failure_of(open_client(tenant)) == TSR_E_UNAUTHORIZED);
}

BOOST_AUTO_TEST_CASE(clients_of_one_store_renew_once) {
  accounts.accept("a0");
  const Store store = open_store();
  const Http first = open_client(store), second = open_client(store);
  set_tokens(first, Accounts::tokens("a0", "r0"));
  BOOST_TEST(sent_by(second) == "Bearer a0");
  accounts.refuse("a0");
  BOOST_TEST(sent_by(first) == "Bearer a1");
  BOOST_TEST(sent_by(second) == "Bearer a1");
  BOOST_TEST(accounts.issuer.seen().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_account_needs_a_name_and_one_place) {
  const Store store = open_store();
  const Http http = HttpFixture::open_http({{"base_url", accounts.api.url("/")}});
  tsr_http_oauth_opts opts;
  tsr_http_oauth_opts_init(&opts, sizeof(opts));
  opts.client_secret = "s";
  opts.client_secret_len = 1;
  const std::string config = accounts.oauth().dump();
  const auto set = [&] {
    return tsr_http_set_oauth(http.get(), str(config), &opts, nullptr, nullptr, nullptr);
  };
  opts.store = store.get();
  BOOST_TEST(set() == TSR_E_ARG);
  opts.account = TSR_LIT("ana");
  opts.load = [](void*, tsr_http_token*) { return tsr_status{TSR_OK}; };
  opts.swap = [](void*, int64_t, const void*, size_t, int32_t*) { return tsr_status{TSR_OK}; };
  BOOST_TEST(set() == TSR_E_ARG);
  opts.load = nullptr;
  opts.swap = nullptr;
  BOOST_TEST(set() == TSR_OK);
}

BOOST_AUTO_TEST_CASE(a_closed_store_is_told) {
  const Store store = open_store();
  const Http http = open_client(store);
  close(store);
  BOOST_TEST(failure_of(http) == TSR_E_STATE);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
