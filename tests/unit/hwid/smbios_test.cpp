#include "hwid/smbios.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::hwid {
namespace {

const std::string kUuidBytes = "\x9e\x2a\x1c\x6f\xd4\x53\x1e\x4b\x9c\x7a\x2f\x60\xd8\xb1\xe3\x45";

std::string structure(char type, const std::string& body, std::initializer_list<std::string_view> strings) {
  std::string out{type, static_cast<char>(4 + body.size()), 0, 0};
  out += body;
  for (const std::string_view text : strings) out.append(text).push_back('\0');
  if (strings.size() == 0) out.push_back('\0');
  out.push_back('\0');
  return out;
}

std::string system_structure() {
  return structure(1, std::string("\1\2\0\3", 4) + kUuidBytes + '\6', {"Acme", "PC 5", "AC5X0071934"});
}

std::string board_structure() {
  return structure(2, std::string("\1\2\0\3\4", 5), {"Acme Boards", "B-1", "MB-00931", "tag"});
}

std::string_view text(const Content& content) { return content.text.view(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(smbios)

BOOST_AUTO_TEST_CASE(system_and_board_are_read) {
  const std::string table =
      structure(0, "\1", {"BIOS"}) + system_structure() + board_structure() + structure(127, "", {});
  const Firmware firmware = parse_smbios(as_bytes(table), 3, 2);
  BOOST_TEST(text(firmware.system_vendor) == "Acme");
  BOOST_TEST(text(firmware.product_name) == "PC 5");
  BOOST_TEST(text(firmware.product_serial) == "AC5X0071934");
  BOOST_TEST(text(firmware.product_uuid) == "6f1c2a9e-53d4-4b1e-9c7a-2f60d8b1e345");
  BOOST_TEST(text(firmware.board_vendor) == "Acme Boards");
  BOOST_TEST(text(firmware.board_name) == "B-1");
  BOOST_TEST(text(firmware.board_serial) == "MB-00931");
  BOOST_TEST(text(firmware.board_asset_tag) == "tag");
}

BOOST_AUTO_TEST_CASE(byte_order_changes_with_version_2_6) {
  const std::string table = system_structure();
  const auto uuid = [&](int major, int minor) {
    return std::string(text(parse_smbios(as_bytes(table), major, minor).product_uuid));
  };
  BOOST_TEST(uuid(2, 5) == "9e2a1c6f-d453-1e4b-9c7a-2f60d8b1e345");
  BOOST_TEST(uuid(2, 6) == "6f1c2a9e-53d4-4b1e-9c7a-2f60d8b1e345");
  BOOST_TEST(uuid(3, 0) == "6f1c2a9e-53d4-4b1e-9c7a-2f60d8b1e345");
}

BOOST_AUTO_TEST_CASE(first_board_counts) {
  const std::string table = board_structure() + structure(2, std::string("\1\1\0\1", 4), {"second"});
  BOOST_TEST(text(parse_smbios(as_bytes(table), 3, 0).board_serial) == "MB-00931");
}

BOOST_AUTO_TEST_CASE(string_numbers_out_of_range_are_absent) {
  const std::string table = structure(1, std::string("\x09\0\0\1", 4), {"only"});
  const Firmware firmware = parse_smbios(as_bytes(table), 3, 0);
  BOOST_TEST((firmware.system_vendor.reading == FactorReading::kAbsent));
  BOOST_TEST((firmware.product_name.reading == FactorReading::kAbsent));
  BOOST_TEST((firmware.product_uuid.reading == FactorReading::kAbsent));
  BOOST_TEST(text(firmware.product_serial) == "only");
}

BOOST_AUTO_TEST_CASE(any_cut_is_safe) {
  const std::string table = system_structure() + board_structure();
  for (size_t length = 0; length <= table.size(); ++length)
    BOOST_CHECK_NO_THROW(parse_smbios(as_bytes(std::string_view(table).substr(0, length)), 3, 0));
  BOOST_TEST(
      text(parse_smbios(as_bytes(std::string_view(table).substr(0, table.size() - 1)), 3, 0).product_name) ==
      "PC 5");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
