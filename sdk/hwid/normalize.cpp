#include "hwid/normalize.hpp"

#include <algorithm>
#include <iterator>

#include "text/utf8.hpp"

namespace tessera::hwid {

namespace {

constexpr size_t kMaxSerial = 256;
constexpr std::string_view kHexDigits = "0123456789abcdef";

/// Machine ids that public images ship; every host made from them has the same one.
constexpr std::string_view kImageMachineIds[] = {
    "88544b92092430bc5d3fbbffc12a2f04",  // Debian 11.2 container image
    "85f94e57ab75f80918cab17d001eac85",  // Debian 11.1 container image
    "0123456789abcdef0123456789abcdef",
    "deadbeefdeadbeefdeadbeefdeadbeef",
};

/// UUIDs that board vendors left in firmware.
constexpr std::string_view kSharedUuids[] = {
    "03000200-0400-0500-0006-000700080009",  // AMI default
    "00020003-0004-0005-0006-000700080009",  // the same in the other byte order
    "03020100-0504-0706-0809-0a0b0c0d0e0f",  // counting bytes
    "00010203-0405-0607-0809-0a0b0c0d0e0f",  //
    "10000000-0000-8000-0040-000000000000",  //
    "fefefefe-fefe-fefe-fefe-fefefefefefe",  //
    "12345678-1234-5678-90ab-cddeefaabbcc",  //
    "78563412-3412-7856-90ab-cddeefaabbcc",  // the same in the other byte order
    "8a95d198-7f46-11e5-bf8b-08002704d48e",  // SolidRun LX2160A, all boards
};

constexpr std::string_view kPlaceholderSerials[] = {
    "to be filled by o.e.m.",
    "to be filled by o.e.m",
    "to be filled by oem",
    "filled by oem",
    "default string",
    "default",
    "system serial number",
    "base board serial number",
    "board serial number",
    "chassis serial number",
    "serial number",
    "system manufacturer",
    "system product name",
    "none",
    "null",
    "not specified",
    "not settable",
    "not applicable",
    "not available",
    "not provided",
    "n/a",
    "na",
    "unknown",
    "undefined",
    "invalid",
    "empty",
    "oem",
    "o.e.m.",
    "0123456789",
    "1234567890",
    "123456789",
    "12345678",
};

/// Disk names that a hypervisor or cloud gives to all its guests.
constexpr std::string_view kSharedDiskMarks[] = {
    "qemu harddisk", "qemu_harddisk",   "qm0000",         "drive-scsi", "drive-virtio",   "drive-ide",
    "drive-sata",    "persistent-disk", "persistentdisk", "nvme_card",  "vmware virtual", "virtual hd",
};

/// Address prefixes of hypervisors, VPN clients and other software adapters, as hex digits. Those with the
/// locally-administered bit (QEMU 52:54:00, Docker 02:42) need no entry.
constexpr std::string_view kVirtualPrefixes[] = {
    "000569",       "000c29", "001c14", "005056",  // VMware
    "080027",                                      // VirtualBox
    "00155d",       "0003ff",                      // Hyper-V, Virtual PC
    "00163e",                                      // Xen
    "001c42",                                      // Parallels
    "001851",                                      // OpenVZ
    "001a4a",                                      // oVirt
    "000f4b",                                      // Oracle VM
    "506b8d",                                      // Nutanix
    "589cfc",                                      // bhyve
    "00ff",                                        // TAP-Windows
    "00059a",                                      // Cisco AnyConnect
    "00090ffe",                                    // FortiClient
    "acde48001122",                                // Apple's internal bridge, the same on every Mac
};

/// Hypervisors fill in names ("rootfs", "disk0") where a serial number would stand; a serial has more digits.
constexpr int kLeastDiskDigits = 3;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_hex(char c) { return kHexDigits.find(c) != std::string_view::npos; }

template <class Range>
bool one_repeated(const Range& text) {
  return std::ranges::adjacent_find(text, std::ranges::not_equal_to{}) == std::ranges::end(text);
}

bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); }

Normalized reject(std::string_view reason) { return {RawText(), reason}; }

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Lower case, trimmed, runs of spaces and NUL padding as one space. Empty when a control character is
/// inside.
RawText fold_text(std::string_view text) {
  RawText folded;
  folded.reserve(text.size());
  bool gap = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0') {
      gap = !folded.empty();
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return RawText();
    if (gap) folded.append(' ');
    gap = false;
    folded.append(fold(c));
  }
  return folded;
}

/// Letters and digits decide: "0000-0000", "........" and "XXXXXXXX" say nothing.
bool is_placeholder(std::string_view folded) {
  if (std::ranges::find(kPlaceholderSerials, folded) != std::end(kPlaceholderSerials)) return true;
  RawText significant;
  significant.reserve(folded.size());
  std::ranges::for_each(folded, [&](char c) {
    if (is_alnum(c) || (static_cast<unsigned char>(c) & 0x80) != 0) significant.append(c);
  });
  return one_repeated(significant.view());
}

