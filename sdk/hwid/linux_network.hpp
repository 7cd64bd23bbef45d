// Network adapters.
#pragma once

#include "hwid/linux_host.hpp"

namespace tessera::hwid {

/// Offers mac: permanent addresses of PCI and platform adapters, up or down alike. Collects the current
/// address of every interface for the legacy digest.
void read_network(const LinuxHost& host, RawDevice& device);

}  // namespace tessera::hwid
