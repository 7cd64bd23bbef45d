#include "hwid/linux_storage.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

constexpr size_t kMaxBlockDevices = 64;
constexpr std::string_view kBlock = "/sys/class/block/";

std::string block_path(std::string_view name, std::string_view entry = {}) {
  return std::string(kBlock).append(name).append(entry);
}

/// The kernel's name of the device that holds `mount`; empty for overlay, zfs and network file systems.
std::string block_name(const LinuxHost& host, const RootMount& mount) {
  if (!mount.device.starts_with("0:")) {
    const std::string link = host.link("/sys/dev/block/" + mount.device);
    if (!link.empty()) return base_name(link);
  }
  if (!mount.source.starts_with("/dev/")) return {};
  const std::string mapped = host.link(mount.source);
  const std::string name = base_name(mapped.empty() ? mount.source : mapped);
  return host.exists(block_path(name)) ? name : std::string();
}

/// Follows partitions to their disk and stacked devices to what they stand on.
void collect_disks(const LinuxHost& host, const std::string& name, std::vector<std::string>& seen,
                   std::vector<std::string>& disks) {
  if (seen.size() >= kMaxBlockDevices || std::ranges::find(seen, name) != seen.end()) return;
  seen.push_back(name);
  if (host.exists(block_path(name, "/partition"))) {
    const std::string path = host.link(block_path(name));
    const size_t slash = path.find_last_of('/');
    if (slash != std::string::npos) collect_disks(host, base_name(path.substr(0, slash)), seen, disks);
    return;
  }
  const std::vector<std::string> slaves = host.list(block_path(name, "/slaves"));
  for (const std::string& slave : slaves) collect_disks(host, slave, seen, disks);
  if (slaves.empty()) disks.push_back(name);
}

/// A disk that people carry from machine to machine, or none at all.
bool is_foreign(const LinuxHost& host, const std::string& name) {
  constexpr std::string_view kVirtual[] = {"loop", "zram", "ram", "nbd", "sr", "fd"};
  if (std::ranges::any_of(kVirtual, [&](std::string_view prefix) { return name.starts_with(prefix); }))
    return true;
  if (host.link(block_path(name)).find("/usb") != std::string::npos) return true;
  if (trim_ascii(host.read(block_path(name, "/removable")).text.view()) == "1") return true;
  return trim_ascii(host.read(block_path(name, "/device/type")).text.view()) == "SD";
}

void offer_disk(const LinuxHost& host, const std::string& name, RawDevice& device) {
  if (is_foreign(host, name))
    return device.explain(kind::kDisk, FactorReading::kRejected, "removable or virtual");
  for (const std::string_view entry : {"/serial", "/device/serial", "/wwid", "/device/wwid", "/device/cid"})
    device.offer(kind::kDisk, host.read(block_path(name, entry)), normalize_disk_id);
  device.offer(kind::kDisk, host.read(block_path(name, "/device/vpd_pg80")),
               [](std::string_view page) { return normalize_disk_id(vpd_serial(page)); });
}

RawText uuid_from_udev(const LinuxHost& host, const std::string& name) {
  const Content number = host.read(block_path(name, "/dev"));
  const Content data = host.read("/run/udev/data/b" + std::string(trim_ascii(number.text.view())));
  return RawText(line_value(data.text.view(), "E:ID_FS_UUID", '='));
}

RawText uuid_from_links(const LinuxHost& host, const std::string& name) {
  const std::string directory = "/dev/disk/by-uuid/";
  for (const std::string& uuid : host.list(directory))
    if (base_name(host.link(directory + uuid)) == name) return RawText(uuid);
  return RawText();
}

RawText uuid_from_btrfs(const LinuxHost& host, const std::string& name) {
  const std::string directory = "/sys/fs/btrfs/";
  for (const std::string& uuid : host.list(directory))
    if (host.exists(std::string(directory).append(uuid).append("/devices/").append(name)))
      return RawText(uuid);
  return RawText();
}

RawText uuid_from_cmdline(const LinuxHost& host, const std::string& /*name*/) {
  return RawText(root_uuid_of(host.read("/proc/cmdline").text.view()));
}

}  // namespace

void offer_disks(const LinuxHost& host, const RootMount& mount, RawDevice& device) {
  const std::string name = block_name(host, mount);
  if (name.empty()) return device.explain(kind::kDisk, FactorReading::kRejected, "/ is not on a disk");
  std::vector<std::string> seen;
  std::vector<std::string> disks;
  collect_disks(host, name, seen, disks);
  for (const std::string& disk : disks) offer_disk(host, disk, device);
}

void offer_root_fs(const LinuxHost& host, const RootMount& mount, RawDevice& device) {
  const std::string name = block_name(host, mount);
  if (name.empty()) return device.explain(kind::kRootFs, FactorReading::kRejected, "/ is not on a disk");
  for (const auto source : {uuid_from_udev, uuid_from_links, uuid_from_btrfs, uuid_from_cmdline}) {
    const RawText uuid = source(host, name);
    if (!uuid.empty()) return device.offer(kind::kRootFs, normalize_uuid(uuid.view()));
  }
  const Content head = host.read_device("/dev/" + name, 0);
  if (head.reading != FactorReading::kReadable)
    return device.explain(kind::kRootFs, head.reading, head.reason);
  const Content at_64k = host.read_device("/dev/" + name, 65536);
  const RawText uuid = superblock_uuid(head.text.view(), at_64k.text.view());
  if (uuid.empty())
    return device.explain(kind::kRootFs, FactorReading::kRejected, "file system without UUID");
  device.offer(kind::kRootFs, normalize_uuid(uuid.view()));
}

}  // namespace tessera::hwid
