// Licences over the network through the facade, against a service on loopback.
#include <boost/test/unit_test.hpp>
#include <future>
#include <nlohmann/json.hpp>

#include "http_origin.hpp"
#include "vendor_and_machine.hpp"

namespace tessera::facade_test {
namespace {

using test::Answer;
using test::Origin;
using test::Seen;

struct Served : VendorAndMachine {
  Served() {
    tsr_testing_reset_clock();  // the client waits by it
    const auto serve = [this](const std::string& name, auto document) {
      origin.on("*", "/license/" + name, [this, document](const Seen& seen) {
        return Answer(200, keys + '\n' + document(seen) + '\n');
      });
    };
    const auto time = [this](const Seen& seen) {
      return issuer.time(seen.body.substr(seen.body.find('\n') + 1));
    };
    const auto licence = [this](const Seen& seen) { return issuer.issue(seen.body, plan()); };
    serve("activate", licence);
    serve("renew", licence);
    serve("sync", time);
    serve("time", time);
    serve("deactivate", time);
    serve("lists", [this](const Seen&) { return issuer.crl({.seq = 1, .days = 7}); });
  }

  AppConfig online_config() const {
    AppConfig config = this->config();
    config.gateway = origin.url("");
    config.license_service = LicenseServiceOptions{.background = false, .timeout = 30s};
    return config;
  }

  const std::string keys = key_set();  // one number, one set
  Origin origin;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(license_online, Served)

BOOST_AUTO_TEST_CASE(every_call_gives_a_verdict) {
  License license = License::open(online_config());
  BOOST_TEST(license.activate({.note = "desk 4"}).usable());
  BOOST_TEST(license.sync().usable());
  BOOST_TEST(license.renew().usable());
  BOOST_TEST(license.confirm_clock().usable());
  BOOST_TEST(license.fetch_lists().usable());
  BOOST_TEST((license.deactivate_online().code() == LicenseCode::kDeactivated));
}

BOOST_AUTO_TEST_CASE(in_the_background) {
  License license = License::open(online_config());
  std::promise<Expected<Verdict>> promise;
  const Operation op = license.activate_async(
      {.account_token = "token"}, [&](Expected<Verdict> verdict) { promise.set_value(std::move(verdict)); });
  auto future = promise.get_future();
  BOOST_REQUIRE((future.wait_for(60s) == std::future_status::ready));
  BOOST_TEST(future.get().value().usable());
}

BOOST_AUTO_TEST_CASE(errors_have_both_codes) {
  License license = License::open(online_config());
  origin.on("*", "/license/activate", [](const Seen&) { return Answer(402); });
  const auto refused = license.try_activate({});
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code() == ErrorCode::kLicense));
  BOOST_TEST((refused.error().license_code() == LicenseCode::kExpired));
  origin.on("*", "/license/activate", [](const Seen&) { return Answer(503); });
  const auto failed = license.try_activate({});
  BOOST_REQUIRE(!failed);
  BOOST_TEST((failed.error().code() == ErrorCode::kUnavailable));
  BOOST_TEST((failed.error().license_code() == LicenseCode::kServerError));
  BOOST_TEST(failed.error().retryable());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
