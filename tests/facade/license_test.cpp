// A licence's life through the facade: request, issue, import, check, use, give back.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "vendor_and_machine.hpp"

namespace tessera::facade_test {
namespace {

struct Licensed : VendorAndMachine {
  License license = License::open(config());
  Verdict verdict = license.import_bundle(license_file(license.request()));
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(license, Licensed)

BOOST_AUTO_TEST_CASE(verdict_tells_the_licence) {
  BOOST_TEST(verdict.usable());
  BOOST_TEST(static_cast<bool>(verdict));
  BOOST_TEST(license.is_current(license.check()));
  BOOST_TEST((verdict.code() == LicenseCode::kOk));
  BOOST_TEST(verdict.state() == "ACTIVE");
  BOOST_TEST(verdict.reasons().empty());
  BOOST_TEST(!verdict.license_id().empty());
  BOOST_TEST(verdict.subject() == "ana@example.com");
  BOOST_TEST(verdict.product() == "player");
  BOOST_TEST(verdict.sku() == "pro");
  BOOST_TEST(verdict.edition() == "studio");
  BOOST_TEST(verdict.kind() == "node");
  BOOST_TEST((verdict.expires_at() == kStart + std::chrono::days(30)));
  BOOST_TEST((verdict.usable_until() >= verdict.expires_at()));
  BOOST_TEST((verdict.next_check() > kStart));
  BOOST_TEST((verdict.hardware_score() == 1000));
  BOOST_TEST(verdict.explain().find("ana@example.com") != std::string::npos);
  BOOST_TEST(nlohmann::json::parse(verdict.json())["usable"] == true);
}

BOOST_AUTO_TEST_CASE(entitlements_are_values_of_their_type) {
  const std::vector<std::string> expected{"copies", "export", "old", "region"};
  BOOST_TEST(verdict.entitlements() == expected);
  BOOST_TEST(verdict.entitlement("copies").as_int() == 50);
  BOOST_TEST(verdict.entitlement("copies").as_bool());
  BOOST_TEST(verdict.entitlement("export").as_bool());
  BOOST_TEST(verdict.entitlement("export").as_int() == 1);
  BOOST_TEST(verdict.entitlement("region").as_string() == "south");
  BOOST_TEST(verdict.entitlement("region").as_int() == 0);
  BOOST_TEST(std::get<std::string>(verdict.entitlement("region").value()) == "south");
  BOOST_TEST((verdict.entitlement("old").expires_at() == kStart + 1min));
  BOOST_TEST(verdict.entitlement("old").as_int() == 7);
}

BOOST_AUTO_TEST_CASE(what_may_not_be_used_reads_as_nothing) {
  set_time(kStart + 2min);
  const Entitlement old = license.check().entitlement("old");
  BOOST_TEST((old.code() == LicenseCode::kFeatureExpired));
  BOOST_TEST(!old);
  BOOST_TEST(!old.as_bool());
  BOOST_TEST(old.as_int() == 0);
  const Entitlement missing = verdict.entitlement("missing");
  BOOST_TEST((missing.code() == LicenseCode::kFeatureMissing));
  BOOST_TEST(!missing.as_bool());
  BOOST_TEST(missing.as_string().empty());
  BOOST_TEST(std::holds_alternative<std::monostate>(missing.value()));
}

BOOST_AUTO_TEST_CASE(entitlement_outlives_its_verdict) {
  const Entitlement region = license.check().entitlement("region");
  BOOST_TEST(region.as_string() == "south");
}

BOOST_AUTO_TEST_CASE(verdict_outlives_its_licence) {
  {
    License closing = std::move(license);
    closing.close();
  }
  BOOST_TEST(verdict.sku() == "pro");
}

BOOST_AUTO_TEST_CASE(expiry_and_its_warning_come_with_time) {
  set_time(kStart + std::chrono::days(28));
  BOOST_TEST((license.check().code() == LicenseCode::kWarnExpiresSoon));
  set_time(kStart + std::chrono::days(365));
  const Verdict expired = license.refresh();
  BOOST_TEST(!expired.usable());
  BOOST_TEST((expired.code() == LicenseCode::kExpired));
  BOOST_REQUIRE(!expired.reasons().empty());
  BOOST_TEST((expired.reasons().front().code == LicenseCode::kExpired));
  BOOST_TEST(!expired.reasons().front().text.empty());
}

BOOST_AUTO_TEST_CASE(refused_import_names_the_licence_code_and_changes_nothing) {
  std::string file = license_file(license.request());
  char& byte = file[file.size() - 20];
  byte = byte == 'A' ? 'B' : 'A';
  const Expected<Verdict> refused = license.try_import_bundle(file);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code() == ErrorCode::kLicense));
  BOOST_TEST((refused.error().license_code() == LicenseCode::kSignatureInvalid));
  BOOST_CHECK_THROW(license.import_bundle(file), Error);
  BOOST_TEST(license.check().usable());
  const Verdict judged = license.verify_bundle(file);
  BOOST_TEST((judged.code() == LicenseCode::kSignatureInvalid));
}

BOOST_AUTO_TEST_CASE(meters_count_up_to_their_limit) {
  BOOST_TEST(license.meter_add("copies", 49).used == 49);
  BOOST_TEST(license.meter_add("copies", 0).limit == 50);
  const Expected<MeterReading> over = license.try_meter_add("copies", 2);
  BOOST_REQUIRE(!over.has_value());
  BOOST_TEST((over.error().license_code() == LicenseCode::kMeterLimit));
}

BOOST_AUTO_TEST_CASE(request_carries_key_and_note) {
  const std::string license_key = generate_license_key();
  const auto shown = nlohmann::json::parse(
      issuer.read_request(license.request({.license_key = license_key, .note = "seat 7"})));
  BOOST_TEST(shown["note"] == "seat 7");
  BOOST_TEST(shown["license_key"] == license_key);
  BOOST_TEST(shown["renews"] == verdict.license_id());
  BOOST_TEST((license.try_request({.license_key = "wrong"}).error().license_code() ==
              LicenseCode::kLicenseKeyInvalid));
}

BOOST_AUTO_TEST_CASE(deactivation_gives_a_proof_for_the_vendor) {
  const std::string proof = license.deactivate();
  BOOST_TEST(license.deactivate() == proof);
  const auto shown = nlohmann::json::parse(issuer.read_deactivation(proof));
  BOOST_TEST(shown["license_id"] == verdict.license_id());
  BOOST_TEST(!license.check().usable());
}

BOOST_AUTO_TEST_CASE(closed_handle_gives_state) {
  license.close();
  BOOST_CHECK_NO_THROW(license.close());
  BOOST_TEST((license.try_check().error().code() == ErrorCode::kState));
  BOOST_CHECK_THROW(license.check(), Error);
}

BOOST_AUTO_TEST_CASE(moved_from_handles_give_arg) {
  const License taken = std::move(license);
  BOOST_TEST(taken.check().usable());
  BOOST_TEST((license.try_check().error().code() == ErrorCode::kArg));
  const Verdict moved = std::move(verdict);
  BOOST_TEST(moved.usable());
  BOOST_TEST(!verdict.usable());
  BOOST_TEST(verdict.sku().empty());
  BOOST_TEST(!verdict.expires_at().has_value());
}

BOOST_AUTO_TEST_CASE(documents_show_their_claims_unverified) {
  const auto shown = nlohmann::json::parse(inspect(issuer.issue({}, plan())));
  BOOST_TEST(shown["claims"]["sub"] == "ana@example.com");
  BOOST_TEST((try_inspect("nothing").error().license_code() == LicenseCode::kTokenMalformed));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(open, VendorAndMachine)

BOOST_AUTO_TEST_CASE(without_a_licence) {
  const License license = License::open(config());
  const Verdict verdict = license.check();
  BOOST_TEST(!verdict);
  BOOST_TEST((verdict.code() == LicenseCode::kNoLicense));
  BOOST_TEST(verdict.license_id().empty());
  BOOST_TEST(!verdict.hardware_score().has_value());
  BOOST_TEST(!verdict.expires_at().has_value());
}

BOOST_AUTO_TEST_CASE(configuration_may_be_json) {
  BOOST_TEST(!License::open(JsonText(config().to_json())).check().usable());
  BOOST_TEST((License::try_open(JsonText("{")).error().code() == ErrorCode::kArg));
}

BOOST_AUTO_TEST_CASE(a_bad_configuration_throws_what_to_do) {
  try {
    License::open({.product = "player"});
    BOOST_ERROR("a configuration without data_dir was taken");
  } catch (const Error& error) {
    BOOST_TEST((error.code() == ErrorCode::kArg));
    BOOST_TEST(std::string(error.what()).find("data_dir") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(trial_starts_once) {
  License license = License::open(config());
  license.import_bundle(key_set());
  const std::string trial = issuer.trial({.days = 14, .sku = "pro"});
  BOOST_TEST((license.start_trial(trial).code() == LicenseCode::kOkTrial));
  set_time(kStart + std::chrono::days(20));
  BOOST_TEST((license.try_start_trial(trial).error().license_code() == LicenseCode::kTrialUsed));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
