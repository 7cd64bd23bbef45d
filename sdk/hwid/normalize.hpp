// From what firmware and kernels offer to values worth binding: one canonical form per identifier, and
// refusal of placeholders, shared values and addresses that belong to software.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "hwid/raw_text.hpp"

namespace tessera::hwid {

/// A canonical value, or the reason why there is none.
struct Normalized {
  RawText value;
  std::string_view rejection;  // a literal: "placeholder", "malformed", ...; empty when `value` counts
};

using MacAddress = std::array<uint8_t, 6>;

/// Exactly 32 lower-case hex digits, perhaps followed by one newline; not zero, not of a published image.
Normalized normalize_machine_id(std::string_view file_text);
/// Any case, with or without hyphens or braces, to lower case with hyphens.
Normalized normalize_uuid(std::string_view text);
/// Case-folded and trimmed; runs of spaces become one.
Normalized normalize_serial(std::string_view text);
/// A serial or world-wide name of a disk; also refuses what hypervisors give to every guest.
Normalized normalize_disk_id(std::string_view text);
/// Lower-case colon form; built-in adapters only, so virtual and VPN vendors are refused.
Normalized normalize_mac(const MacAddress& mac);
/// Joins the parts of a model description; placeholders among them become empty.
Normalized normalize_model(std::initializer_list<std::string_view> parts);

/// The SMBIOS field as text: the first three groups are little endian from version 2.6 on.
RawText uuid_text(ByteView bytes16, bool little_endian);
/// "aa:bb:cc:dd:ee:ff", nothing else.
std::optional<MacAddress> parse_mac(std::string_view text);
RawText mac_text(const MacAddress& mac);

}  // namespace tessera::hwid
