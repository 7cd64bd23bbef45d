// Readers of the text and binary formats that the Linux probe meets. Pure functions over untrusted bytes,
// which may end anywhere because reads are bounded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hwid/raw_text.hpp"

namespace tessera::hwid {

/// The mount that covers "/" in /proc/self/mountinfo.
struct RootMount {
  std::string device;   // "8:2"; major 0 is no disk of its own (btrfs, overlay, zfs)
  std::string root;     // what of the file system is mounted: "/", "/@", ...
  std::string fs_type;  // empty when the text ended before it
  std::string source;   // "/dev/sda2", "overlay", "rpool/root"
  std::string options;  // of the superblock
};
std::optional<RootMount> parse_root_mount(std::string_view mountinfo);

/// The first "key<blanks><separator><blanks>value" line, as in /proc/cpuinfo (':') and uevent ('=') files;
/// empty when there is none.
std::string_view line_value(std::string_view text, std::string_view key, char separator);

/// "vendor|family|model" of the first CPU on x86, "implementer|architecture|part" on ARM; empty when unknown.
std::string cpu_identity(std::string_view cpuinfo);
bool has_hypervisor_flag(std::string_view cpuinfo);

/// How many CPUs a list such as "0-3,6" names; 0 when it is malformed.
size_t count_cpus(std::string_view list);

/// The UUID of `root=UUID=...` on the kernel command line; empty when root is given in another way.
std::string_view root_uuid_of(std::string_view cmdline);

/// The UUID in an ext2/3/4 or XFS superblock (the device's first 4 KiB) or a btrfs one (4 KiB from 64 KiB
/// on).
RawText superblock_uuid(std::string_view head, std::string_view at_64k);

/// The unit serial number of SCSI page 0x80.
std::string_view vpd_serial(std::string_view page);

}  // namespace tessera::hwid
