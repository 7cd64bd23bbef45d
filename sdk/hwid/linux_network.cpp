#include "hwid/linux_network.hpp"

#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

constexpr std::string_view kInterfaces = "/sys/class/net/";

std::string interface_path(std::string_view name, std::string_view entry) {
  return std::string(kInterfaces).append(name).append(entry);
}

/// On the board: not USB, not virtual (those have no device), not behind a Thunderbolt dock.
bool is_built_in(const LinuxHost& host, const std::string& name) {
  const std::string bus = base_name(host.link(interface_path(name, "/device/subsystem")));
  if (bus != "pci" && bus != "platform") return false;
  return trim_ascii(host.read(interface_path(name, "/device/removable")).text.view()) != "removable";
}

}  // namespace

void offer_built_in_macs(const LinuxHost& host, RawDevice& device) {
  for (const std::string& name : host.list(std::string(kInterfaces))) {
    if (!is_built_in(host, name)) continue;
    const std::optional<MacAddress> permanent = host.permanent_mac(name);
    if (permanent) device.offer(kind::kMac, normalize_mac(*permanent));
  }
}

void read_interface_macs(const LinuxHost& host, RawDevice& device) {
  for (const std::string& name : host.list(std::string(kInterfaces))) {
    const Content address = host.read(interface_path(name, "/address"));
    if (address.reading != FactorReading::kReadable) continue;  // "bonding_masters" is a plain file
    device.interface_macs.push_back(
        mac_text(parse_mac(trim_ascii(address.text.view())).value_or(MacAddress{})));
  }
}

}  // namespace tessera::hwid
