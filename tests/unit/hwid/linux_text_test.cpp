#include "hwid/linux_text.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::hwid {

BOOST_AUTO_TEST_SUITE(linux_text)

BOOST_AUTO_TEST_CASE(root_mount_with_optional_fields) {
  const auto mount = parse_root_mount(
      "22 27 0:21 / /proc rw - proc proc rw\n"
      "27 1 8:2 /@ / rw,relatime shared:1 master:2 - btrfs /dev/sda2 rw,subvol=/@\n");
  BOOST_REQUIRE(mount.has_value());
  BOOST_TEST(mount->device == "8:2");
  BOOST_TEST(mount->root == "/@");
  BOOST_TEST(mount->fs_type == "btrfs");
  BOOST_TEST(mount->source == "/dev/sda2");
  BOOST_TEST(mount->options == "rw,subvol=/@");
}

BOOST_AUTO_TEST_CASE(later_mount_covers_an_earlier_one) {
  const auto mount =
      parse_root_mount("1 1 0:2 / / rw - rootfs rootfs rw\n27 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  BOOST_TEST(mount.value().device == "8:1");
}

BOOST_AUTO_TEST_CASE(cut_line_keeps_what_was_there) {
  const auto mount =
      parse_root_mount("27 1 0:61 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/dock");
  BOOST_TEST(mount.value().fs_type == "overlay");
  BOOST_TEST(parse_root_mount("27 1 0:61 / / rw,rela").value().fs_type == "");
  BOOST_TEST(!parse_root_mount("27 1 0:6").has_value());
  BOOST_TEST(!parse_root_mount("").has_value());
}

BOOST_AUTO_TEST_CASE(values_of_lines) {
  const std::string_view text = "processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nE:KEY=a=b\n";
  BOOST_TEST(line_value(text, "model", ':') == "17");
  BOOST_TEST(line_value(text, "model name", ':') == "AMD EPYC");
  BOOST_TEST(line_value(text, "E:KEY", '=') == "a=b");
  BOOST_TEST(line_value(text, "name", ':') == "");
}

BOOST_AUTO_TEST_CASE(cpu_identity_leaves_out_what_updates_change) {
  const std::string x86 =
      "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 151\nmicrocode\t: 0x2c\ncpu MHz\t: 800\n";
  BOOST_TEST(cpu_identity(x86) == "genuineintel|6|151");
  BOOST_TEST(cpu_identity("CPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd08\n") ==
             "0x41|8|0xd08");
  BOOST_TEST(cpu_identity("cpu\t\t: POWER9\n") == "");
}

BOOST_AUTO_TEST_CASE(hypervisor_flag_is_a_whole_word) {
  BOOST_TEST(has_hypervisor_flag("flags\t\t: fpu hypervisor sse\n"));
  BOOST_TEST(has_hypervisor_flag("flags\t\t: hypervisor\n"));
  BOOST_TEST(!has_hypervisor_flag("flags\t\t: fpu hypervisors\n"));
}

BOOST_AUTO_TEST_CASE(cpu_lists) {
  BOOST_TEST(count_cpus("0\n") == 1u);
  BOOST_TEST(count_cpus("0-3,6,8-9\n") == 7u);
  for (const std::string_view text :
       {"", "x", "3-1", "0-4294967295", "0-99999999999999999999", "0-", "-3", "0-70000"})
    BOOST_TEST(count_cpus(text) == (text == "0-" ? 1u : 0u), text);
}

BOOST_AUTO_TEST_CASE(root_on_the_command_line) {
  BOOST_TEST(root_uuid_of("ro root=UUID=a-b quiet\n") == "a-b");
  BOOST_TEST(root_uuid_of("root=PARTUUID=a-b") == "");
  BOOST_TEST(root_uuid_of("xroot=UUID=a-b") == "");
}

BOOST_AUTO_TEST_CASE(superblocks) {
  const std::string uuid = "\x8a\x1f\x6c\x0d\x35\xe7\x4b\x92\xa1\xc8\x0e\x5f\xd7\x3b\x29\x64";
  const std::string_view text = "8a1f6c0d-35e7-4b92-a1c8-0e5fd73b2964";
  std::string ext(2048, '\0');
  ext.replace(1024 + 0x38, 2, "\x53\xef").replace(1024 + 0x68, 16, uuid);
  BOOST_TEST(superblock_uuid(ext, "").view() == text);
  std::string xfs(512, '\0');
  xfs.replace(0, 4, "XFSB").replace(32, 16, uuid);
  BOOST_TEST(superblock_uuid(xfs, "").view() == text);
  std::string btrfs(4096, '\0');
  btrfs.replace(0x40, 8, "_BHRfS_M").replace(0x20, 16, uuid);
  BOOST_TEST(superblock_uuid(std::string(4096, '\0'), btrfs).view() == text);
  BOOST_TEST(superblock_uuid(std::string_view(ext).substr(0, 1024 + 0x70), "").empty());
  BOOST_TEST(superblock_uuid("", "").empty());
}

BOOST_AUTO_TEST_CASE(scsi_serial_page) {
  BOOST_TEST(vpd_serial(std::string_view("\0\x80\0\4AB12", 8)) == "AB12");
  BOOST_TEST(vpd_serial(std::string_view("\0\x80\xff\xff"
                                         "AB",
                                         6)) == "AB");
  BOOST_TEST(vpd_serial(std::string_view("\0\x83\0\4AB12", 8)) == "");
  BOOST_TEST(vpd_serial("") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
