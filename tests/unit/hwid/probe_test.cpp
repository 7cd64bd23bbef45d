// The Linux probe on fake machines: what each shows to root and to an ordinary user, and which changes
// matter.
#include <boost/test/unit_test.hpp>
#include <set>

#include "hwid_fixture.hpp"

namespace tessera::hwid {
namespace {

using Kinds = std::set<std::string_view>;
using test::FakeRoot;
using test::Rights;

Kinds readable(const DeviceFactors& device) {
  Kinds kinds;
  for (const FactorReport& factor : device.report().factors)
    if (factor.reading == FactorReading::kReadable) kinds.insert(factor.kind);
  return kinds;
}

void expect(const std::string& root, Rights rights, const Kinds& kinds, Strength strength,
            std::string_view vm, std::string_view container) {
  const FakeRoot machine(root, rights);
  const auto device = probe(machine);
  const Kinds seen = readable(*device);
  BOOST_TEST_CONTEXT(root << (rights == Rights::kRoot ? " as root" : " as user")) {
    BOOST_CHECK_EQUAL_COLLECTIONS(seen.begin(), seen.end(), kinds.begin(), kinds.end());
    BOOST_TEST(static_cast<int>(device->report().strength) == static_cast<int>(strength));
    BOOST_TEST(device->environment().vm == vm);
    BOOST_TEST(device->environment().container == container);
  }
}

const Bytes kSalt = {7, 7, 7};

BoundHardware bind(const FakeRoot& root) { return probe(root)->bind("product", kSalt); }
HardwareMatch match(const FakeRoot& root, const BoundHardware& bound) {
  return probe(root)->match(bound, "product");
}

void expect_outcome(const HardwareMatch& match, MatchOutcome outcome, int score) {
  BOOST_TEST(static_cast<int>(match.outcome) == static_cast<int>(outcome));
  BOOST_TEST(match.score == score);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(probes)

BOOST_AUTO_TEST_CASE(desktop) {
  expect("desktop", Rights::kRoot,
         {"machine_id", "root_fs", "dmi_uuid", "serial", "disk", "mac", "cpu", "model"}, Strength::kStrong,
         "", "");
  expect("desktop", Rights::kUser, {"machine_id", "root_fs", "disk", "mac", "cpu", "model"},
         Strength::kStrong, "", "");
}

BOOST_AUTO_TEST_CASE(server) {
  expect("server", Rights::kRoot,
         {"machine_id", "root_fs", "dmi_uuid", "serial", "disk", "mac", "cpu", "model"}, Strength::kStrong,
         "", "");
  expect("server", Rights::kUser, {"machine_id", "root_fs", "disk", "mac", "cpu", "model"}, Strength::kStrong,
         "", "");
}

BOOST_AUTO_TEST_CASE(arm_board) {
  for (const Rights rights : {Rights::kRoot, Rights::kUser})
    expect("arm", rights, {"machine_id", "root_fs", "dt_serial", "mac", "cpu", "model"}, Strength::kStrong,
           "", "");
}

BOOST_AUTO_TEST_CASE(kvm_guest) {
  expect("kvm", Rights::kRoot, {"machine_id", "root_fs", "dmi_uuid", "cpu", "model"}, Strength::kMedium,
         "kvm", "");
  expect("kvm", Rights::kUser, {"machine_id", "root_fs", "cpu", "model"}, Strength::kWeak, "kvm", "");
}

BOOST_AUTO_TEST_CASE(wsl2) {
  for (const Rights rights : {Rights::kRoot, Rights::kUser})
    expect("wsl2", rights, {"machine_id", "root_fs", "cpu"}, Strength::kWeak, "hyperv", "wsl");
}

BOOST_AUTO_TEST_CASE(container_shows_only_its_model) {
  for (const Rights rights : {Rights::kRoot, Rights::kUser})
    expect("container", rights, {"cpu", "model"}, Strength::kWeak, "", "docker");
}

BOOST_AUTO_TEST_CASE(microvm) {
  expect("microvm", Rights::kRoot, {"machine_id", "root_fs", "cpu"}, Strength::kWeak, "unknown", "");
  expect("microvm", Rights::kUser, {"machine_id", "cpu"}, Strength::kWeak, "unknown", "");
}

BOOST_AUTO_TEST_CASE(report_says_why_a_kind_is_not_used) {
  const auto desktop = probe(FakeRoot("desktop"));
  BOOST_TEST(report_of(*desktop, kind::kDmiUuid).reason == "no permission");
  BOOST_TEST(report_of(*desktop, kind::kDtSerial).reason == "not present");
  BOOST_TEST(report_of(*desktop, kind::kDisk).reason == "");
  BOOST_TEST(report_of(*desktop, kind::kDisk).tag_bits == 16);
  BOOST_TEST(report_of(*probe(FakeRoot("arm")), kind::kDisk).reason == "removable or virtual");
  BOOST_TEST(report_of(*probe(FakeRoot("container")), kind::kMachineId).reason == "inside a container");
  BOOST_TEST(report_of(*probe(FakeRoot("microvm")), kind::kDisk).reason == "a name, not a serial number");
}

BOOST_AUTO_TEST_CASE(raid_binds_every_disk) {
  const BoundHardware bound = bind(FakeRoot("server"));
  for (const BoundFactor& factor : bound.factors) {
    if (factor.kind == kind::kDisk) BOOST_TEST(factor.tags.size() == 4u);  // serial and name of two disks
    if (factor.kind == kind::kMac)
      BOOST_TEST(factor.tags.size() == 2u);  // permanent, not the bond's one address
  }
}

BOOST_AUTO_TEST_CASE(two_probes_give_equal_tags) {
  for (const char* name : {"desktop", "server", "arm", "kvm", "wsl2", "microvm"}) {
    const FakeRoot root(name);
    const BoundHardware first = bind(root);
    const BoundHardware second = bind(root);
    BOOST_REQUIRE(first.factors.size() == second.factors.size());
    for (size_t i = 0; i < first.factors.size(); ++i) {
      BOOST_TEST(first.factors[i].kind == second.factors[i].kind);
      BOOST_TEST((first.factors[i].tags == second.factors[i].tags));
    }
    expect_outcome(match(root, first), MatchOutcome::kOk, 1000);
  }
}

BOOST_AUTO_TEST_CASE(dock_vpn_and_cable_change_nothing) {
  FakeRoot root("desktop");
  const BoundHardware bound = bind(root);
  root.write("/sys/devices/pci0000:00/usb1/1-2/1-2:1.0/net/enx00e04c680102/address", "00:e0:4c:68:01:02\n");
  root.link("/sys/devices/pci0000:00/usb1/1-2/1-2:1.0/net/enx00e04c680102/device", "../..");
  root.link("/sys/devices/pci0000:00/usb1/1-2/1-2:1.0/subsystem", "../../../../../bus/usb");
  root.link("/sys/class/net/enx00e04c680102",
            "../../devices/pci0000:00/usb1/1-2/1-2:1.0/net/enx00e04c680102");
  root.write("/.fake/permaddr/enx00e04c680102", "00:e0:4c:68:01:02\n");
  root.write("/sys/devices/virtual/net/tun0/address", "\n");
  root.link("/sys/class/net/tun0", "../../devices/virtual/net/tun0");
  root.write("/sys/devices/pci0000:00/0000:00:1f.6/net/eno1/carrier", "0\n");
  root.write("/sys/devices/pci0000:00/0000:00:1f.6/net/eno1/address", "3e:44:55:66:77:88\n");
  const BoundHardware again = bind(root);
  BOOST_REQUIRE(again.factors.size() == bound.factors.size());
  for (size_t i = 0; i < bound.factors.size(); ++i)
    BOOST_TEST((again.factors[i].tags == bound.factors[i].tags));
  expect_outcome(match(root, bound), MatchOutcome::kOk, 1000);
}

BOOST_AUTO_TEST_CASE(thunderbolt_adapter_is_not_built_in) {
  FakeRoot root("desktop");
  root.write("/sys/devices/pci0000:00/0000:00:1f.6/removable", "removable\n");
  for (const BoundFactor& factor : bind(root).factors)
    if (factor.kind == kind::kMac) BOOST_TEST(factor.tags.size() == 1u);
}

BOOST_AUTO_TEST_CASE(os_reinstall_stays_the_same_machine) {
  FakeRoot root("desktop");
  const BoundHardware bound = bind(root);
  root.reinstall_os();
  expect_outcome(match(root, bound), MatchOutcome::kOk, 700);
}

BOOST_AUTO_TEST_CASE(bound_as_root_and_run_as_user) {
  const BoundHardware bound = bind(FakeRoot("desktop", Rights::kRoot));
  const HardwareMatch as_user = match(FakeRoot("desktop", Rights::kUser), bound);
  expect_outcome(as_user, MatchOutcome::kOk, 740);
  BOOST_TEST((state(as_user, kind::kDmiUuid) == FactorState::kUnknown));
}

BOOST_AUTO_TEST_CASE(another_machine_is_a_mismatch) {
  const BoundHardware bound = bind(FakeRoot("desktop"));
  for (const char* name : {"server", "arm", "kvm", "wsl2", "container", "microvm"})
    BOOST_TEST(static_cast<int>(match(FakeRoot(name), bound).outcome) ==
               static_cast<int>(MatchOutcome::kMismatch));
}

BOOST_AUTO_TEST_CASE(one_disk_of_a_mirror_may_be_replaced) {
  FakeRoot root("server");
  const BoundHardware bound = bind(root);
  const std::string disk = "/sys/devices/pci0000:40/0000:40:03.1/ata1/host0/target0:0:0/0:0:0:0";
  root.write(disk + "/vpd_pg80", std::string("\0\x80\0\x08ZA99C001", 12));
  root.write(disk + "/wwid", "naa.5000c500dfffff1\n");
  BOOST_TEST((state(match(root, bound), kind::kDisk) == FactorState::kMatch));
}

BOOST_AUTO_TEST_CASE(root_file_system_is_found_in_every_place) {
  constexpr const char* kUuid = "e83f0c52-6d19-47ab-b50e-9a41d7c6f218";
  FakeRoot root("microvm", Rights::kRoot);
  const BoundHardware from_superblock = bind(root);
  root.write("/proc/cmdline", std::string("root=UUID=") + kUuid + " ro\n");
  const BoundHardware from_cmdline = bind(root);
  BOOST_TEST((state(match(root, from_superblock), kind::kRootFs) == FactorState::kMismatch));
  root.write("/proc/cmdline", "root=/dev/vda\n");
  root.link(std::string("/dev/disk/by-uuid/") + kUuid, "../../vda");
  BOOST_TEST((state(match(root, from_cmdline), kind::kRootFs) == FactorState::kMatch));
  root.remove("/dev/disk");
  root.write("/run/udev/data/b254:0", std::string("E:ID_FS_UUID=") + kUuid + "\n");
  BOOST_TEST((state(match(root, from_cmdline), kind::kRootFs) == FactorState::kMatch));
}

BOOST_AUTO_TEST_CASE(usb_and_removable_root_disks_are_refused) {
  FakeRoot root("desktop");
  root.write("/sys/devices/pci0000:00/0000:00:06.0/0000:01:00.0/nvme/nvme0/nvme0n1/removable", "1\n");
  BOOST_TEST((reading(*probe(root), kind::kDisk) == FactorReading::kRejected));
  FakeRoot stick("microvm");
  stick.link("/sys/dev/block/254:0",
             "../../devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/host0/block/sda");
  stick.link("/sys/class/block/sda",
             "../../devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/host0/block/sda");
  stick.write("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/host0/block/sda/serial",
              "4C530001231120115142\n");
  BOOST_TEST(report_of(*probe(stick), kind::kDisk).reason == "removable or virtual");
}

BOOST_AUTO_TEST_CASE(stacked_devices_that_form_a_circle_end) {
  FakeRoot root("desktop");
  root.remove("/sys/devices/virtual/block/dm-0/slaves");
  root.link("/sys/devices/virtual/block/dm-0/slaves/dm-0", "../../dm-0");
  BOOST_TEST((reading(*probe(root), kind::kDisk) != FactorReading::kReadable));
}

BOOST_AUTO_TEST_CASE(file_systems_without_a_disk) {
  FakeRoot root("desktop");
  for (const char* line : {"27 1 0:30 / / rw - zfs rpool/ROOT rw\n", "27 1 0:31 / / rw - nfs4 nas:/root rw\n",
                           "27 1 0:32 / / rw - overlay overlay rw,lowerdir=/run/live/rootfs\n"}) {
    root.write("/proc/self/mountinfo", line);
    const auto device = probe(root);
    BOOST_TEST((reading(*device, kind::kDisk) == FactorReading::kRejected));
    BOOST_TEST((reading(*device, kind::kRootFs) == FactorReading::kRejected));
    BOOST_TEST(device->environment().container == "");
  }
}

BOOST_AUTO_TEST_CASE(containers_are_recognised) {
  const auto container_with = [](const std::string& path, std::string_view content) {
    FakeRoot root("container", Rights::kRoot);
    root.remove("/.dockerenv");
    root.write("/proc/self/mountinfo", "8 6 0:61 / / rw - overlay overlay rw,lowerdir=/x\n");
    root.write(path, content);
    return probe(root)->environment().container;
  };
  BOOST_TEST(container_with("/.dockerenv", "") == "docker");
  BOOST_TEST(container_with("/run/.containerenv", "engine=\"podman-4.3.1\"\n") == "podman");
  BOOST_TEST(container_with("/run/systemd/container", "systemd-nspawn\n") == "systemd-nspawn");
  BOOST_TEST(
      container_with("/proc/1/cgroup", "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-2.scope\n") ==
      "kubernetes");
  BOOST_TEST(container_with("/proc/1/cgroup", "12:memory:/docker/3f4a\n") == "docker");
  BOOST_TEST(container_with("/proc/1/environ", std::string("PATH=/bin\0container=lxc\0", 24)) == "lxc");
  BOOST_TEST(container_with("/proc/self/mountinfo",
                            "8 6 0:61 / / rw - overlay overlay rw,lowerdir=/var/lib/containerd/s/1/fs\n") ==
             "containerd");
  BOOST_TEST(container_with("/proc/version", "") == "");
}

BOOST_AUTO_TEST_CASE(system_container_keeps_its_installation) {
  FakeRoot root("container");
  root.write("/run/systemd/container", "lxc\n");
  BOOST_TEST((reading(*probe(root), kind::kMachineId) == FactorReading::kReadable));
}

BOOST_AUTO_TEST_CASE(xen_control_domain_is_no_guest) {
  FakeRoot root("desktop");
  root.write("/sys/hypervisor/type", "xen\n");
  BOOST_TEST(probe(root)->environment().vm == "xen");
  root.write("/proc/xen/capabilities", "control_d\n");
  BOOST_TEST(probe(root)->environment().vm == "");
}

BOOST_AUTO_TEST_CASE(empty_machine_is_absent_not_an_error) {
  FakeRoot root("desktop");
  for (const char* part : {"/sys", "/proc", "/etc", "/run", "/.fake"}) root.remove(part);
  const auto device = probe(root);
  BOOST_TEST(readable(*device).empty());
  BOOST_TEST(static_cast<int>(device->report().strength) == static_cast<int>(Strength::kNone));
  BOOST_TEST(device->bind("product", kSalt).factors.empty());
}

BOOST_AUTO_TEST_CASE(placeholders_are_unknown_never_a_value) {
  FakeRoot root("desktop", Rights::kRoot);
  const BoundHardware bound = bind(root);
  root.write("/sys/class/dmi/id/product_uuid", "ffffffff-ffff-ffff-ffff-ffffffffffff\n");
  root.write("/sys/class/dmi/id/product_serial", "To be filled by O.E.M.\n");
  root.write("/sys/class/dmi/id/board_serial", "Default string\n");
  const HardwareMatch again = match(root, bound);
  BOOST_TEST((state(again, kind::kDmiUuid) == FactorState::kUnknown));
  BOOST_TEST((state(again, kind::kSerial) == FactorState::kUnknown));
}

BOOST_AUTO_TEST_CASE(links_do_not_leave_the_root) {
  FakeRoot root("microvm");
  root.link("/etc/machine-id", "/../../../../proc/self/status");
  BOOST_TEST((reading(*probe(root), kind::kMachineId) == FactorReading::kAbsent));
  root.write("/var/here", "4be1c5d09f3a4e6f8a7d2c91b0e3f574\n");
  root.link("/etc/machine-id", "/var/here");
  BOOST_TEST((reading(*probe(root), kind::kMachineId) == FactorReading::kReadable));
}

BOOST_AUTO_TEST_CASE(this_machine_can_be_probed) {
  const auto factors = make_device_probe({})->probe();
  BOOST_REQUIRE(factors.ok());
  BOOST_TEST(factors.value()->report().factors.size() == scheme_kinds().size());
  BOOST_TEST(factors.value()->legacy_digest().size() == 64u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
