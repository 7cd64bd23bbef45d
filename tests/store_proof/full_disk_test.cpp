// A full disk, a disk that became read-only and one with errors have codes of their own, and the store works
// again when the cause is gone. The disk is a small tmpfs, so these need the right to mount.
#include <sys/mount.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "doomed_store.hpp"
#include "temp_dir.hpp"

namespace tessera::store_proof {
namespace {

class SmallDisk {
 public:
  SmallDisk() {
    if (mount("tmpfs", path().c_str(), "tmpfs", 0, "size=4m") != 0)
      throw std::runtime_error(std::string("could not mount a small disk: ") + std::strerror(errno));
  }
  ~SmallDisk() { umount2(path().c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  std::string path() const { return folder_.path().string(); }
  void set_read_only(bool read_only) const {
    const unsigned long flags = MS_REMOUNT | (read_only ? static_cast<unsigned long>(MS_RDONLY) : 0);
    if (mount("tmpfs", path().c_str(), "tmpfs", flags, "size=4m") != 0)
      throw std::runtime_error(std::string("could not remount: ") + std::strerror(errno));
  }
  /// Leaves `free` bytes.
  void fill(std::uintmax_t free) const {
    const auto space = std::filesystem::space(path());
    std::ofstream(path() + "/filler", std::ios::binary) << std::string(space.available - free, 'f');
  }
  void clear() const { std::filesystem::remove(path() + "/filler"); }

 private:
  test::TempDir folder_;
};

/// Of each case, for a suite that is left out does not count as skipped.
boost::test_tools::assertion_result may_mount(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(geteuid() == 0);
  result.message() << "only root may mount a small disk";
  return result;
}

using boost::unit_test::precondition;

Expected<Changes> add(Store& store, std::size_t size) {
  return store.try_execute("insert into blobs(b) values (?)", std::string(size, 'b'));
}

std::int64_t count(Store& store) {
  return store.query_all("select count(*) from blobs")[0].get<std::int64_t>(0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(disk)

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_and_nothing_is_lost, *precondition(may_mount)) {
  const SmallDisk disk;
  Store store = Store::open(doomed_config(disk.path()), {.passphrase = passphrase(0)});
  store.execute_script("create table blobs(b)");
  BOOST_TEST(add(store, 1000).has_value());
  disk.fill(100'000);
  std::int64_t acknowledged = 1;
  Expected<Changes> added = add(store, 50'000);
  for (; added && acknowledged < 100; added = add(store, 50'000)) ++acknowledged;
  BOOST_REQUIRE(!added);
  BOOST_TEST((added.error().code() == ErrorCode::kDiskFull), added.error().what());
  BOOST_TEST(count(store) == acknowledged);
  const auto copied = store.try_backup(disk.path() + "/backup.tdb");
  BOOST_TEST((!copied && copied.error().code() == ErrorCode::kDiskFull));
  const auto sealed = store.try_put_sealed(disk.path() + "/f.tsf", std::string(1'000'000, 's'));
  BOOST_TEST((!sealed && sealed.error().code() == ErrorCode::kDiskFull));
  disk.clear();
  BOOST_TEST(add(store, 50'000).has_value());
  BOOST_TEST(count(store) == acknowledged + 1);
  BOOST_TEST(store.check().empty());
  store.close();
  Store again = Store::open(doomed_config(disk.path()), {.passphrase = passphrase(0)});
  BOOST_TEST(count(again) == acknowledged + 1);
}

BOOST_AUTO_TEST_CASE(a_new_store_does_not_fit, *precondition(may_mount)) {
  const SmallDisk disk;
  disk.fill(8'192);
  const auto opened = Store::try_open(doomed_config(disk.path()), {.passphrase = passphrase(0)});
  BOOST_REQUIRE(!opened);
  BOOST_TEST((opened.error().code() == ErrorCode::kDiskFull), opened.error().what());
  disk.clear();
  BOOST_TEST(Store::try_open(doomed_config(disk.path()), {.passphrase = passphrase(0)}).has_value());
}

BOOST_AUTO_TEST_CASE(a_read_only_disk_is_told, *precondition(may_mount)) {
  const SmallDisk disk;
  {
    Store store = Store::open(doomed_config(disk.path()), {.passphrase = passphrase(0)});
    store.execute_script("create table blobs(b)");
  }
  disk.set_read_only(true);
  const auto opened = Store::try_open(doomed_config(disk.path()), {.passphrase = passphrase(0)});
  BOOST_REQUIRE(!opened);
  BOOST_TEST((opened.error().code() == ErrorCode::kPermission || opened.error().code() == ErrorCode::kIo),
             opened.error().what());
  disk.set_read_only(false);
  Store store = Store::open(doomed_config(disk.path()), {.passphrase = passphrase(0)});
  BOOST_TEST(add(store, 10).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace tessera::store_proof
