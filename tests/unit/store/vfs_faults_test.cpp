#include "store/vfs_faults.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "sql.hpp"
#include "temp_dir.hpp"

namespace tessera::store {
namespace {

using tessera::test::TempDir;
using test::Sql;
using namespace testing;

struct NoFault {
  ~NoFault() { set_disk_fault({}); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(vfs_faults)

BOOST_FIXTURE_TEST_CASE(a_full_disk_and_a_failing_one_are_told_apart_and_end, NoFault) {
  const TempDir dir;
  Sql sql(dir / "app.tdb");
  BOOST_TEST(sql.run(Sql::kWal) == SQLITE_OK);
  BOOST_TEST(sql.run("create table t(a)") == SQLITE_OK);
  set_disk_fault(DiskFault{.files = kLogFile, .calls = kWriteCall, .full = true});
  BOOST_TEST(sql.run("insert into t values(1)") == SQLITE_FULL);
  BOOST_TEST(disk_faults_met() > 0);
  set_disk_fault(DiskFault{.files = kLogFile, .calls = kSyncCall});
  BOOST_TEST(sql.run("pragma synchronous = full; insert into t values(1)") == SQLITE_IOERR_FSYNC);
  set_disk_fault(DiskFault{.files = kLogFile, .calls = kWriteCall, .skip = 1, .count = 1});
  BOOST_TEST(sql.run("insert into t values(1)") == SQLITE_IOERR_WRITE);
  BOOST_TEST(sql.run("insert into t values(1)") == SQLITE_OK);
  BOOST_TEST(disk_faults_met() == 1);
  set_disk_fault({});
  BOOST_TEST(sql.run("insert into t values(1)") == SQLITE_OK);
  BOOST_TEST(sql.number("select count(*) from t") == 2);
}

BOOST_AUTO_TEST_CASE(a_power_cut_takes_what_was_not_synced) {
  for (const DiskSurvivors survivors : {DiskSurvivors::kSynced, DiskSurvivors::kAll}) {
    const TempDir dir;
    const std::string path = dir / "app.tdb";
    record_disk();
    {
      Sql sql(path);
      BOOST_TEST(sql.run(Sql::kWal) == SQLITE_OK);
      BOOST_TEST(sql.run("create table t(a)") == SQLITE_OK);
      BOOST_TEST(sql.run("pragma synchronous = full; insert into t values(1)") == SQLITE_OK);
      BOOST_TEST(sql.run("pragma synchronous = normal; insert into t values(2)") == SQLITE_OK);
      cut_disk_after(0);
      BOOST_TEST((sql.run("insert into t values(3)") & 0xff) == SQLITE_IOERR);
      BOOST_TEST(disk_is_dark());
      BOOST_TEST((sql.run("pragma wal_checkpoint(truncate)") & 0xff) == SQLITE_IOERR);
    }
    restore_disk(survivors, 1);
    Sql sql(path);
    BOOST_TEST(sql.number("select count(*) from t") == (survivors == DiskSurvivors::kAll ? 2 : 1));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
