// The little that the Linux probe needs of the system: bounded reads that never block, directory names,
// symbolic links and permanent MAC addresses.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwid/raw_device.hpp"

namespace tessera::hwid {

inline constexpr size_t kReadLimit = 4096;

/// In a testing build every path is resolved inside testing::hardware_root(), symbolic links too, when that
/// is set. There `.fake/permaddr/<interface>` holds permanent MACs and `.fake/unreadable` lists paths without
/// permission.
class LinuxHost {
 public:
  LinuxHost();
  LinuxHost(const LinuxHost&) = delete;
  LinuxHost& operator=(const LinuxHost&) = delete;
  ~LinuxHost();

  /// The first kReadLimit bytes of a regular file; a FIFO, directory or device is refused without waiting for
  /// it.
  Content read(const std::string& path) const;
  /// kReadLimit bytes at `offset` of a block device or disk image.
  Content read_device(const std::string& path, int64_t offset) const;
  /// Names in a directory, sorted, at most 1024.
  std::vector<std::string> list(const std::string& path) const;
  /// Where a symbolic link points; empty when it is none.
  std::string link(const std::string& path) const;
  bool exists(const std::string& path) const;
  std::optional<MacAddress> permanent_mac(const std::string& interface) const;

 private:
  int open(const std::string& path, int flags) const;

#ifdef TESSERA_TESTING
  int root_ = -1;
  std::vector<std::string> unreadable_;
#endif
};

/// The part after the last slash.
std::string base_name(std::string_view path);

}  // namespace tessera::hwid
