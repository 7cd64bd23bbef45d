// Network adapters.
#pragma once

#include "hwid/linux_host.hpp"

namespace tessera::hwid {

/// Offers mac: permanent addresses of PCI and platform adapters, up or down alike.
void offer_built_in_macs(const LinuxHost& host, RawDevice& device);

/// Collects the current address of every interface, loopback and virtual ones too, for the legacy digest.
void read_interface_macs(const LinuxHost& host, RawDevice& device);

}  // namespace tessera::hwid
