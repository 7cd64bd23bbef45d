#include "hwid/scheme.hpp"

#include <boost/test/unit_test.hpp>

#include "hwid/device_probe.hpp"
#include "hwid/factors.hpp"
#include "text/hex.hpp"

namespace tessera::hwid {
namespace {

LocalFactors machine(std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  RawDevice raw;
  for (const auto& [kind, value] : values) raw.offer(kind, Normalized{RawText(value), {}});
  return LocalFactors(std::move(raw));
}

const Bytes kSalt = {1, 2, 3, 4};

bool is_ok(const AppFactor& factor) { return check_app_factor(factor).ok(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(scheme)

BOOST_AUTO_TEST_CASE(tag_follows_the_written_construction) {
  const Bytes key = hkdf_sha256(kSalt, as_bytes("product"), as_bytes("tessera/hwid/1/key"), 32).value();
  std::string message = "tessera/hwid/1";
  message += '\0';
  message += "dmi_uuid";
  message += '\0';
  message += "value";
  const Sha256 full = hmac_sha256(key, as_bytes(message));
  const std::string tag = Tagger("product", kSalt).tag(kind::kDmiUuid, "value");
  BOOST_TEST(hex_encode(as_bytes(tag)) == hex_encode(ByteView(full).first(8)));
}

BOOST_AUTO_TEST_CASE(guessable_kinds_get_short_tags) {
  const Tagger tagger("product", kSalt);
  for (const std::string_view kind : {kind::kMachineId, kind::kRootFs, kind::kDmiUuid, kind::kCloud})
    BOOST_TEST(tagger.tag(kind, "x").size() == 8u);
  for (const std::string_view kind : {kind::kMac, kind::kSerial, kind::kDtSerial, kind::kDisk, kind::kCpu,
                                      kind::kModel, std::string_view("app:dongle")})
    BOOST_TEST(tagger.tag(kind, "x").size() == 2u);
}

BOOST_AUTO_TEST_CASE(product_salt_kind_and_value_all_count) {
  const std::string tag = Tagger("product", kSalt).tag(kind::kDmiUuid, "value");
  BOOST_TEST((tag == Tagger("product", kSalt).tag(kind::kDmiUuid, "value")));
  BOOST_TEST((tag != Tagger("other", kSalt).tag(kind::kDmiUuid, "value")));
  BOOST_TEST((tag != Tagger("product", Bytes{9}).tag(kind::kDmiUuid, "value")));
  BOOST_TEST((tag != Tagger("product", kSalt).tag(kind::kCloud, "value")));
  BOOST_TEST((tag != Tagger("product", kSalt).tag(kind::kDmiUuid, "other")));
}

BOOST_AUTO_TEST_CASE(custom_factor_rules) {
  BOOST_TEST(is_ok({"dongle", "A-1", FactorClass::kUnique, 5}));
  BOOST_TEST(is_ok({std::string(32, 'a'), std::string(256, 'v'), FactorClass::kModel, 10}));
  BOOST_TEST(is_ok({"a.b_c-9", "\xc3\xa9", FactorClass::kOs, 1}));
  for (const std::string& name : {std::string(), std::string(33, 'a'), std::string("Dongle"),
                                  std::string("a b"), std::string("a\0b", 3), std::string("a:b")})
    BOOST_TEST(!is_ok({name, "value", FactorClass::kUnique, 1}));
  for (const std::string& value : {std::string(), std::string(257, 'v'), std::string("\xff")})
    BOOST_TEST(!is_ok({"dongle", value, FactorClass::kUnique, 1}));
  for (const int weight : {-1, 0, 11}) BOOST_TEST(!is_ok({"dongle", "value", FactorClass::kUnique, weight}));
  BOOST_TEST(!is_ok({"dongle", "value", static_cast<FactorClass>('X'), 1}));
}

BOOST_AUTO_TEST_CASE(error_of_a_custom_factor_does_not_repeat_its_value) {
  const Status status = check_app_factor({"dongle", "s3cret\xff", FactorClass::kUnique, 1});
  BOOST_TEST(status.error().text.find("s3cret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(probe_refuses_bad_custom_factors) {
  const AppFactor good{"dongle", "A-1", FactorClass::kUnique, 5};
  BOOST_TEST(make_device_probe({good})->probe().ok());
  BOOST_TEST(!make_device_probe({good, good})->probe().ok());
  BOOST_TEST(!make_device_probe({AppFactor{"", "A-1", FactorClass::kUnique, 5}})->probe().ok());
  std::vector<AppFactor> many;
  for (int i = 0; i < 17; ++i) many.push_back({"f" + std::to_string(i), "v", FactorClass::kUnique, 1});
  BOOST_TEST(!make_device_probe(many)->probe().ok());
}

BOOST_AUTO_TEST_CASE(custom_factor_is_bound_and_matched) {
  RawDevice raw;
  raw.add_app_factor({"dongle", "A-1", FactorClass::kUnique, 5});
  raw.offer(kind::kMachineId, Normalized{RawText("id"), {}});
  const LocalFactors here(std::move(raw));
  const BoundHardware bound = here.bind("product", kSalt);
  BOOST_TEST(static_cast<int>(here.match(bound, "product").outcome) == static_cast<int>(MatchOutcome::kOk));
  BOOST_TEST(here.report().factors.back().kind == "app:dongle");
  const HardwareMatch other = machine({{kind::kMachineId, "id"}}).match(bound, "product");
  BOOST_TEST(static_cast<int>(other.factors.back().state) == static_cast<int>(FactorState::kUnknown));
}

BOOST_AUTO_TEST_CASE(one_common_value_of_many_is_a_match) {
  const LocalFactors before = machine({{kind::kMac, "a"}, {kind::kMac, "b"}, {kind::kMac, "b"}});
  const BoundHardware bound = before.bind("product", kSalt);
  BOOST_TEST(bound.factors.size() == 1u);
  BOOST_TEST(bound.factors[0].tags.size() == 2u);
  const auto state = [&](const LocalFactors& device) {
    return device.match(bound, "product").factors[0].state;
  };
  BOOST_TEST((state(machine({{kind::kMac, "c"}, {kind::kMac, "b"}})) == FactorState::kMatch));
  BOOST_TEST((state(machine({{kind::kMac, "c"}})) == FactorState::kMismatch));
  BOOST_TEST((state(machine({})) == FactorState::kUnknown));
}

BOOST_AUTO_TEST_CASE(values_of_a_kind_are_capped) {
  RawDevice raw;
  for (int i = 0; i < 100; ++i) raw.offer(kind::kMac, Normalized{RawText(std::to_string(i)), {}});
  const LocalFactors device(std::move(raw));
  BOOST_TEST(device.bind("product", kSalt).factors[0].tags.size() == 64u);
}

BOOST_AUTO_TEST_CASE(unknown_scheme_matches_nothing) {
  const LocalFactors here = machine({{kind::kMachineId, "id"}, {kind::kDmiUuid, "uuid"}});
  BoundHardware bound = here.bind("product", kSalt);
  bound.scheme = 2;
  BOOST_TEST(static_cast<int>(here.match(bound, "product").outcome) ==
             static_cast<int>(MatchOutcome::kMismatch));
}

BOOST_AUTO_TEST_CASE(class_and_weight_are_those_of_the_licence) {
  const LocalFactors here = machine({{kind::kMachineId, "id"}});
  BoundHardware bound = here.bind("product", kSalt);
  bound.factors[0].weight = 7;
  bound.factors[0].cls = FactorClass::kUnique;
  const HardwareMatch match = here.match(bound, "product");
  BOOST_TEST(match.factors[0].weight == 7);
  BOOST_TEST(match.unique_ratio == 1000);
}

BOOST_AUTO_TEST_CASE(damaged_tags_match_nothing) {
  const LocalFactors here = machine({{kind::kMachineId, "id"}});
  BoundHardware bound = here.bind("product", kSalt);
  bound.factors[0].tags = {"", "x", bound.factors[0].tags[0].substr(0, 4), std::string(64, '\0')};
  BOOST_TEST((here.match(bound, "product").factors[0].state == FactorState::kMismatch));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
