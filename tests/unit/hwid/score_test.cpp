// The worked cases of the scoring rule, each with its number, and its limits.
#include "hwid/score.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <climits>

#include "hardware_cases.hpp"
#include "hwid/scheme.hpp"

namespace tessera::hwid {
namespace {

using test::desktop_root;
using test::desktop_user;
using test::Kinds;

std::vector<FactorMatch> factors_of(const test::HardwareCase& each) {
  std::vector<FactorMatch> factors;
  for (const std::string_view name : each.bound) {
    const KindInfo& info = *find_kind(name);
    factors.push_back({std::string(name), info.cls, info.weight, state_of(each, name)});
  }
  return factors;
}

HardwareMatch match(const Kinds& bound, const Kinds& changed) {
  return score_match(BoundHardware{},
                     factors_of({"", bound, changed, {}, 0, 0, MatchOutcome::kMismatch, false}));
}

Strength strength(const Kinds& kinds) {
  std::vector<BoundFactor> factors;
  for (const std::string_view name : kinds)
    factors.push_back({std::string(name), find_kind(name)->cls, find_kind(name)->weight, {}});
  return strength_of(factors);
}

void expect(const HardwareMatch& match, int score, int unique_ratio, MatchOutcome outcome) {
  BOOST_TEST(match.score == score);
  BOOST_TEST(match.unique_ratio == unique_ratio);
  BOOST_TEST(static_cast<int>(match.outcome) == static_cast<int>(outcome));
}

FactorMatch unique(std::string kind, int weight, FactorState state) {
  return {std::move(kind), FactorClass::kUnique, weight, state};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(score)

BOOST_DATA_TEST_CASE(worked_case, boost::unit_test::data::make(test::hardware_cases()), each) {
  expect(score_match(BoundHardware{}, factors_of(each)), each.score, each.unique_ratio, each.outcome);
}

BOOST_AUTO_TEST_CASE(thresholds_come_from_the_licence) {
  std::vector<FactorMatch> factors = match(desktop_user(), {kind::kMac}).factors;
  BoundHardware strict;
  strict.ok = 900;
  BOOST_TEST(static_cast<int>(score_match(strict, factors).outcome) ==
             static_cast<int>(MatchOutcome::kDrift));
  strict.drift = 850;
  BOOST_TEST(static_cast<int>(score_match(strict, factors).outcome) ==
             static_cast<int>(MatchOutcome::kMismatch));
  BoundHardware floor;
  floor.ufloor = 700;
  BOOST_TEST(static_cast<int>(score_match(floor, factors).outcome) ==
             static_cast<int>(MatchOutcome::kMismatch));
}

BOOST_AUTO_TEST_CASE(nothing_bound_matches_nothing) { expect(match({}, {}), 0, -1, MatchOutcome::kMismatch); }

BOOST_AUTO_TEST_CASE(hostile_weights_do_not_overflow) {
  std::vector<FactorMatch> factors(100'000, unique("disk", INT_MAX, FactorState::kMatch));
  factors.push_back(unique("mac", INT_MIN, FactorState::kMismatch));
  expect(score_match(BoundHardware{}, factors), 1000, 1000, MatchOutcome::kOk);
  for (FactorMatch& factor : factors) factor.weight = -1;
  expect(score_match(BoundHardware{}, factors), 0, -1, MatchOutcome::kMismatch);
}

BOOST_AUTO_TEST_CASE(strength_of_what_is_bound) {
  const auto is = [](Strength a, Strength b) { return a == b; };
  BOOST_TEST(is(strength({}), Strength::kNone));
  BOOST_TEST(is(strength(desktop_user()), Strength::kStrong));
  BOOST_TEST(is(strength(desktop_root()), Strength::kStrong));
  BOOST_TEST(is(strength({kind::kDmiUuid, kind::kMachineId}), Strength::kMedium));
  BOOST_TEST(is(strength({kind::kMac, kind::kMachineId}), Strength::kMedium));
  BOOST_TEST(is(strength({kind::kMachineId, kind::kRootFs, kind::kCpu, kind::kModel}), Strength::kWeak));
  BOOST_TEST(is(strength({kind::kMachineId, kind::kRootFs, kind::kCpu}), Strength::kWeak));
  const std::vector<BoundFactor> macs = {{"mac", FactorClass::kUnique, 9, {}}};
  BOOST_TEST(is(strength_of(macs), Strength::kMedium));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