void append_hex(RawText& text, uint8_t byte) {
  text.append(kHexDigits[byte >> 4]);
  text.append(kHexDigits[byte & 15]);
}

}  // namespace

Normalized normalize_machine_id(std::string_view file_text) {
  std::string_view id = file_text;
  if (id.ends_with('\n')) id.remove_suffix(1);
  if (id.empty()) return reject("empty");
  if (id == "uninitialized") return reject("uninitialized");
  if (id.size() != 32 || !std::ranges::all_of(id, is_lower_hex)) return reject("malformed");
  if (one_repeated(id)) return reject("placeholder");
  if (std::ranges::find(kImageMachineIds, id) != std::end(kImageMachineIds))
    return reject("shared by an image");
  return {RawText(id), {}};
}

Normalized normalize_uuid(std::string_view text) {
  text = trim_ascii(text);
  if (text.starts_with('{') && text.ends_with('}') && text.size() > 2) text = text.substr(1, text.size() - 2);
  if (text.empty()) return reject("empty");
  RawText digits;
  digits.reserve(32);
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = fold(text[i]);
    if (c == '-' && text.size() == 36 && (i == 8 || i == 13 || i == 18 || i == 23)) continue;
    if (!is_lower_hex(c) || digits.view().size() == 32)
      return reject(is_placeholder(fold_text(text).view()) ? "placeholder" : "malformed");
    digits.append(c);
  }
  const std::string_view hex = digits.view();
  if (hex.size() != 32) return reject("malformed");
  if (one_repeated(hex)) return reject("placeholder");
  RawText uuid;
  uuid.reserve(36);
  for (size_t i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) uuid.append('-');
    uuid.append(hex[i]);
  }
  if (std::ranges::find(kSharedUuids, uuid.view()) != std::end(kSharedUuids))
    return reject("shared by a vendor");
  return {std::move(uuid), {}};
}

Normalized normalize_serial(std::string_view text) {
  if (trim_ascii(text).empty()) return reject("empty");
  if (text.size() > kMaxSerial) return reject("malformed");
  RawText folded = fold_text(text);
  if (folded.empty()) return reject("malformed");
  if (is_placeholder(folded.view())) return reject("placeholder");
  return {std::move(folded), {}};
}

Normalized normalize_disk_id(std::string_view text) {
  Normalized serial = normalize_serial(text);
  const std::string_view value = serial.value.view();
  const auto marks = [&](std::string_view mark) { return value.find(mark) != std::string_view::npos; };
  if (std::ranges::any_of(kSharedDiskMarks, marks)) return reject("shared by a hypervisor");
  if (serial.rejection.empty() && std::ranges::count_if(value, is_digit) < kLeastDiskDigits)
    return reject("a name, not a serial number");
  return serial;
}

Normalized normalize_mac(const MacAddress& mac) {
  if (one_repeated(mac)) return reject("placeholder");
  if ((mac[0] & 1) != 0) return reject("multicast");
  if ((mac[0] & 2) != 0) return reject("locally administered");
  RawText hex;
  hex.reserve(12);
  for (const uint8_t byte : mac) append_hex(hex, byte);
  const auto is_prefix = [&](std::string_view prefix) { return hex.view().starts_with(prefix); };
  if (std::ranges::any_of(kVirtualPrefixes, is_prefix)) return reject("virtual adapter");
  return {mac_text(mac), {}};
}

Normalized normalize_model(std::initializer_list<std::string_view> parts) {
  RawText joined;
  bool any = false;
  for (const std::string_view part : parts) {
    if (!joined.empty()) joined.append('|');
    const Normalized folded = normalize_serial(part);
    if (folded.rejection.empty()) {
      joined.append(folded.value.view());
      any = true;
    } else {
      joined.append('-');
    }
  }
  if (!any) return reject("placeholder");
  return {std::move(joined), {}};
}

RawText uuid_text(ByteView bytes16, bool little_endian) {
  constexpr size_t kStored[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  constexpr size_t kSwapped[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  RawText text;
  text.reserve(36);
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.append('-');
    append_hex(text, bytes16[little_endian ? kSwapped[i] : kStored[i]]);
  }
  return text;
}

std::optional<MacAddress> parse_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  MacAddress mac{};
  for (size_t i = 0; i < mac.size(); ++i) {
    const size_t high = kHexDigits.find(fold(text[3 * i]));
    const size_t low = kHexDigits.find(fold(text[3 * i + 1]));
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    if (i < 5 && text[3 * i + 2] != ':') return std::nullopt;
    mac[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return mac;
}

RawText mac_text(const MacAddress& mac) {
  RawText text;
  text.reserve(17);
  for (const uint8_t byte : mac) {
    if (!text.empty()) text.append(':');
    append_hex(text, byte);
  }
  return text;
}

}  // namespace tessera::hwid
