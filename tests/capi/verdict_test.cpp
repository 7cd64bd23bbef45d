// The getters of a verdict.
#include <boost/test/unit_test.hpp>
#include <string>

#include "machine.hpp"

namespace tessera::test {

BOOST_FIXTURE_TEST_SUITE(verdict, Machine)

BOOST_AUTO_TEST_CASE(without_a_licence) {
  const Verdict verdict = check(open());
  BOOST_TEST(tsr_verdict_usable(verdict.get()) == 0);
  BOOST_TEST(tsr_verdict_code(verdict.get()) == TSR_LICENSE_NO_LICENSE);
  BOOST_TEST(tsr_verdict_state(verdict.get()) == "NONE");
  BOOST_TEST(tsr_verdict_license_id(verdict.get()) == "");
  BOOST_TEST(tsr_verdict_hardware_score(verdict.get()) == -1);
  BOOST_TEST(tsr_verdict_expires_at_ms(verdict.get()) == 0);
  BOOST_TEST(tsr_verdict_entitlement_count(verdict.get()) == 0U);
  BOOST_TEST(tsr_verdict_entitlement_code(verdict.get(), TSR_LIT("export")) == TSR_LICENSE_NO_LICENSE);
}

BOOST_AUTO_TEST_CASE(current_until_something_changes) {
  const License license = licensed();
  const Verdict verdict = check(license);
  BOOST_TEST(tsr_license_is_current(license.get(), verdict.get()) == 1);
  BOOST_TEST(tsr_license_is_current(license.get(), nullptr) == 0);
  BOOST_TEST(tsr_license_is_current(nullptr, verdict.get()) == 0);
  set_time(kStartMs + 200 * kDayMs);
  BOOST_TEST(tsr_license_is_current(license.get(), verdict.get()) == 0);
  const Verdict expired = check(license);
  BOOST_TEST(tsr_license_is_current(license.get(), expired.get()) == 1);
  BOOST_TEST(tsr_license_close(license.get(), 0, nullptr) == TSR_OK);
  BOOST_TEST(tsr_license_is_current(license.get(), expired.get()) == 0);
}

BOOST_AUTO_TEST_CASE(claims_and_times) {
  const Verdict verdict = check(licensed());
  BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
  BOOST_TEST(tsr_verdict_code(verdict.get()) == TSR_LICENSE_OK);
  BOOST_TEST(tsr_verdict_reason_count(verdict.get()) == 0U);
  BOOST_TEST(tsr_verdict_state(verdict.get()) == "ACTIVE");
  BOOST_TEST(tsr_verdict_subject(verdict.get()) == "ana@example.com");
  BOOST_TEST(tsr_verdict_product(verdict.get()) == Vendor::kProduct);
  BOOST_TEST(tsr_verdict_sku(verdict.get()) == "pro");
  BOOST_TEST(tsr_verdict_edition(verdict.get()) == "studio");
  BOOST_TEST(tsr_verdict_kind(verdict.get()) == "node");
  BOOST_TEST(std::string(tsr_verdict_license_id(verdict.get())) != "");
  BOOST_TEST(tsr_verdict_hardware_score(verdict.get()) == 1000);
  BOOST_TEST(tsr_verdict_expires_at_ms(verdict.get()) == kStartMs + 30 * kDayMs);
  BOOST_TEST(tsr_verdict_usable_until_ms(verdict.get()) >= tsr_verdict_expires_at_ms(verdict.get()));
  BOOST_TEST(tsr_verdict_next_check_ms(verdict.get()) > kStartMs);
}

BOOST_AUTO_TEST_CASE(reasons_by_index) {
  const License license = licensed();
  set_time(kStartMs + 200 * kDayMs);
  const Verdict verdict = check(license);
  BOOST_TEST(tsr_verdict_code(verdict.get()) == TSR_LICENSE_EXPIRED);
  BOOST_REQUIRE(tsr_verdict_reason_count(verdict.get()) > 0U);
  BOOST_TEST(tsr_verdict_reason_code(verdict.get(), 0) == TSR_LICENSE_EXPIRED);
  BOOST_TEST(std::string(tsr_verdict_reason_text(verdict.get(), 0)) != "");
  for (const size_t index : {tsr_verdict_reason_count(verdict.get()), SIZE_MAX}) {
    BOOST_TEST(tsr_verdict_reason_code(verdict.get(), index) == 0);
    BOOST_TEST(tsr_verdict_reason_text(verdict.get(), index) == "");
  }
}

BOOST_AUTO_TEST_CASE(typed_entitlements) {
  const License license = licensed();
  const Verdict verdict = check(license);
  const auto* v = verdict.get();
  BOOST_REQUIRE(tsr_verdict_entitlement_count(v) == 4U);
  BOOST_TEST(tsr_verdict_entitlement_name(v, 0) == "copies");
  BOOST_TEST(tsr_verdict_entitlement_name(v, 3) == "region");
  BOOST_TEST(tsr_verdict_entitlement_name(v, 4) == "");

  BOOST_TEST(tsr_verdict_entitlement_code(v, TSR_LIT("export")) == TSR_LICENSE_OK);
  BOOST_TEST(tsr_verdict_entitlement_type(v, TSR_LIT("export")) == TSR_ENTITLEMENT_BOOL);
  BOOST_TEST(tsr_verdict_entitlement_int(v, TSR_LIT("export")) == 1);
  BOOST_TEST(tsr_verdict_entitlement_str(v, TSR_LIT("export")) == "");

  BOOST_TEST(tsr_verdict_entitlement_type(v, TSR_LIT("copies")) == TSR_ENTITLEMENT_INT);
  BOOST_TEST(tsr_verdict_entitlement_int(v, TSR_LIT("copies")) == 50);

  BOOST_TEST(tsr_verdict_entitlement_type(v, TSR_LIT("region")) == TSR_ENTITLEMENT_STR);
  BOOST_TEST(tsr_verdict_entitlement_str(v, TSR_LIT("region")) == "south");
  BOOST_TEST(tsr_verdict_entitlement_int(v, TSR_LIT("region")) == 0);

  BOOST_TEST(tsr_verdict_entitlement_expires_at_ms(v, TSR_LIT("old")) == kStartMs + 60'000);
  BOOST_TEST(tsr_verdict_entitlement_expires_at_ms(v, TSR_LIT("export")) == 0);
}

BOOST_AUTO_TEST_CASE(missing_and_expired_entitlements) {
  const License license = licensed();
  set_time(kStartMs + 120'000);
  const Verdict verdict = check(license);
  const auto* v = verdict.get();
  BOOST_TEST(tsr_verdict_entitlement_code(v, TSR_LIT("old")) == TSR_LICENSE_FEATURE_EXPIRED);
  BOOST_TEST(tsr_verdict_entitlement_int(v, TSR_LIT("old")) == 0);
  BOOST_TEST(tsr_verdict_entitlement_type(v, TSR_LIT("old")) == TSR_ENTITLEMENT_BOOL);
  const char byte = 'x';
  for (const tsr_str name :
       {TSR_LIT("none"), tsr_str{nullptr, 0}, tsr_str{nullptr, 9}, tsr_str{&byte, SIZE_MAX}}) {
    BOOST_TEST(tsr_verdict_entitlement_code(v, name) == TSR_LICENSE_FEATURE_MISSING);
    BOOST_TEST(tsr_verdict_entitlement_type(v, name) == TSR_ENTITLEMENT_NONE);
    BOOST_TEST(tsr_verdict_entitlement_int(v, name) == 0);
    BOOST_TEST(tsr_verdict_entitlement_str(v, name) == "");
    BOOST_TEST(tsr_verdict_entitlement_expires_at_ms(v, name) == 0);
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_granted_by_an_unusable_licence) {
  const License license = licensed();
  set_time(kStartMs + 200 * kDayMs);
  const Verdict verdict = check(license);
  BOOST_TEST(tsr_verdict_entitlement_code(verdict.get(), TSR_LIT("export")) == TSR_LICENSE_EXPIRED);
  BOOST_TEST(tsr_verdict_entitlement_int(verdict.get(), TSR_LIT("copies")) == 0);
  BOOST_TEST(tsr_verdict_entitlement_str(verdict.get(), TSR_LIT("region")) == "");
}

BOOST_AUTO_TEST_CASE(explanation_and_json) {
  const Verdict verdict = check(licensed());
  const std::string explained =
      made_text([&](tsr_buf* out, tsr_error** err) { return tsr_verdict_explain(verdict.get(), out, err); });
  BOOST_TEST(explained.find("pro") != std::string::npos);
  const auto json = nlohmann::json::parse(
      made_text([&](tsr_buf* out, tsr_error** err) { return tsr_verdict_json(verdict.get(), out, err); }));
  BOOST_TEST(json.at("code") == TSR_LICENSE_OK);
  BOOST_TEST(json.at("usable") == true);
  std::ifstream stream(root.inside("/etc/machine-id"));
  std::string machine_id;
  BOOST_REQUIRE(std::getline(stream, machine_id));
  BOOST_TEST((explained + json.dump()).find(machine_id) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(licence_codes_have_name_text_and_advice) {
  BOOST_TEST(tsr_license_code_name(TSR_LICENSE_HW_MISMATCH) == "HW_MISMATCH");
  BOOST_TEST(std::string(tsr_license_code_text(TSR_LICENSE_HW_MISMATCH)) != "");
  BOOST_TEST(std::string(tsr_license_code_next(TSR_LICENSE_HW_MISMATCH)) != "");
  BOOST_TEST(tsr_license_code_next(TSR_LICENSE_OK) == "");
  for (const tsr_license_code code : {-1, 19, 1000, INT32_MAX}) {
    BOOST_TEST(tsr_license_code_name(code) == "UNKNOWN");
    BOOST_TEST(tsr_license_code_next(code) == "");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
