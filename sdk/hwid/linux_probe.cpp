// Linux: sysfs, procfs and one ioctl. Works for any user; what only root may read is then unreadable.
#include <algorithm>

#include "hwid/linux_environment.hpp"
#include "hwid/linux_host.hpp"
#include "hwid/linux_network.hpp"
#include "hwid/linux_storage.hpp"
#include "hwid/linux_text.hpp"
#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

constexpr size_t kMaxLegacyCpus = 4096;

Firmware read_dmi(const LinuxHost& host) {
  const auto read = [&](const char* name) { return host.read(std::string("/sys/class/dmi/id/") + name); };
  return {.system_vendor = read("sys_vendor"),
          .product_name = read("product_name"),
          .product_serial = read("product_serial"),
          .product_uuid = read("product_uuid"),
          .board_vendor = read("board_vendor"),
          .board_name = read("board_name"),
          .board_serial = read("board_serial"),
          .board_asset_tag = read("board_asset_tag")};
}

void read_device_tree(const LinuxHost& host, RawDevice& device) {
  device.offer(kind::kDtSerial, host.read("/sys/firmware/devicetree/base/serial-number"), normalize_serial);
  device.offer(kind::kModel, host.read("/sys/firmware/devicetree/base/model"), normalize_serial);
}

/// The D-Bus copy counts only where the first file gives nothing.
void read_machine_id(const LinuxHost& host, RawDevice& device) {
  for (const char* path : {"/etc/machine-id", "/var/lib/dbus/machine-id"}) {
    const Content content = host.read(path);
    device.offer(kind::kMachineId, content, normalize_machine_id);
    if (content.reading == FactorReading::kReadable &&
        normalize_machine_id(content.text.view()).rejection.empty())
      return;
  }
}

void read_cpu(const LinuxHost& host, std::string_view cpuinfo, RawDevice& device) {
  const std::string identity = cpu_identity(cpuinfo);
  if (!identity.empty()) device.offer(kind::kCpu, Normalized{RawText(identity), {}});
  const Content online = host.read("/sys/devices/system/cpu/online");
  const size_t count = std::clamp<size_t>(count_cpus(online.text.view()), 1, kMaxLegacyCpus);
  for (size_t i = 0; i < count; ++i) device.cpu_names.emplace_back(line_value(cpuinfo, "model name", ':'));
}

/// Installation-bound identifiers, unless a container makes them live and die with it.
void read_installation(const LinuxHost& host, const std::optional<RootMount>& root, RawDevice& device) {
  if (!keeps_os_identity(device.environment.container)) {
    for (const std::string_view kind : {kind::kMachineId, kind::kRootFs, kind::kDisk})
      device.explain(kind, FactorReading::kRejected, "inside a container");
    return;
  }
  read_machine_id(host, device);
  if (!root) return;
  read_disks(host, *root, device);
  read_root_fs(host, *root, device);
}

}  // namespace

RawDevice read_device() {
  const LinuxHost host;
  RawDevice device;
  const Firmware firmware = read_dmi(host);
  const Content cpuinfo = host.read("/proc/cpuinfo");
  const Content mounts = host.read("/proc/self/mountinfo");
  const std::optional<RootMount> root = parse_root_mount(mounts.text.view());
  device.environment = read_environment(host, firmware, cpuinfo.text.view(), root);
  add_firmware(device, firmware);
  read_device_tree(host, device);
  read_cpu(host, cpuinfo.text.view(), device);
  read_network(host, device);
  read_installation(host, root, device);
  return device;
}

}  // namespace tessera::hwid
