// The worked cases of the hardware score, for the licence and for the store's device slot alike.
#pragma once

#include <algorithm>
#include <ostream>
#include <string_view>
#include <vector>

#include "base/device.hpp"
#include "hwid/scheme.hpp"

namespace tessera::test {

using Kinds = std::vector<std::string_view>;

inline Kinds desktop_user() {
  using namespace hwid::kind;
  return {kDisk, kMac, kMachineId, kRootFs, kCpu, kModel};
}
inline Kinds desktop_root() {
  using namespace hwid::kind;
  return {kDisk, kMac, kMachineId, kRootFs, kCpu, kModel, kDmiUuid, kSerial};
}

struct HardwareCase {
  const char* name;
  Kinds bound;
  Kinds changed;
  Kinds hidden;
  int score;
  int unique_ratio;
  MatchOutcome outcome;
  /// Whether a device slot opens. As the licence says, but for hidden kinds: a share that can't be read is
  /// not there, so that the slot is the stricter one.
  bool opens;
};
inline std::ostream& operator<<(std::ostream& out, const HardwareCase& each) { return out << each.name; }

inline FactorState state_of(const HardwareCase& each, std::string_view kind) {
  const auto has = [&](const Kinds& kinds) { return std::ranges::find(kinds, kind) != kinds.end(); };
  if (has(each.changed)) return FactorState::kMismatch;
  return has(each.hidden) ? FactorState::kUnknown : FactorState::kMatch;
}

inline std::vector<HardwareCase> hardware_cases() {
  using namespace hwid::kind;
  using enum MatchOutcome;
  const Kinds user = desktop_user(), root = desktop_root();
  const Kinds server = {kDmiUuid, kSerial, kMachineId, kRootFs, kCpu, kModel};
  const Kinds vm = {kDmiUuid, kMachineId, kRootFs, kCpu, kModel};
  const Kinds microvm = {kMachineId, kRootFs, kCpu};
  const Kinds mostly_unique = {kDmiUuid, kSerial, kDisk, kMachineId, kCpu};
  return {
      {"unchanged machine", user, {}, {}, 1000, 1000, kOk, true},
      {"network card swapped", user, {kMac}, {}, 800, 600, kOk, true},
      {"system reinstalled", user, {kMachineId, kRootFs}, {}, 700, 1000, kOk, true},
      {"new disk with cloned system", user, {kDisk}, {}, 700, 400, kOk, true},
      {"new disk and clean system", user, {kDisk, kMachineId, kRootFs}, {}, 400, 400, kDrift, true},
      {"image cloned to a PC of the same model", user, {kDisk, kMac}, {}, 500, 0, kMismatch, false},
      {"another PC of the same model",
       user,
       {kDisk, kMac, kMachineId, kRootFs},
       {},
       200,
       0,
       kMismatch,
       false},
      {"board and onboard network card swapped",
       root,
       {kDmiUuid, kSerial, kMac, kModel},
       {},
       411,
       250,
       kDrift,
       true},
      {"board and CPU swapped",
       root,
       {kDmiUuid, kSerial, kMac, kModel, kCpu},
       {},
       352,
       250,
       kMismatch,
       false},
      {"bound as root and run as user", root, {}, {kDmiUuid, kSerial}, 740, 1000, kOk, true},
      {"bound as root and cloned as user",
       root,
       {kDisk, kMac},
       {kDmiUuid, kSerial},
       370,
       0,
       kMismatch,
       false},
      {"server whose unique parts only root can read",
       server,
       {},
       {kDmiUuid, kSerial},
       588,
       -1,
       kUnverifiable,
       false},
      {"VM moved to another CPU model", vm, {kCpu}, {}, 888, 1000, kOk, true},
      {"VM cloned with a new UUID", vm, {kDmiUuid}, {}, 555, 0, kMismatch, false},
      {"second instance of a microVM image", microvm, {}, {}, 1000, -1, kOk, true},
      {"cloned image with disk and MAC hidden", user, {}, {kDisk, kMac}, 666, -1, kUnverifiable, false},
      {"cloned root-bound image with only the MAC spoofed",
       root,
       {},
       {kDisk, kDmiUuid, kSerial},
       583,
       1000,
       kDrift,
       false},
      {"MAC alone while another unique part is hidden", user, {}, {kDisk}, 823, 1000, kDrift, true},
      {"MAC as the only unique part bound", {kMac, kMachineId, kCpu}, {}, {}, 1000, 1000, kOk, true},
      {"two kinds and three points", {kMachineId, kCpu}, {}, {}, 1000, -1, kOk, true},
      {"two points", {kMachineId, kCpu, kModel}, {}, {kMachineId}, 666, -1, kMismatch, false},
      {"one kind of two", {kDmiUuid, kCpu}, {}, {kCpu}, 888, 1000, kMismatch, false},
      {"little bound, all of it there", {kCpu, kModel}, {}, {}, 1000, -1, kOk, true},
      {"little bound, half of it hidden", {kCpu, kModel}, {}, {kCpu}, 666, -1, kMismatch, false},
      {"little bound, half of it changed", {kCpu, kModel}, {kModel}, {}, 500, -1, kMismatch, false},
      {"one kind bound", {kDmiUuid}, {}, {}, 1000, 1000, kOk, true},
      {"unverifiable below the drift score",
       mostly_unique,
       {},
       {kDmiUuid, kSerial, kDisk},
       375,
       -1,
       kMismatch,
       false},
  };
}

}  // namespace tessera::test
