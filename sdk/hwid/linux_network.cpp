#include "hwid/linux_network.hpp"

#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

/// On the board: not USB, not virtual (those have no device), not behind a Thunderbolt dock.
bool is_built_in(const LinuxHost& host, const std::string& interface) {
  const std::string bus = base_name(host.link(interface + "/device/subsystem"));
  if (bus != "pci" && bus != "platform") return false;
  return trim_ascii(host.read(interface + "/device/removable").text.view()) != "removable";
}

}  // namespace

void read_network(const LinuxHost& host, RawDevice& device) {
  for (const std::string& name : host.list("/sys/class/net")) {
    const std::string interface = "/sys/class/net/" + name;
    if (!host.exists(interface + "/address")) continue;  // "bonding_masters" is a plain file
    const std::optional<MacAddress> current =
        parse_mac(trim_ascii(host.read(interface + "/address").text.view()));
    device.interface_macs.push_back(mac_text(current.value_or(MacAddress{})));
    if (!is_built_in(host, interface)) continue;
    const std::optional<MacAddress> permanent = host.permanent_mac(name);
    if (permanent) device.offer(kind::kMac, normalize_mac(*permanent));
  }
}

}  // namespace tessera::hwid
