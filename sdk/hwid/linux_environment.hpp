// Virtual machine and container detection.
#pragma once

#include <optional>

#include "hwid/firmware.hpp"
#include "hwid/linux_host.hpp"
#include "hwid/linux_text.hpp"

namespace tessera::hwid {

Environment read_environment(const LinuxHost& host, const Firmware& firmware, std::string_view cpuinfo,
                             const std::optional<RootMount>& root);

/// True when the operating system inside `container` is an installation of its own that outlives a restart
/// (LXC, nspawn, WSL). Application containers come and go, and their machine-id and root file system with
/// them.
bool keeps_os_identity(std::string_view container);

}  // namespace tessera::hwid
