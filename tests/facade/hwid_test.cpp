#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "vendor_and_machine.hpp"

namespace tessera::facade_test {

BOOST_FIXTURE_TEST_SUITE(hwid, VendorAndMachine)

BOOST_AUTO_TEST_CASE(describes_the_machine) {
  const Hwid hwid = Hwid::probe();
  BOOST_TEST((hwid.strength() >= Strength::kMedium));
  BOOST_TEST(hwid.vm().empty());
  BOOST_TEST(hwid.container().empty());
  BOOST_TEST(hwid.legacy_digest().size() == 64U);
  BOOST_TEST(hwid.explain().find("disk") != std::string::npos);
  BOOST_TEST(nlohmann::json::parse(hwid.json())["factors"].size() == hwid.factors().size());
}

BOOST_AUTO_TEST_CASE(application_factors_join_and_keep_their_value_inside) {
  const Hwid hwid = Hwid::probe({.app_factors = {{.name = "dongle", .value = "S3CR3T-VALUE", .weight = 5}}});
  const std::vector<Factor> factors = hwid.factors();
  const auto dongle = std::ranges::find(factors, "app:dongle", &Factor::kind);
  BOOST_REQUIRE((dongle != factors.end()));
  BOOST_TEST((dongle->factor_class == FactorClass::kUnique));
  BOOST_TEST(dongle->weight == 5);
  BOOST_TEST((dongle->state == FactorState::kReadable));
  BOOST_TEST(hwid.explain().find("S3CR3T-VALUE") == std::string::npos);
  BOOST_TEST(hwid.json().find("S3CR3T-VALUE") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_a_malformed_factor) {
  const HwidConfig config{.app_factors = {{.name = "", .value = "1"}}};
  BOOST_TEST(!Hwid::try_probe(config).has_value());
  BOOST_CHECK_THROW(Hwid::probe(config), Error);
}

BOOST_AUTO_TEST_CASE(moved_from_object_fails_cleanly) {
  Hwid hwid = Hwid::probe();
  const Hwid taken = std::move(hwid);
  BOOST_TEST(!taken.factors().empty());
  BOOST_TEST((hwid.strength() == Strength::kNone));
  BOOST_TEST((hwid.try_explain().error().code() == ErrorCode::kArg));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
