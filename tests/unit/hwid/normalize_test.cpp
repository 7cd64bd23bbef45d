#include "hwid/normalize.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace tessera::hwid {
namespace {

std::string value(const Normalized& normalized) { return std::string(normalized.value.view()); }
bool refused(const Normalized& normalized) {
  return !normalized.rejection.empty() && normalized.value.empty();
}
Normalized mac(std::string_view text) { return normalize_mac(parse_mac(text).value()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(normalize)

BOOST_AUTO_TEST_CASE(serial_placeholders_are_refused) {
  for (const std::string_view text : {"",
                                      "   ",
                                      "\n",
                                      "To be filled by O.E.M.",
                                      "to be filled by o.e.m.",
                                      "  Default string\n",
                                      "System Serial Number",
                                      "None",
                                      "NONE",
                                      "Not Specified",
                                      "Not Settable",
                                      "Not Applicable",
                                      "0",
                                      "00000000",
                                      "0000-0000",
                                      "........",
                                      "XXXXXXXX",
                                      "ffffffff",
                                      "123456789",
                                      "0123456789",
                                      "N/A",
                                      "unknown",
                                      "Base Board Serial Number"})
    BOOST_TEST(refused(normalize_serial(text)), text);
}

BOOST_AUTO_TEST_CASE(malformed_serials_are_refused) {
  BOOST_TEST(
      refused(normalize_serial("AB\x01"
                               "12")));
  BOOST_TEST(refused(normalize_serial(std::string(257, '7') + "1")));
}

BOOST_AUTO_TEST_CASE(serials_are_folded) {
  BOOST_TEST(value(normalize_serial("  MB-220417  00931 \n")) == "mb-220417 00931");
  BOOST_TEST(value(normalize_serial(std::string_view("10000000a3f1c25e\0", 17))) == "10000000a3f1c25e");
}

BOOST_AUTO_TEST_CASE(disk_names_of_hypervisors_are_refused) {
  for (const std::string_view text :
       {"QM00001", "drive-scsi0", "t10.QEMU    QEMU HARDDISK   drive-scsi0", "persistent-disk-0",
        "Google PersistentDisk persistent-disk-0", "nvme_card", "rootfs", "disk0", "vol01", "None"})
    BOOST_TEST(refused(normalize_disk_id(text)), text);
  BOOST_TEST(value(normalize_disk_id("S4EVNF0M912345K     ")) == "s4evnf0m912345k");
  BOOST_TEST(value(normalize_disk_id("vol0a1b2c3d4e5f60718")) == "vol0a1b2c3d4e5f60718");
}

BOOST_AUTO_TEST_CASE(shared_uuids_are_refused) {
  for (const std::string_view text :
       {"", "Not Settable", "Not Present", "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "03000200-0400-0500-0006-000700080009",
        "{03000200-0400-0500-0006-000700080009}", "00020003-0004-0005-0006-000700080009",
        "FEFEFEFE-FEFE-FEFE-FEFE-FEFEFEFEFEFE", "8A95D198-7F46-11E5-BF8B-08002704D48E",
        "6f1c2a9e-53d4-4b1e-9c7a-2f60d8b1e34", "6f1c2a9e-53d4-4b1e-9c7a-2f60d8b1e3456",
        "6f1c2a9e53d4-4b1e-9c7a-2f60d8b1e345x", "zf1c2a9e-53d4-4b1e-9c7a-2f60d8b1e345"})
    BOOST_TEST(refused(normalize_uuid(text)), text);
}

BOOST_AUTO_TEST_CASE(uuids_get_one_form) {
  for (const std::string_view text :
       {"6F1C2A9E-53D4-4B1E-9C7A-2F60D8B1E345", "6f1c2a9e53d44b1e9c7a2f60d8b1e345\n",
        "{6f1c2a9e-53d4-4b1e-9c7a-2f60d8b1e345}"})
    BOOST_TEST(value(normalize_uuid(text)) == "6f1c2a9e-53d4-4b1e-9c7a-2f60d8b1e345");
}

BOOST_AUTO_TEST_CASE(uuid_byte_order_depends_on_the_smbios_version) {
  const Bytes stored = {0x9e, 0x2a, 0x1c, 0x6f, 0xd4, 0x53, 0x1e, 0x4b,
                        0x9c, 0x7a, 0x2f, 0x60, 0xd8, 0xb1, 0xe3, 0x45};
  BOOST_TEST(uuid_text(stored, true).view() == "6f1c2a9e-53d4-4b1e-9c7a-2f60d8b1e345");
  BOOST_TEST(uuid_text(stored, false).view() == "9e2a1c6f-d453-1e4b-9c7a-2f60d8b1e345");
}

BOOST_AUTO_TEST_CASE(macs_of_software_are_refused) {
  for (const std::string_view text :
       {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "02:42:ac:11:00:02",
        "52:54:00:12:34:56", "00:50:56:01:02:03", "00:0c:29:01:02:03", "00:05:69:01:02:03",
        "00:1c:14:01:02:03", "08:00:27:01:02:03", "00:15:5d:01:02:03", "00:16:3e:01:02:03",
        "00:1c:42:01:02:03", "00:ff:12:34:56:78", "ac:de:48:00:11:22", "00:05:9a:3c:7a:00",
        "00:09:0f:fe:00:01", "0a:00:27:00:00:00"})
    BOOST_TEST(refused(mac(text)), text);
  for (const std::string_view text : {"a4:bb:6d:91:52:0e", "ac:de:48:00:11:23", "00:09:0f:aa:00:01"})
    BOOST_TEST(value(mac(text)) == text);
}

BOOST_AUTO_TEST_CASE(mac_text_is_strict) {
  for (const std::string_view text : {"", "a4:bb:6d:91:52", "a4:bb:6d:91:52:0e:", "a4-bb-6d-91-52-0e",
                                      "a4:bb:6d:91:52:0g", "a4:bb:6d:91:52:0e:00:00"})
    BOOST_TEST(!parse_mac(text).has_value(), text);
  BOOST_TEST(mac_text(parse_mac("A4:BB:6D:91:52:0E").value()).view() == "a4:bb:6d:91:52:0e");
}

BOOST_AUTO_TEST_CASE(model_keeps_the_place_of_missing_parts) {
  BOOST_TEST(value(normalize_model({"Acme", "Default string", "PC 5"})) == "acme|-|pc 5");
  BOOST_TEST(value(normalize_model({"", "", "PC 5"})) == "-|-|pc 5");
  BOOST_TEST(refused(normalize_model({"", "To be filled by O.E.M.", "System Product Name"})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
