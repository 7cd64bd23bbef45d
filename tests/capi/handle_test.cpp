// Handles of another type are refused; children outlive their parents.
#include <boost/test/unit_test.hpp>

#include "machine.hpp"

namespace tessera::test {

BOOST_FIXTURE_TEST_SUITE(handle, Machine)

BOOST_AUTO_TEST_CASE(of_another_type_is_an_argument_error) {
  License license = open();
  Key key;
  Verdict verdict;
  Buffer out;
  Failure failure;
  BOOST_REQUIRE(tsr_key_generate(TSR_KEY_ED25519, key.out(), nullptr) == TSR_OK);

  auto* key_as_license = reinterpret_cast<tsr_license*>(key.get());
  BOOST_TEST(tsr_license_check(key_as_license, verdict.out(), failure.out()) == TSR_E_ARG);
  BOOST_TEST(tsr_license_close(key_as_license, 0, nullptr) == TSR_E_ARG);
  auto* license_as_verdict = reinterpret_cast<tsr_verdict*>(license.get());
  BOOST_TEST(tsr_verdict_usable(license_as_verdict) == 0);
  BOOST_TEST(tsr_verdict_code(license_as_verdict) == TSR_LICENSE_NO_LICENSE);
  BOOST_TEST(tsr_verdict_json(license_as_verdict, out.out(), nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_error_code(reinterpret_cast<tsr_error*>(key.get())) == TSR_OK);
  BOOST_TEST(tsr_error_text(reinterpret_cast<tsr_error*>(key.get())) == "");
  BOOST_TEST(tsr_hwid_strength(reinterpret_cast<tsr_hwid*>(key.get())) == TSR_STRENGTH_NONE);
  BOOST_TEST(tsr_key_type(reinterpret_cast<tsr_key*>(license.get())) == 0);
}

BOOST_AUTO_TEST_CASE(of_another_type_is_not_freed) {
  Key key;
  BOOST_REQUIRE(tsr_key_generate(TSR_KEY_ED25519, key.out(), nullptr) == TSR_OK);
  const uint64_t live = tsr_live_objects();
  tsr_license_free(reinterpret_cast<tsr_license*>(key.get()));
  tsr_error_free(reinterpret_cast<tsr_error*>(key.get()));
  tsr_sub_free(reinterpret_cast<tsr_sub*>(key.get()));
  BOOST_TEST(tsr_live_objects() == live);
  BOOST_TEST(tsr_key_type(key.get()) == TSR_KEY_ED25519);
}

BOOST_AUTO_TEST_CASE(each_kind_counts_as_one_live_object) {
  const uint64_t start = tsr_live_objects();
  License license = open();
  BOOST_TEST(tsr_live_objects() == start + 1);
  const Verdict first = check(license);
  const Verdict second = check(license);
  BOOST_TEST(tsr_live_objects() == start + 3);
  Hardware hardware;
  BOOST_TEST(tsr_hwid_probe(tsr_str_of(nullptr), hardware.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_live_objects() == start + 4);
}

BOOST_AUTO_TEST_CASE(a_verdict_outlives_its_licence) {
  License license = licensed();
  const Verdict verdict = check(license);
  license = License();
  BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
  BOOST_TEST(tsr_verdict_sku(verdict.get()) == "pro");
}

BOOST_AUTO_TEST_CASE(an_issuer_outlives_its_key) {
  Key key;
  Issuer issuer;
  BOOST_REQUIRE(tsr_key_generate(TSR_KEY_ED25519, key.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_issuer_open(TSR_LIT("{\"issuer\":\"acme\",\"product\":\"player\"}"), key.get(),
                                issuer.out(), nullptr) == TSR_OK);
  key = Key();
  Buffer out;
  BOOST_TEST(tsr_issuer_issue(issuer.get(), tsr_str_of(nullptr), TSR_LIT("{\"sku\":\"pro\"}"), out.out(),
                              nullptr) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(a_licence_and_a_registration_outlive_their_application) {
  App app;
  License license;
  Subscription subscription;
  const auto ignore = [](void*, int32_t, tsr_str, tsr_str, tsr_str, tsr_str) {};
  const std::string config = vendor.config(folder.path().string()).dump();
  BOOST_REQUIRE(tsr_app_open(str(config), app.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_app_license(app.get(), license.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_app_on_log(app.get(), TSR_LOG_TRACE, ignore, nullptr, nullptr, subscription.out(),
                               nullptr) == TSR_OK);
  app = App();
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_NO_LICENSE);
  license = License();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
