// Credentials of the API client through the facade.
#include <boost/test/unit_test.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <tessera/tessera.hpp>

#include "given.hpp"
#include "http_accounts.hpp"
#include "vendor_and_machine.hpp"

namespace tessera::facade_test {
namespace {

struct Signed : test::LiveObjects {
  HttpClient open() const { return HttpClient::open({.base_url = accounts.api.url("/")}); }
  JsonText oauth() const { return JsonText(accounts.oauth().dump()); }

  test::Accounts accounts;
};

/// A database of the application's.
class Shelf final : public HttpTokenStore {
 public:
  std::optional<std::string> load() override {
    const std::scoped_lock lock(mutex_);
    if (fails_) throw std::runtime_error("no disk");
    return record_;
  }
  bool compare_and_swap(std::int64_t expected, std::string_view record) override {
    const std::scoped_lock lock(mutex_);
    if (version_ != expected) return false;
    record_ = std::string(record);
    version_ = nlohmann::json::parse(record).at("version").get<std::int64_t>();
    return true;
  }
  void fail() {
    const std::scoped_lock lock(mutex_);
    fails_ = true;
  }

 private:
  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<std::string> record_;
  std::int64_t version_ = 0;
  bool fails_ = false;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_auth, Signed)

BOOST_AUTO_TEST_CASE(a_token_or_a_key) {
  accounts.accept("one");
  const HttpClient http = open();
  BOOST_TEST((http.auth().state() == HttpAuthState::kNone));
  http.auth().set_token("one");
  BOOST_TEST((http.auth().state() == HttpAuthState::kReady));
  BOOST_TEST(http.get("/").body() == "Bearer one");
  http.auth().set_token("k", "X-Api-Key");
  BOOST_TEST(http.get("/").status() == 401);
  BOOST_TEST(accounts.api.wait_for(2).header("x-api-key") == "k");
  http.auth().clear();
  BOOST_TEST((http.auth().state() == HttpAuthState::kNone));
  BOOST_TEST((http.auth().try_set_token("").error().code() == ErrorCode::kArg));
}

BOOST_AUTO_TEST_CASE(a_source_and_what_it_throws) {
  accounts.accept("t");
  const HttpClient http = open();
  http.auth().set_token_source([] { return HttpToken{.token = "t"}; });
  BOOST_TEST(http.get("/").body() == "Bearer t");
  http.auth().set_token_source([]() -> HttpToken { throw std::runtime_error("no network"); });
  BOOST_TEST((http.try_send("GET", "/").error().code() == ErrorCode::kCallback));
  BOOST_TEST((http.auth().try_set_token_source({}).error().code() == ErrorCode::kArg));
}

BOOST_AUTO_TEST_CASE(an_account_whose_tokens_the_application_keeps) {
  accounts.accept("a0");
  const auto shelf = std::make_shared<Shelf>();
  const HttpClient http = open();
  http.auth().set_oauth(oauth(), {.client_secret = "s", .token_store = shelf});
  http.auth().set_oauth_tokens(test::Accounts::tokens("a0", "r0"));
  BOOST_TEST(http.get("/").body() == "Bearer a0");
  accounts.refuse("a0");
  BOOST_TEST(http.get("/").body() == "Bearer a1");
  BOOST_TEST(nlohmann::json::parse(shelf->load().value()).at("refresh_token") == "r1");
  shelf->fail();
  BOOST_TEST((http.auth().try_set_oauth_tokens(test::Accounts::tokens("b", "c")).error().code() ==
              ErrorCode::kCallback));
}

BOOST_AUTO_TEST_CASE(an_account_that_is_to_be_authorised_again) {
  accounts.accept("b0");
  std::promise<std::string> told;
  const HttpClient http = open();
  http.auth().set_oauth(oauth(), {.client_secret = "s", .reauthorise = [&](std::string_view why) {
                                    told.set_value(std::string(why));
                                  }});
  BOOST_TEST((http.try_send("GET", "/").error().code() == ErrorCode::kUnauthorized));
  BOOST_TEST(!told.get_future().get().empty());
  BOOST_TEST((http.auth().state() == HttpAuthState::kReauthorise));
  const auto set = result_of<void>([&](Completion<void> done) {
    return http.auth().set_oauth_tokens_async(test::Accounts::tokens("b0", "r0"), std::move(done));
  });
  BOOST_TEST(set.has_value());
  BOOST_TEST(http.get("/").body() == "Bearer b0");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(http_license_auth, VendorAndMachine)

BOOST_AUTO_TEST_CASE(the_licence_is_the_token) {
  test::Origin api;
  api.on("GET", "/", [](const test::Seen& seen) { return test::Answer(200, seen.header("authorization")); });
  License license = License::open(config());
  const HttpClient http = HttpClient::open({.base_url = api.url("/")});
  http.auth().set_license(license);
  BOOST_TEST((http.try_send("GET", "/").error().code() == ErrorCode::kLicense));
  license.import_bundle(license_file(license.request()));
  BOOST_TEST(http.get("/").body().starts_with("Bearer ey"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
