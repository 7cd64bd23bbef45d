// A machine for the hardware probe: an editable copy of one of tests/data/roots.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "temp_dir.hpp"

namespace tessera::test {

enum class Rights { kRoot, kUser };

class FakeRoot {
 public:
  /// `name` is desktop, server, arm, kvm, wsl2, container or microvm.
  explicit FakeRoot(const std::string& name, Rights rights = Rights::kUser) {
    namespace fs = std::filesystem;
    fs::copy(fs::path(TESSERA_TEST_DATA) / "roots" / name, directory_.path(),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    if (rights == Rights::kRoot) remove("/.fake/unreadable");
  }

  std::string path() const { return directory_.path().string(); }

  /// Creates or replaces; `path` is absolute inside the machine. A symbolic link there is replaced, not
  /// followed.
  void write(const std::string& path, std::string_view content) {
    std::ofstream(make_room(path), std::ios::binary) << content;
  }
  void link(const std::string& path, const std::string& target) {
    std::filesystem::create_symlink(target, make_room(path));
  }
  void make_directory(const std::string& path) { std::filesystem::create_directory(make_room(path)); }
  void remove(const std::string& path) { std::filesystem::remove_all(inside(path)); }
  std::filesystem::path inside(const std::string& path) const { return directory_.path() / path.substr(1); }

  /// What a fresh installation changes: machine id and root file system.
  void reinstall_os() {
    write("/etc/machine-id", "70c4e9b15ad24f8c93e60b1df8a72635\n");
    const std::string_view uuid = "E:ID_FS_UUID=e83f0c52-6d19-47ab-b50e-9a41d7c6f218\n";
    for (const auto& entry : std::filesystem::directory_iterator(inside("/run/udev/data")))
      std::ofstream(entry.path(), std::ios::binary) << uuid;
  }

 private:
  std::filesystem::path make_room(const std::string& path) {
    const std::filesystem::path target = inside(path);
    std::filesystem::create_directories(target.parent_path());
    std::filesystem::remove_all(target);
    return target;
  }

  TempDir directory_;
};

}  // namespace tessera::test
