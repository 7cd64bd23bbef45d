#include "keys/device_shares.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "fakes.hpp"
#include "hardware_cases.hpp"
#include "hwid/score.hpp"
#include "key_world.hpp"

namespace tessera::keys {
namespace {

namespace data = boost::unit_test::data;

const Bytes& stretched() {
  static const Bytes bytes(32, 0x33);
  return bytes;
}

BoundFactor factor(std::string_view kind, std::vector<std::string> tags) {
  const hwid::KindInfo& info = *hwid::find_kind(kind);
  return {std::string(kind), info.cls, info.weight, std::move(tags)};
}

BoundHardware hardware(const test::Kinds& kinds) {
  BoundHardware bound;
  for (const std::string_view kind : kinds) bound.factors.push_back(factor(kind, {std::string(kind)}));
  return bound;
}

/// The hardware as the states say it is now.
BoundHardware now(const test::Kinds& kinds, const std::vector<FactorState>& states) {
  BoundHardware bound;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (states[i] == FactorState::kUnknown) continue;
    const bool same = states[i] == FactorState::kMatch;
    bound.factors.push_back(factor(kinds[i], {same ? std::string(kinds[i]) : "other"}));
  }
  return bound;
}

BoundDevice bind(const BoundHardware& bound) {
  test::FakeRandom random;
  return test::need(bind_device(bound, stretched(), random));
}

bool opens(const BoundDevice& device, const BoundHardware& hardware) {
  const DeviceOpening opening = open_device(device.shares, hardware, stretched());
  if (opening.key.empty()) return false;
  BOOST_TEST(std::ranges::equal(opening.key.view(), device.key.view()));
  return true;
}

MatchOutcome licence(const test::Kinds& kinds, const std::vector<FactorState>& states) {
  std::vector<FactorMatch> factors;
  for (size_t i = 0; i < kinds.size(); ++i) {
    const hwid::KindInfo& info = *hwid::find_kind(kinds[i]);
    factors.push_back({std::string(kinds[i]), info.cls, info.weight, states[i]});
  }
  return hwid::score_match(BoundHardware{}, std::move(factors)).outcome;
}

BOOST_AUTO_TEST_SUITE(device_shares)

BOOST_DATA_TEST_CASE(worked_case, data::make(test::hardware_cases()), each) {
  std::vector<FactorState> states;
  for (const std::string_view kind : each.bound) states.push_back(state_of(each, kind));
  BOOST_TEST(opens(bind(hardware(each.bound)), now(each.bound, states)) == each.opens);
}

// Exactly the licence's rule where everything can be read, and never more than it.
BOOST_DATA_TEST_CASE(agrees_with_the_licence, data::make({0, 1}), as_root) {
  const test::Kinds kinds = as_root != 0 ? test::desktop_root() : test::desktop_user();
  const BoundDevice device = bind(hardware(kinds));
  size_t cases = 1;
  for (size_t i = 0; i < kinds.size(); ++i) cases *= 3;
  int differ = 0, open = 0;
  for (size_t number = 0; number < cases; ++number) {
    std::vector<FactorState> states;
    for (size_t i = 0, rest = number; i < kinds.size(); ++i, rest /= 3)
      states.push_back(static_cast<FactorState>(rest % 3));
    const bool hides = std::ranges::find(states, FactorState::kUnknown) != states.end();
    const MatchOutcome outcome = licence(kinds, states);
    const bool licensed = outcome == MatchOutcome::kOk || outcome == MatchOutcome::kDrift;
    const bool opened = opens(device, now(kinds, states));
    open += opened ? 1 : 0;
    if (hides ? opened && !licensed : opened != licensed) ++differ;
  }
  BOOST_TEST(differ == 0);
  BOOST_TEST(open > 20);
}

BOOST_AUTO_TEST_CASE(another_user_opens_nothing) {
  const BoundDevice device = bind(hardware(test::desktop_root()));
  const DeviceOpening opening = open_device(device.shares, hardware(test::desktop_root()), Bytes(32, 0x34));
  BOOST_TEST(opening.key.empty());
  BOOST_TEST(!opening.any_kind_fits);
}

BOOST_AUTO_TEST_CASE(one_of_several_values_is_enough) {
  BoundHardware bound = hardware({"machine_id", "cpu"});
  bound.factors.push_back(factor("mac", {"a", "b", "c"}));
  const BoundDevice device = bind(bound);
  BoundHardware later = hardware({"machine_id", "cpu"});
  later.factors.push_back(factor("mac", {"x", "c"}));
  const DeviceOpening opening = open_device(device.shares, later, stretched());
  BOOST_TEST(!opening.key.empty());
  BOOST_TEST(!opening.some_kind_differs);
}

BOOST_AUTO_TEST_CASE(tells_drift_from_what_can_not_be_read) {
  const BoundDevice device = bind(hardware(test::desktop_user()));
  BoundHardware later = hardware({"disk", "machine_id", "root_fs", "cpu", "model"});
  BOOST_TEST(!open_device(device.shares, later, stretched()).some_kind_differs);
  later.factors.push_back(factor("mac", {"another"}));
  BOOST_TEST(open_device(device.shares, later, stretched()).some_kind_differs);
}

BOOST_AUTO_TEST_CASE(many_values_are_cut_to_the_first) {
  BoundHardware bound = hardware({"machine_id", "cpu"});
  std::vector<std::string> tags;
  for (int i = 0; i < 64; ++i) tags.push_back(std::to_string(i));
  bound.factors.push_back(factor("mac", tags));
  const BoundDevice device = bind(bound);
  BOOST_TEST(device.shares.kinds.back().keys.size() == kMaxTagsPerKind);
  BOOST_TEST(opens(device, bound));
}

BOOST_AUTO_TEST_CASE(what_can_not_be_bound) {
  test::FakeRandom random;
  BOOST_TEST(test::outcome(bind_device(BoundHardware{}, stretched(), random)) == "state");
  BoundHardware heavy;
  for (int i = 0; i < 26; ++i)
    heavy.factors.push_back({"app:" + std::to_string(i), FactorClass::kUnique, 10, {"v"}});
  BOOST_TEST(test::outcome(bind_device(heavy, stretched(), random)) == "limit");
  heavy.factors.resize(25);
  BOOST_TEST(opens(bind(heavy), heavy));
}

BOOST_AUTO_TEST_CASE(wire_form_comes_back_and_is_bounded) {
  const BoundDevice device = bind(hardware(test::desktop_root()));
  WireWriter out;
  write_device_shares(device.shares, out);
  const Bytes written = out.written();
  for (size_t length = 0; length < written.size(); ++length) {
    WireReader in(ByteView(written).first(length));
    BOOST_TEST(!read_device_shares(in).has_value());
  }
  WireReader in(written);
  const auto shares = read_device_shares(in);
  BOOST_REQUIRE(shares.has_value());
  WireWriter again;
  write_device_shares(*shares, again);
  BOOST_TEST(again.written() == written);
  // Thresholds of 0 or beyond what is there.
  for (size_t place = 0; place < 3; ++place) {
    for (const uint8_t wrong : {uint8_t{0}, uint8_t{255}}) {
      Bytes changed = written;
      changed[place] = wrong;
      WireReader wrong_in(changed);
      BOOST_TEST(!read_device_shares(wrong_in).has_value());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::keys
