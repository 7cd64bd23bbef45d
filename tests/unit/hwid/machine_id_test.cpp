// What may stand in a machine-id file. A bad one makes the component unknown, and never blocks the probe.
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "hwid/linux_host.hpp"
#include "hwid_fixture.hpp"

namespace tessera::hwid {
namespace {

constexpr std::string_view kPath = "/etc/machine-id";
constexpr std::string_view kGood = "4be1c5d09f3a4e6f8a7d2c91b0e3f574";

FactorReading reading_with(std::string_view content) {
  test::FakeRoot root("desktop");
  root.write(std::string(kPath), content);
  return reading(*probe(root), kind::kMachineId);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(machine_id)

BOOST_AUTO_TEST_CASE(good_contents) {
  for (const std::string& content : {std::string(kGood), std::string(kGood) + "\n"})
    BOOST_TEST((reading_with(content) == FactorReading::kReadable));
}

BOOST_AUTO_TEST_CASE(bad_contents_are_refused) {
  const std::string good(kGood);
  for (const std::string& content :
       {std::string(), std::string("\n"), std::string("4BE1C5D09F3A4E6F8A7D2C91B0E3F574\n"),
        good.substr(1) + "\n", good + "0\n", std::string("uninitialized\n"), good + "\n\n", good + "\r\n",
        " " + good + "\n", std::string(32, '0') + "\n", std::string("88544b92092430bc5d3fbbffc12a2f04\n"),
        good + std::string(1, '\0'), "\xef\xbb\xbf" + good})
    BOOST_TEST((reading_with(content) == FactorReading::kRejected), content);
}

BOOST_AUTO_TEST_CASE(huge_file_is_read_to_4_kib_only) {
  test::FakeRoot root("desktop");
  root.write(std::string(kPath), kGood);
  std::filesystem::resize_file(root.inside(std::string(kPath)), uintmax_t{1} << 30);
  BOOST_TEST((reading(*probe(root), kind::kMachineId) == FactorReading::kRejected));
  testing::set_hardware_root(root.path());
  BOOST_TEST(LinuxHost().read(std::string(kPath)).text.view().size() == kReadLimit);
  testing::set_hardware_root({});
}

BOOST_AUTO_TEST_CASE(fifo_does_not_block) {
  test::FakeRoot root("desktop");
  root.remove(std::string(kPath));
  BOOST_REQUIRE(mkfifo(root.inside(std::string(kPath)).c_str(), 0600) == 0);
  BOOST_TEST((reading(*probe(root), kind::kMachineId) == FactorReading::kRejected));
}

BOOST_AUTO_TEST_CASE(directory_is_refused) {
  test::FakeRoot root("desktop");
  root.make_directory(std::string(kPath));
  BOOST_TEST((reading(*probe(root), kind::kMachineId) == FactorReading::kRejected));
}

BOOST_AUTO_TEST_CASE(missing_file_is_absent) {
  test::FakeRoot root("desktop");
  root.remove(std::string(kPath));
  BOOST_TEST((reading(*probe(root), kind::kMachineId) == FactorReading::kAbsent));
}

BOOST_AUTO_TEST_CASE(dbus_copy_counts_where_the_first_file_gives_nothing) {
  test::FakeRoot root("desktop");
  const BoundHardware bound = probe(root)->bind("product", {});
  root.write(std::string(kPath), "\n");
  root.write("/var/lib/dbus/machine-id", std::string(kGood) + "\n");
  BOOST_TEST((state(probe(root)->match(bound, "product"), kind::kMachineId) == FactorState::kMatch));
  root.write(std::string(kPath), "70c4e9b15ad24f8c93e60b1df8a72635\n");
  BOOST_TEST((state(probe(root)->match(bound, "product"), kind::kMachineId) == FactorState::kMismatch));
}

BOOST_AUTO_TEST_CASE(bad_file_is_unknown_not_different) {
  test::FakeRoot root("desktop");
  const BoundHardware bound = probe(root)->bind("product", {});
  root.write(std::string(kPath), "uninitialized\n");
  BOOST_TEST((state(probe(root)->match(bound, "product"), kind::kMachineId) == FactorState::kUnknown));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::hwid
