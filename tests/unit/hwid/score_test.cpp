// The worked cases of the scoring rule, each with its number.
#include "hwid/score.hpp"

#include <boost/test/unit_test.hpp>
#include <climits>

#include "hwid/scheme.hpp"

namespace tessera::hwid {
namespace {

using Kinds = std::vector<std::string_view>;

const Kinds kDesktopUser = {kind::kDisk,   kind::kMac, kind::kMachineId,
                            kind::kRootFs, kind::kCpu, kind::kModel};
const Kinds kDesktopRoot = {kind::kDisk, kind::kMac,   kind::kMachineId, kind::kRootFs,
                            kind::kCpu,  kind::kModel, kind::kDmiUuid,   kind::kSerial};

HardwareMatch match(const Kinds& bound, const Kinds& changed, const Kinds& hidden = {}) {
  std::vector<FactorMatch> factors;
  const auto has = [](const Kinds& kinds, std::string_view kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  for (const std::string_view name : bound) {
    const KindInfo& info = *find_kind(name);
    const FactorState state = has(changed, name)  ? FactorState::kMismatch
                              : has(hidden, name) ? FactorState::kUnknown
                                                  : FactorState::kMatch;
    factors.push_back({std::string(name), info.cls, info.weight, state});
  }
  return score_match(BoundHardware{}, std::move(factors));
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

BOOST_AUTO_TEST_CASE(unchanged_machine) { expect(match(kDesktopUser, {}), 1000, 1000, MatchOutcome::kOk); }

BOOST_AUTO_TEST_CASE(nic_swap) { expect(match(kDesktopUser, {kind::kMac}), 800, 600, MatchOutcome::kOk); }

BOOST_AUTO_TEST_CASE(os_reinstall) {
  expect(match(kDesktopUser, {kind::kMachineId, kind::kRootFs}), 700, 1000, MatchOutcome::kOk);
}

BOOST_AUTO_TEST_CASE(new_disk_with_cloned_os) {
  expect(match(kDesktopUser, {kind::kDisk}), 700, 400, MatchOutcome::kOk);
}

BOOST_AUTO_TEST_CASE(new_disk_and_clean_os) {
  expect(match(kDesktopUser, {kind::kDisk, kind::kMachineId, kind::kRootFs}), 400, 400, MatchOutcome::kDrift);
}

BOOST_AUTO_TEST_CASE(image_cloned_to_a_pc_of_the_same_model) {
  expect(match(kDesktopUser, {kind::kDisk, kind::kMac}), 500, 0, MatchOutcome::kMismatch);
}

BOOST_AUTO_TEST_CASE(another_pc_of_the_same_model) {
  expect(match(kDesktopUser, {kind::kDisk, kind::kMac, kind::kMachineId, kind::kRootFs}), 200, 0,
         MatchOutcome::kMismatch);
}

BOOST_AUTO_TEST_CASE(board_and_onboard_nic_swap) {
  expect(match(kDesktopRoot, {kind::kDmiUuid, kind::kSerial, kind::kMac, kind::kModel}), 411, 250,
         MatchOutcome::kDrift);
}

BOOST_AUTO_TEST_CASE(board_and_cpu_swap) {
  expect(match(kDesktopRoot, {kind::kDmiUuid, kind::kSerial, kind::kMac, kind::kModel, kind::kCpu}), 352, 250,
         MatchOutcome::kMismatch);
}

BOOST_AUTO_TEST_CASE(bound_as_root_and_run_as_user) {
  expect(match(kDesktopRoot, {}, {kind::kDmiUuid, kind::kSerial}), 740, 1000, MatchOutcome::kOk);
}

BOOST_AUTO_TEST_CASE(bound_as_root_and_cloned_as_user) {
  expect(match(kDesktopRoot, {kind::kDisk, kind::kMac}, {kind::kDmiUuid, kind::kSerial}), 370, 0,
         MatchOutcome::kMismatch);
}

BOOST_AUTO_TEST_CASE(server_whose_unique_parts_only_root_can_read) {
  const Kinds server = {kind::kDmiUuid, kind::kSerial, kind::kMachineId,
                        kind::kRootFs,  kind::kCpu,    kind::kModel};
  expect(match(server, {}, {kind::kDmiUuid, kind::kSerial}), 588, -1, MatchOutcome::kUnverifiable);
}

BOOST_AUTO_TEST_CASE(vm_moved_to_another_cpu_model) {
  const Kinds vm = {kind::kDmiUuid, kind::kMachineId, kind::kRootFs, kind::kCpu, kind::kModel};
  expect(match(vm, {kind::kCpu}), 888, 1000, MatchOutcome::kOk);
}

BOOST_AUTO_TEST_CASE(vm_cloned_with_a_new_uuid) {
  const Kinds vm = {kind::kDmiUuid, kind::kMachineId, kind::kRootFs, kind::kCpu, kind::kModel};
  expect(match(vm, {kind::kDmiUuid}), 555, 0, MatchOutcome::kMismatch);
}

BOOST_AUTO_TEST_CASE(second_instance_of_a_microvm_image_fits_but_is_weak) {
  const Kinds microvm = {kind::kMachineId, kind::kRootFs, kind::kCpu};
  expect(match(microvm, {}), 1000, -1, MatchOutcome::kOk);
  BOOST_TEST(static_cast<int>(strength(microvm)) == static_cast<int>(Strength::kWeak));
}

BOOST_AUTO_TEST_CASE(cloned_image_with_disk_and_mac_hidden) {
  expect(match(kDesktopUser, {}, {kind::kDisk, kind::kMac}), 666, -1, MatchOutcome::kUnverifiable);
}

BOOST_AUTO_TEST_CASE(cloned_root_bound_image_with_only_the_mac_spoofed) {
  expect(match(kDesktopRoot, {}, {kind::kDisk, kind::kDmiUuid, kind::kSerial}), 583, 1000,
         MatchOutcome::kDrift);
}

BOOST_AUTO_TEST_CASE(mac_alone_is_at_most_drift_while_other_unique_parts_are_hidden) {
  expect(match(kDesktopUser, {}, {kind::kDisk}), 823, 1000, MatchOutcome::kDrift);
}

BOOST_AUTO_TEST_CASE(mac_as_the_only_unique_part_bound_is_ok) {
  expect(match({kind::kMac, kind::kMachineId, kind::kCpu}, {}), 1000, 1000, MatchOutcome::kOk);
}

BOOST_AUTO_TEST_CASE(two_kinds_and_three_points_are_the_least) {
  expect(match({kind::kMachineId, kind::kCpu}, {}), 1000, -1, MatchOutcome::kOk);
  const Kinds three = {kind::kMachineId, kind::kCpu, kind::kModel};
  expect(match(three, {}, {kind::kMachineId}), 666, -1, MatchOutcome::kMismatch);
  const Kinds uuid = {kind::kDmiUuid, kind::kCpu};
  expect(match(uuid, {}, {kind::kCpu}), 888, 1000, MatchOutcome::kMismatch);
}

BOOST_AUTO_TEST_CASE(what_binds_less_than_that_must_match_as_a_whole) {
  expect(match({kind::kCpu, kind::kModel}, {}), 1000, -1, MatchOutcome::kOk);
  expect(match({kind::kCpu, kind::kModel}, {}, {kind::kCpu}), 666, -1, MatchOutcome::kMismatch);
  expect(match({kind::kCpu, kind::kModel}, {kind::kModel}), 500, -1, MatchOutcome::kMismatch);
  expect(match({kind::kDmiUuid}, {}), 1000, 1000, MatchOutcome::kOk);
}

BOOST_AUTO_TEST_CASE(unverifiable_needs_the_drift_score) {
  const Kinds bound = {kind::kDmiUuid, kind::kSerial, kind::kDisk, kind::kMachineId, kind::kCpu};
  expect(match(bound, {}, {kind::kDmiUuid, kind::kSerial, kind::kDisk}), 375, -1, MatchOutcome::kMismatch);
}

BOOST_AUTO_TEST_CASE(thresholds_come_from_the_licence) {
  std::vector<FactorMatch> factors = match(kDesktopUser, {kind::kMac}).factors;
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
  BOOST_TEST(is(strength(kDesktopUser), Strength::kStrong));
  BOOST_TEST(is(strength(kDesktopRoot), Strength::kStrong));
  BOOST_TEST(is(strength({kind::kDmiUuid, kind::kMachineId}), Strength::kMedium));
  BOOST_TEST(is(strength({kind::kMac, kind::kMachineId}), Strength::kMedium));
  BOOST_TEST(is(strength({kind::kMachineId, kind::kRootFs, kind::kCpu, kind::kModel}), Strength::kWeak));
  const std::vector<BoundFactor> macs = {{"mac", FactorClass::kUnique, 9, {}}};
  BOOST_TEST(is(strength_of(macs), Strength::kMedium));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
