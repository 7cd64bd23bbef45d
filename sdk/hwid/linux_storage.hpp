// The disks and the file system behind "/".
#pragma once

#include "hwid/linux_host.hpp"
#include "hwid/linux_text.hpp"

namespace tessera::hwid {

/// Offers disk: serials and world-wide names of the disks that back `mount`, through dm, LUKS, md and
/// partitions.
void offer_disks(const LinuxHost& host, const RootMount& mount, RawDevice& device);

/// Offers root_fs: from udev, /dev/disk, sysfs, the kernel command line or, where none of them tells, the
/// superblock.
void offer_root_fs(const LinuxHost& host, const RootMount& mount, RawDevice& device);

}  // namespace tessera::hwid
