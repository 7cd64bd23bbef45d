#include "hwid/linux_host.hpp"

#include <dirent.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <memory>

#include "base/unique_fd.hpp"

#ifdef TESSERA_TESTING
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <stdexcept>

#include "base/testing.hpp"
#include "text/utf8.hpp"
#endif

namespace tessera::hwid {

namespace {

constexpr size_t kMaxNames = 1024;

Content failure(int error_number) {
  return error_number == EACCES || error_number == EPERM ? Content::no_permission() : Content::absent();
}

/// Reads up to kReadLimit bytes from the current position. What follows is of no interest.
Content read_some(int fd) {
  char buffer[kReadLimit];
  size_t filled = 0;
  int error_number = 0;
  while (filled < sizeof buffer) {
    const ssize_t count =
        retry_interrupted([&] { return ::read(fd, buffer + filled, sizeof buffer - filled); });
    if (count < 0) error_number = errno;
    if (count <= 0) break;
    filled += static_cast<size_t>(count);
  }
  Content content =
      filled == 0 && error_number != 0 ? failure(error_number) : Content::readable(RawText({buffer, filled}));
  wipe(buffer, filled);
  return content;
}

}  // namespace

#ifdef TESSERA_TESTING
LinuxHost::LinuxHost() {
  const std::string root = testing::hardware_root();
  if (root.empty()) return;
  root_ = ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root_ < 0) throw std::runtime_error("the hardware root of this test can't be opened");
  const Content list = read("/.fake/unreadable");
  std::string_view rest = list.text.view();
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    unreadable_.emplace_back(trim_ascii(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

LinuxHost::~LinuxHost() {
  if (root_ >= 0) ::close(root_);
}

int LinuxHost::open(const std::string& path, int flags) const {
  if (root_ < 0) return ::open(path.c_str(), flags | O_CLOEXEC);
  if (std::ranges::find(unreadable_, path) != unreadable_.end()) {
    errno = EACCES;
    return -1;
  }
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT;
  return static_cast<int>(::syscall(SYS_openat2, root_, path.c_str(), &how, sizeof how));
}
#else
LinuxHost::LinuxHost() = default;
LinuxHost::~LinuxHost() = default;

int LinuxHost::open(const std::string& path, int flags) const {
  return ::open(path.c_str(), flags | O_CLOEXEC);
}
#endif

Content LinuxHost::read(const std::string& path) const {
  const UniqueFd file(open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) return failure(errno);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return failure(errno);
  if (!S_ISREG(info.st_mode)) return Content::rejected("not a regular file");
  return read_some(file.get());
}

Content LinuxHost::read_device(const std::string& path, int64_t offset) const {
  const UniqueFd file(open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) return failure(errno);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return failure(errno);
  if (!S_ISBLK(info.st_mode) && !S_ISREG(info.st_mode)) return Content::rejected("not a disk");
  if (::lseek(file.get(), offset, SEEK_SET) != offset) return Content::absent();
  return read_some(file.get());
}

std::vector<std::string> LinuxHost::list(const std::string& path) const {
  UniqueFd directory(open(path, O_RDONLY | O_DIRECTORY));
  if (!directory.valid()) return {};
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(directory.get()), ::closedir);
  if (!stream) return {};
  directory.release();
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (entry->d_name[0] != '.' && names.size() < kMaxNames) names.emplace_back(entry->d_name);
  }
  std::ranges::sort(names);
  return names;
}

std::string LinuxHost::link(const std::string& path) const {
  const UniqueFd file(open(path, O_PATH | O_NOFOLLOW));
  if (!file.valid()) return {};
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(file.get(), "", target, sizeof target);
  return length > 0 ? std::string(target, static_cast<size_t>(length)) : std::string();
}

bool LinuxHost::exists(const std::string& path) const { return UniqueFd(open(path, O_PATH)).valid(); }

std::optional<MacAddress> LinuxHost::permanent_mac(const std::string& interface) const {
#ifdef TESSERA_TESTING
  if (root_ >= 0) return parse_mac(trim_ascii(read("/.fake/permaddr/" + interface).text.view()));
#endif
  // Any socket reaches the network device layer; a local one works where internet sockets are forbidden.
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid() || interface.size() >= IFNAMSIZ) return std::nullopt;
  MacAddress mac{};
  constexpr uint32_t kRoom = 32;  // MAX_ADDR_LEN of the kernel
  alignas(ethtool_perm_addr) unsigned char buffer[sizeof(ethtool_perm_addr) + kRoom] = {};
  ethtool_perm_addr query{};
  query.cmd = ETHTOOL_GPERMADDR;
  query.size = kRoom;
  std::memcpy(buffer, &query, sizeof query);
  ifreq request{};
  interface.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(buffer);
  if (::ioctl(socket.get(), SIOCETHTOOL, &request) != 0) return std::nullopt;
  std::memcpy(&query, buffer, sizeof query);
  if (query.size != mac.size()) return std::nullopt;
  std::memcpy(mac.data(), buffer + sizeof query, mac.size());
  return mac;
}

std::string base_name(std::string_view path) { return std::string(path.substr(path.find_last_of('/') + 1)); }

}  // namespace tessera::hwid
