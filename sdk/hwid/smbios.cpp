#include "hwid/smbios.hpp"

#include <algorithm>

namespace tessera::hwid {

namespace {

constexpr size_t kHeader = 4;  // type, length of the formatted part, handle
constexpr uint8_t kSystem = 1;
constexpr uint8_t kBoard = 2;
constexpr uint8_t kEndOfTable = 127;
constexpr size_t kUuidOffset = 8;

struct Structure {
  ByteView formatted;
  ByteView strings;  // NUL-terminated strings without the closing NUL
};

/// The string whose 1-based number stands at `offset` of the formatted part.
Content string_at(const Structure& structure, size_t offset) {
  if (offset >= structure.formatted.size()) return Content::absent();
  size_t number = structure.formatted[offset];
  if (number == 0) return Content::absent();
  std::string_view rest = as_text(structure.strings);
  while (--number > 0) {
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos) return Content::absent();
    rest.remove_prefix(end + 1);
  }
  if (rest.empty()) return Content::absent();
  return Content::readable(RawText(rest.substr(0, rest.find('\0'))));
}

void read_system(Firmware& firmware, const Structure& structure, bool little_endian) {
  firmware.system_vendor = string_at(structure, 4);
  firmware.product_name = string_at(structure, 5);
  firmware.product_serial = string_at(structure, 7);
  if (structure.formatted.size() >= kUuidOffset + 16)
    firmware.product_uuid =
        Content::readable(uuid_text(structure.formatted.subspan(kUuidOffset, 16), little_endian));
}

void read_board(Firmware& firmware, const Structure& structure) {
  firmware.board_vendor = string_at(structure, 4);
  firmware.board_name = string_at(structure, 5);
  firmware.board_serial = string_at(structure, 7);
  firmware.board_asset_tag = string_at(structure, 8);
}

}  // namespace

Firmware parse_smbios(ByteView table, int major, int minor) {
  const bool little_endian = major > 2 || (major == 2 && minor >= 6);
  constexpr uint8_t kEndOfStrings[] = {0, 0};
  Firmware firmware;
  bool has_system = false;
  bool has_board = false;
  while (table.size() >= kHeader) {
    const uint8_t type = table[0];
    const size_t length = table[1];
    if (type == kEndOfTable || length < kHeader || length > table.size()) break;
    const ByteView tail = table.subspan(length);
    const auto end = std::ranges::search(tail, kEndOfStrings);
    if (end.empty()) break;
    const auto strings = static_cast<size_t>(end.begin() - tail.begin());
    const Structure structure{table.first(length), tail.first(strings)};
    if (type == kSystem && !std::exchange(has_system, true)) read_system(firmware, structure, little_endian);
    if (type == kBoard && !std::exchange(has_board, true)) read_board(firmware, structure);
    table = tail.subspan(strings + 2);
  }
  return firmware;
}

}  // namespace tessera::hwid
