#include "hwid/linux_text.hpp"

#include <array>
#include <charconv>

#include "hwid/normalize.hpp"
#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

/// Takes the text up to `separator`, and the separator, off the front of `rest`.
std::string_view take(std::string_view& rest, char separator) {
  const size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

bool parse_number(std::string_view text, uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool has_at(std::string_view data, size_t offset, std::string_view magic) {
  return data.size() >= offset + magic.size() && data.substr(offset, magic.size()) == magic;
}

RawText uuid_at(std::string_view data, size_t offset) {
  if (data.size() < offset + 16) return RawText();
  return uuid_text(as_bytes(data.substr(offset, 16)), /*little_endian=*/false);
}

}  // namespace

std::optional<RootMount> parse_root_mount(std::string_view mountinfo) {
  std::optional<RootMount> found;
  while (!mountinfo.empty()) {
    std::string_view line = take(mountinfo, '\n');
    take(line, ' ');  // mount id
    take(line, ' ');  // parent id
    const std::string_view device = take(line, ' ');
    const std::string_view root = take(line, ' ');
    if (take(line, ' ') != "/") continue;
    take(line, ' ');  // mount options
    while (!line.empty() && take(line, ' ') != "-") {
    }  // optional fields
    RootMount mount{std::string(device), std::string(root), {}, {}, {}};
    mount.fs_type = take(line, ' ');
    mount.source = take(line, ' ');
    mount.options = line;
    found = std::move(mount);  // a later mount lies over an earlier one
  }
  return found;
}

std::string_view line_value(std::string_view text, std::string_view key, char separator) {
  while (!text.empty()) {
    const std::string_view line = take(text, '\n');
    const size_t at = line.find(separator);
    if (at != std::string_view::npos && trim_ascii(line.substr(0, at)) == key)
      return trim_ascii(line.substr(at + 1));
  }
  return {};
}

std::string cpu_identity(std::string_view cpuinfo) {
  constexpr std::array<std::string_view, 3> kX86 = {"vendor_id", "cpu family", "model"};
  constexpr std::array<std::string_view, 3> kArm = {"CPU implementer", "CPU architecture", "CPU part"};
  for (const auto& keys : {kX86, kArm}) {
    if (line_value(cpuinfo, keys[0], ':').empty()) continue;
    std::string identity;
    for (const std::string_view key : keys) {
      if (!identity.empty()) identity += '|';
      identity += to_lower_ascii(line_value(cpuinfo, key, ':'));
    }
    return identity;
  }
  return {};
}

bool has_hypervisor_flag(std::string_view cpuinfo) {
  std::string_view flags = line_value(cpuinfo, "flags", ':');
  while (!flags.empty())
    if (take(flags, ' ') == "hypervisor") return true;
  return false;
}

size_t count_cpus(std::string_view list) {
  constexpr uint32_t kMaxCpu = 65535;
  size_t count = 0;
  list = trim_ascii(list);
  while (!list.empty()) {
    std::string_view range = take(list, ',');
    uint32_t first = 0;
    if (!parse_number(take(range, '-'), first)) return 0;
    uint32_t last = first;
    if (!range.empty() && !parse_number(range, last)) return 0;
    if (last < first || last > kMaxCpu) return 0;
    count += last - first + 1;
    if (count > kMaxCpu) return 0;
  }
  return count;
}

std::string_view root_uuid_of(std::string_view cmdline) {
  constexpr std::string_view kRoot = "root=UUID=";
  std::string_view uuid;
  cmdline = trim_ascii(cmdline);
  while (!cmdline.empty()) {
    const std::string_view word = take(cmdline, ' ');
    if (word.starts_with(kRoot)) uuid = word.substr(kRoot.size());  // the kernel takes the last one
  }
  return uuid;
}

RawText superblock_uuid(std::string_view head, std::string_view at_64k) {
  constexpr size_t kExt = 1024;
  if (has_at(head, kExt + 0x38, "\x53\xef")) return uuid_at(head, kExt + 0x68);
  if (has_at(head, 0, "XFSB")) return uuid_at(head, 32);
  if (has_at(at_64k, 0x40, "_BHRfS_M")) return uuid_at(at_64k, 0x20);
  return RawText();
}

std::string_view vpd_serial(std::string_view page) {
  if (page.size() < 4 || page[1] != '\x80') return {};
  const size_t length =
      static_cast<size_t>(static_cast<unsigned char>(page[2])) << 8 | static_cast<unsigned char>(page[3]);
  return page.substr(4, length);
}

}  // namespace tessera::hwid
