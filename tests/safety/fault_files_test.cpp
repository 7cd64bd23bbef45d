// The fault layer itself: a layer that loses nothing would prove nothing.
#include "fault_files.hpp"

#include <boost/test/unit_test.hpp>

namespace tessera::test {
namespace {

constexpr const char* kPath = "/disk/file";

std::string content_of(FaultFiles& disk) {
  auto content = disk.read(kPath, 100);
  return content ? std::string(as_text(*content)) : "(missing)";
}

FaultFiles disk_with_old_content() {
  FaultFiles disk;
  BOOST_REQUIRE(write_atomic(disk, kPath, as_bytes("old!")).ok());
  return disk;
}

BOOST_AUTO_TEST_SUITE(fault_files)

BOOST_AUTO_TEST_CASE(loses_a_write_without_sync) {
  FaultFiles disk = disk_with_old_content();
  BOOST_REQUIRE(disk.write(kPath, as_bytes("newer")).ok());
  BOOST_TEST(content_of(disk) == "newer");
  disk.reboot(Survivors::kSynced);
  BOOST_TEST(content_of(disk) == "old!");
}

BOOST_AUTO_TEST_CASE(loses_a_new_file_whose_directory_was_not_synced) {
  FaultFiles disk;
  BOOST_REQUIRE(disk.write(kPath, as_bytes("new")).ok());
  BOOST_REQUIRE(disk.sync(kPath).ok());
  disk.reboot(Survivors::kSynced);
  BOOST_TEST(content_of(disk) == "(missing)");
}

BOOST_AUTO_TEST_CASE(undoes_a_rename_whose_directory_was_not_synced) {
  FaultFiles disk = disk_with_old_content();
  BOOST_REQUIRE(disk.write("/disk/other", as_bytes("new")).ok());
  BOOST_REQUIRE(disk.sync("/disk/other").ok());
  BOOST_REQUIRE(disk.rename("/disk/other", kPath).ok());
  disk.reboot(Survivors::kSynced);
  BOOST_TEST(content_of(disk) == "old!");
}

BOOST_AUTO_TEST_CASE(empties_or_tears_a_file_that_was_renamed_before_its_sync) {
  FaultFiles written = disk_with_old_content();
  BOOST_REQUIRE(written.write("/disk/other", as_bytes("new!")).ok());
  BOOST_REQUIRE(written.rename("/disk/other", kPath).ok());
  FaultFiles torn = written;
  written.reboot(Survivors::kNames);
  BOOST_TEST(content_of(written) == "");
  torn.reboot(Survivors::kTorn);
  BOOST_TEST(content_of(torn) == "ne");
}

BOOST_AUTO_TEST_CASE(keeps_what_was_synced) {
  for (const Survivors survivors :
       {Survivors::kSynced, Survivors::kNames, Survivors::kTorn, Survivors::kAll}) {
    FaultFiles disk = disk_with_old_content();
    disk.reboot(survivors);
    BOOST_TEST(content_of(disk) == "old!");
  }
}

BOOST_AUTO_TEST_CASE(stops_everything_at_the_cut) {
  FaultFiles disk = disk_with_old_content();
  disk.cut_before(1);
  BOOST_REQUIRE(disk.write(kPath, as_bytes("new")).ok());
  BOOST_CHECK_THROW(static_cast<void>(disk.sync(kPath)), PowerCut);
  BOOST_CHECK_THROW(static_cast<void>(disk.sync(kPath)), PowerCut);
  BOOST_CHECK_THROW(static_cast<void>(disk.read(kPath, 100)), PowerCut);
  disk.reboot(Survivors::kSynced);
  BOOST_TEST(content_of(disk) == "old!");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
