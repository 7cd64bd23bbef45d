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

/// The D-Bus copy counts only where the first file gives nothing.
void offer_machine_id(const LinuxHost& host, RawDevice& device) {
  for (const char* path : {"/etc/machine-id", "/var/lib/dbus/machine-id"}) {
    const Content content = host.read(path);
    device.offer(kind::kMachineId, content, normalize_machine_id);
    if (content.reading == FactorReading::kReadable &&
        normalize_machine_id(content.text.view()).rejection.empty())
      return;
  }
}

void offer_cpu(std::string_view cpuinfo, RawDevice& device) {
  const std::string identity = cpu_identity(cpuinfo);
  if (!identity.empty()) device.offer(kind::kCpu, Normalized{RawText(identity), {}});
}

/// One name per logical CPU. All CPUs of a machine have the same, so the first entry of the bounded text is
/// enough.
void read_cpu_names(const LinuxHost& host, std::string_view cpuinfo, RawDevice& device) {
  const Content online = host.read("/sys/devices/system/cpu/online");
  const size_t count = std::clamp<size_t>(count_cpus(online.text.view()), 1, kMaxLegacyCpus);
  for (size_t i = 0; i < count; ++i) device.cpu_names.emplace_back(line_value(cpuinfo, "model name", ':'));
}

void offer_model(const LinuxHost& host, const Firmware& firmware, RawDevice& device) {
  offer_board_model(device, firmware);
  device.offer(kind::kModel, host.read("/sys/firmware/devicetree/base/model"), normalize_serial);
}

void offer_storage(const LinuxHost& host, const std::optional<RootMount>& root, RawDevice& device) {
  if (!root) return;
  offer_root_fs(host, *root, device);
  // WSL attaches its virtual disk anew, under another name, at every start.
  if (device.environment.container == "wsl")
    device.explain(kind::kDisk, FactorReading::kRejected, "removable or virtual");
  else
    offer_disks(host, *root, device);
}

void offer_identity(const LinuxHost& host, const Firmware& firmware, const std::optional<RootMount>& root,
                    RawDevice& device) {
  offer_firmware_ids(device, firmware);
  device.offer(kind::kDtSerial, host.read("/sys/firmware/devicetree/base/serial-number"), normalize_serial);
  offer_built_in_macs(host, device);
  offer_machine_id(host, device);
  offer_storage(host, root, device);
}

/// An application container is started anywhere and any number of times: neither its own ids nor those of the
/// machine below it last.
void refuse_identity(RawDevice& device) {
  for (const KindInfo& info : scheme_kinds())
    if (info.cls != FactorClass::kModel)
      device.explain(info.name, FactorReading::kRejected, "inside a container");
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
  offer_cpu(cpuinfo.text.view(), device);
  offer_model(host, firmware, device);
  if (keeps_os_identity(device.environment.container))
    offer_identity(host, firmware, root, device);
  else
    refuse_identity(device);
  read_cpu_names(host, cpuinfo.text.view(), device);
  read_interface_macs(host, device);
  return device;
}

}  // namespace tessera::hwid
