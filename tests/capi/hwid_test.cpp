#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "machine.hpp"

namespace tessera::test {
namespace {

struct Probed : Machine {
  Probed() {
    BOOST_REQUIRE(tsr_hwid_probe(TSR_LIT("{\"app_factors\":[{\"name\":\"dongle\",\"value\":\"D-SECRET-1\","
                                         "\"class\":\"unique\",\"weight\":3}]}"),
                                 hardware.out(), nullptr) == TSR_OK);
  }
  std::string explain() const {
    return made_text(
        [&](tsr_buf* out, tsr_error** err) { return tsr_hwid_explain(hardware.get(), out, err); });
  }
  nlohmann::json json() const {
    return nlohmann::json::parse(
        made_text([&](tsr_buf* out, tsr_error** err) { return tsr_hwid_json(hardware.get(), out, err); }));
  }
  Hardware hardware;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hwid, Probed)

BOOST_AUTO_TEST_CASE(reports_strength_environment_and_factors) {
  BOOST_TEST(tsr_hwid_strength(hardware.get()) == TSR_STRENGTH_STRONG);
  BOOST_TEST(tsr_hwid_vm(hardware.get()) == "");
  BOOST_TEST(tsr_hwid_container(hardware.get()) == "");
  BOOST_TEST(std::string(tsr_hwid_legacy_digest(hardware.get())).size() == 64U);
  std::set<std::string> kinds;
  for (size_t i = 0; i < tsr_hwid_factor_count(hardware.get()); ++i) {
    const int32_t cls = tsr_hwid_factor_class(hardware.get(), i);
    BOOST_TEST((cls == TSR_FACTOR_UNIQUE || cls == TSR_FACTOR_OS || cls == TSR_FACTOR_MODEL));
    BOOST_TEST(tsr_hwid_factor_weight(hardware.get(), i) >= 1);
    BOOST_TEST(tsr_hwid_factor_state(hardware.get(), i) >= TSR_FACTOR_READABLE);
    kinds.insert(tsr_hwid_factor_kind(hardware.get(), i));
  }
  BOOST_TEST(kinds.size() == tsr_hwid_factor_count(hardware.get()));
  for (const char* kind : {"machine_id", "disk", "mac", "app:dongle"}) BOOST_TEST(kinds.count(kind) == 1U);
}

BOOST_AUTO_TEST_CASE(out_of_range_is_neutral) {
  for (const size_t index : {tsr_hwid_factor_count(hardware.get()), SIZE_MAX}) {
    BOOST_TEST(tsr_hwid_factor_kind(hardware.get(), index) == "");
    BOOST_TEST(tsr_hwid_factor_class(hardware.get(), index) == 0);
    BOOST_TEST(tsr_hwid_factor_weight(hardware.get(), index) == 0);
    BOOST_TEST(tsr_hwid_factor_state(hardware.get(), index) == -1);
  }
}

BOOST_AUTO_TEST_CASE(json_agrees_with_the_getters) {
  const auto report = json();
  BOOST_TEST(report.at("strength") == "strong");
  BOOST_TEST(report.at("factors").size() == tsr_hwid_factor_count(hardware.get()));
  BOOST_TEST(!report.contains("legacy_digest"));  // not anonymous
  int unique = 0;
  for (const auto& factor : report.at("factors")) {
    if (factor.at("class") == "U" && factor.at("state") == "readable")
      unique += factor.at("weight").get<int>();
  }
  BOOST_TEST(report.at("weights").at("unique") == unique);
}

BOOST_AUTO_TEST_CASE(explains_at_a_glance) {
  const std::string text = explain();
  BOOST_TEST(text.starts_with("strength STRONG   U "));
  BOOST_TEST(text.find("\n  disk ") != std::string::npos);
  BOOST_TEST(text.back() != '\n');
}

BOOST_AUTO_TEST_CASE(shows_no_raw_value) {
  std::string everything = explain() + json().dump();
  for (const char* file : {"/etc/machine-id", "/.fake/permaddr/eno1"}) {
    std::ifstream stream(root.inside(file));
    std::string value;
    BOOST_REQUIRE(std::getline(stream, value));
    BOOST_TEST(everything.find(value) == std::string::npos);
  }
  BOOST_TEST(everything.find("D-SECRET-1") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(configuration_is_optional_and_checked) {
  Hardware other;
  Failure failure;
  BOOST_TEST(tsr_hwid_probe(tsr_str_of(nullptr), other.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_hwid_probe(TSR_LIT("{}"), other.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_hwid_probe(TSR_LIT("{\"product\":\"x\"}"), other.out(), failure.out()) == TSR_E_ARG);
  BOOST_TEST(!other);
  BOOST_TEST(tsr_hwid_probe(TSR_LIT("{\"app_factors\":[{\"name\":\"\",\"value\":\"\"}]}"), other.out(),
                            failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_HW_CUSTOM_INVALID);
}

BOOST_AUTO_TEST_CASE(a_microvm_is_weak_and_says_what_it_is) {
  const FakeRoot microvm("microvm");
  tsr_testing_set_hardware_root(str(microvm.path()));
  Hardware small;
  BOOST_REQUIRE(tsr_hwid_probe(tsr_str_of(nullptr), small.out(), nullptr) == TSR_OK);
  BOOST_TEST(tsr_hwid_strength(small.get()) == TSR_STRENGTH_WEAK);
  BOOST_TEST(std::string(tsr_hwid_vm(small.get())) != "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
