#include "store/log_mark.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <string>

#include "child_process.hpp"
#include "sql.hpp"
#include "store/vfs_faults.hpp"
#include "temp_dir.hpp"

namespace tessera::store {
namespace {

using tessera::test::ChildProcess;
using tessera::test::TempDir;
using test::Sql;

/// A database with its mark, as the engine keeps them.
class Marked {
 public:
  explicit Marked(const std::string& folder) : path_(folder + "/app.tdb") {}

  Status open() {
    auto mark = LogMark::open(path_ + ".tsq", path_ + "-wal");
    if (!mark) return mark.error();
    mark_ = std::move(*mark);
    TSR_RETURN_IF_ERROR(mark_->check());
    sql_ = std::make_unique<Sql>(path_);
    sqlite3_wal_hook(
        sql_->get(),
        [](void* self, sqlite3*, const char*, int frames) {
          auto& marked = *static_cast<Marked*>(self);
          marked.marked_ = marked.mark_->committed(frames, marked.strict_);
          return SQLITE_OK;
        },
        this);
    if (sql_->run(Sql::kWal) != SQLITE_OK || sql_->run("create table if not exists t(a)") != SQLITE_OK)
      return Error{ErrorCode::kIO, "test", "could not open", {}};
    return {};
  }
  /// True once it is acknowledged.
  bool insert(bool strict, const std::string& value = "1") {
    strict_ = strict;
    marked_ = {};
    sql_->run(strict ? "pragma synchronous = full" : "pragma synchronous = normal");
    return sql_->run("insert into t values(" + value + ")") == SQLITE_OK && marked_.ok();
  }
  int64_t rows() { return sql_->number("select count(*) from t"); }
  Sql& sql() { return *sql_; }
  LogMark& mark() { return *mark_; }
  void close() {
    sql_.reset();
    mark_.reset();
  }

 private:
  std::string path_;
  std::unique_ptr<LogMark> mark_;
  std::unique_ptr<Sql> sql_;
  bool strict_ = false;
  Status marked_;
};

/// Lets a child commit and die without closing; false when it could not.
bool crash_after(const TempDir& dir, const std::function<bool(Marked&)>& work) {
  ChildProcess child([&] {
    Marked marked(dir.path());
    _exit(marked.open().ok() && work(marked) ? 0 : 1);
    return 1;
  });
  return child.wait() == 0;
}

bool strict_rows(Marked& marked, int count) {
  for (int i = 0; i < count; ++i)
    if (!marked.insert(true)) return false;
  return true;
}

bool is_rolled_back(const Status& status) {
  return !status && status.error().code == ErrorCode::kCORRUPT &&
         status.error().detail_json == R"({"reason":"ROLLED_BACK"})";
}

Bytes content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void overwrite(const std::string& path, std::streamoff at, ByteView bytes) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(at).write(reinterpret_cast<const char*>(bytes.data()),
                       static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_mark)

BOOST_AUTO_TEST_CASE(records_come_back_and_damaged_ones_do_not) {
  const LogMarkRecord record{.counter = 7,
                             .set = true,
                             .page_bytes = 4096,
                             .salts = 0x1122334455667788,
                             .frames = 9,
                             .checksum = ~0ull};
  const Bytes bytes = encode_log_mark(record);
  BOOST_TEST(bytes.size() == kLogMarkRecordBytes);
  const auto decoded = decode_log_mark(bytes);
  BOOST_REQUIRE(decoded.ok());
  BOOST_TEST(encode_log_mark(*decoded) == bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes damaged = bytes;
    damaged[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    BOOST_TEST(!decode_log_mark(damaged).ok());
  }
  BOOST_TEST(!decode_log_mark(ByteView(bytes).first(63)).ok());
}

BOOST_AUTO_TEST_CASE(a_closed_store_has_no_mark_and_no_log) {
  const TempDir dir;
  Marked marked(dir.path());
  BOOST_REQUIRE(marked.open().ok());
  BOOST_TEST(marked.mark().set());
  BOOST_TEST(strict_rows(marked, 3));
  marked.close();
  const std::string mark_file = dir / "app.tdb.tsq";
  BOOST_CHECK(std::filesystem::status(mark_file).permissions() ==
              (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  BOOST_REQUIRE(marked.open().ok());
  BOOST_TEST(marked.rows() == 3);
}

BOOST_AUTO_TEST_CASE(a_crash_leaves_a_log_that_fits) {
  const TempDir dir;
  for (int round = 1; round <= 3; ++round) {
    BOOST_REQUIRE(
        crash_after(dir, [](Marked& marked) { return strict_rows(marked, 5) && marked.insert(false); }));
    Marked marked(dir.path());
    BOOST_REQUIRE(marked.open().ok());
    BOOST_TEST(marked.rows() == 6 * round);
  }
}

BOOST_AUTO_TEST_CASE(a_log_that_is_gone_is_found) {
  for (const bool strict : {true, false}) {
    const TempDir dir;
    const std::string log = dir / "app.tdb-wal";
    BOOST_REQUIRE(
        crash_after(dir, [&](Marked& marked) { return marked.insert(strict) && marked.insert(strict); }));
    std::filesystem::rename(log, log + ".saved");
    Marked marked(dir.path());
    BOOST_TEST(is_rolled_back(marked.open()));
    std::ofstream(log).close();
    BOOST_TEST(is_rolled_back(marked.open()));
    std::filesystem::rename(log + ".saved", log);  // finding it changed nothing
    BOOST_REQUIRE(marked.open().ok());
    BOOST_TEST(marked.rows() == 2);
  }
}

BOOST_AUTO_TEST_CASE(a_shorter_log_a_damaged_one_and_another_one_are_found) {
  const TempDir dir;
  const std::string log = dir / "app.tdb-wal";
  BOOST_REQUIRE(crash_after(dir, [](Marked& marked) { return strict_rows(marked, 4); }));
  const Bytes whole = content(log);
  Marked marked(dir.path());

  std::filesystem::resize_file(log, whole.size() - 4120);
  BOOST_TEST(is_rolled_back(marked.open()));
  for (const std::streamoff at : {0, 20, 32 + 10, 32 + 24 + 100, static_cast<int>(whole.size()) - 1}) {
    std::ofstream(log, std::ios::binary)
        .write(reinterpret_cast<const char*>(whole.data()), static_cast<std::streamsize>(whole.size()));
    const auto changed = static_cast<uint8_t>(whole[static_cast<size_t>(at)] ^ 1);
    overwrite(log, at, {&changed, 1});
    BOOST_TEST(is_rolled_back(marked.open()));
  }
  const TempDir other;
  BOOST_REQUIRE(crash_after(other, [](Marked& foreign) { return strict_rows(foreign, 9); }));
  std::filesystem::copy_file(other / "app.tdb-wal", log, std::filesystem::copy_options::overwrite_existing);
  BOOST_TEST(is_rolled_back(marked.open()));
}

BOOST_AUTO_TEST_CASE(an_earlier_generation_of_the_log_is_found) {
  const TempDir dir;
  const std::string log = dir / "app.tdb-wal";
  BOOST_REQUIRE(crash_after(dir, [](Marked& marked) { return strict_rows(marked, 4); }));
  std::filesystem::copy_file(log, log + ".old");
  BOOST_REQUIRE(crash_after(dir, [](Marked& marked) {
    return marked.sql().run("pragma wal_checkpoint(restart)") == SQLITE_OK && strict_rows(marked, 4);
  }));
  std::filesystem::rename(log + ".old", log);
  Marked marked(dir.path());
  BOOST_TEST(is_rolled_back(marked.open()));
}

BOOST_AUTO_TEST_CASE(what_is_relaxed_may_be_missing_behind_what_is_strict) {
  const TempDir dir;
  const std::string log = dir / "app.tdb-wal";
  uintmax_t strict_bytes = 0;
  BOOST_REQUIRE(crash_after(dir, [&](Marked& marked) {
    if (!strict_rows(marked, 3)) return false;
    std::filesystem::copy_file(log, log + ".strict");
    return marked.insert(false) && marked.insert(false);
  }));
  strict_bytes = std::filesystem::file_size(log + ".strict");
  std::filesystem::resize_file(log, strict_bytes + 100);
  Marked marked(dir.path());
  BOOST_REQUIRE(marked.open().ok());
  BOOST_TEST(marked.rows() == 3);
  BOOST_TEST(marked.insert(true));
  marked.close();
}

BOOST_AUTO_TEST_CASE(a_loss_can_be_accepted) {
  const TempDir dir;
  BOOST_REQUIRE(crash_after(dir, [](Marked& marked) {
    return marked.sql().run("pragma wal_checkpoint(truncate)") == SQLITE_OK && strict_rows(marked, 2);
  }));
  std::filesystem::remove(dir / "app.tdb-wal");
  Marked marked(dir.path());
  BOOST_TEST(is_rolled_back(marked.open()));
  {
    const auto mark = LogMark::open(dir / "app.tdb.tsq", dir / "app.tdb-wal");
    BOOST_TEST((*mark)->cleared().ok());
  }
  BOOST_REQUIRE(marked.open().ok());
  BOOST_TEST(marked.rows() == 0);
}

BOOST_AUTO_TEST_CASE(any_mark_file_lets_a_store_open) {
  const TempDir dir;
  const std::string mark_file = dir / "app.tdb.tsq";
  std::mt19937 random(5);
  for (int round = 0; round < 30; ++round) {
    Bytes garbage(random() % 8192);
    std::generate(garbage.begin(), garbage.end(), [&] { return static_cast<uint8_t>(random()); });
    std::ofstream(mark_file, std::ios::binary)
        .write(reinterpret_cast<const char*>(garbage.data()), static_cast<std::streamsize>(garbage.size()));
    Marked marked(dir.path());
    BOOST_REQUIRE(marked.open().ok());
    BOOST_TEST(marked.insert(true));
  }
}

BOOST_AUTO_TEST_CASE(a_torn_copy_counts_as_the_other_one) {
  const TempDir dir;
  const std::string mark_file = dir / "app.tdb.tsq";
  BOOST_REQUIRE(crash_after(dir, [](Marked& marked) { return strict_rows(marked, 3); }));
  const Bytes garbage(64, 0xee);
  for (const std::streamoff copy : {0, static_cast<int>(kLogMarkStride)}) {
    const Bytes before = content(mark_file);
    overwrite(mark_file, copy, garbage);
    const auto mark = LogMark::open(mark_file, dir / "app.tdb-wal");
    BOOST_REQUIRE(mark.ok());
    BOOST_TEST((*mark)->set());  // the other one still watches over the log
    BOOST_TEST((*mark)->check().ok());
    overwrite(mark_file, 0, before);
  }
}

BOOST_AUTO_TEST_CASE(a_mark_that_can_not_be_written_fails_the_commit) {
  const TempDir dir;
  Marked marked(dir.path());
  BOOST_REQUIRE(marked.open().ok());
  BOOST_TEST(marked.insert(true));
  testing::set_disk_fault(
      testing::DiskFault{.files = testing::kMarkFile, .calls = testing::kWriteCall, .full = true});
  BOOST_TEST(!marked.insert(true));
  BOOST_TEST((marked.sql().run("pragma wal_checkpoint(truncate)") & 0xff) == SQLITE_FULL);
  testing::set_disk_fault({});
  BOOST_TEST(marked.insert(true));
  BOOST_TEST(marked.sql().run("pragma wal_checkpoint(truncate)") == SQLITE_OK);
  marked.close();
  BOOST_REQUIRE(marked.open().ok());
}

BOOST_AUTO_TEST_CASE(a_mark_that_may_be_on_the_disk_is_cleared_with_its_log) {
  const TempDir dir;
  Marked marked(dir.path());
  BOOST_REQUIRE(marked.open().ok());
  BOOST_TEST(marked.sql().run("pragma wal_checkpoint(truncate)") == SQLITE_OK);
  testing::set_disk_fault(testing::DiskFault{.files = testing::kMarkFile, .calls = testing::kSyncCall});
  BOOST_TEST(!marked.insert(true));
  testing::set_disk_fault({});
  BOOST_TEST(marked.sql().run("pragma wal_checkpoint(truncate)") == SQLITE_OK);
  marked.close();
  BOOST_TEST(marked.open().ok());
}

/// Cuts the power 300 times in a course of strict and relaxed commits and checkpoints: the store always
/// opens, no strict row is missing, and never is there a false alarm.
BOOST_AUTO_TEST_CASE(power_cuts_leave_a_mark_that_fits_the_log) {
  std::mt19937_64 random(20260101);
  int relaxed_lost = 0;
  for (int cut = 0; cut < 300; ++cut) {
    const TempDir dir;
    const auto survivors = static_cast<testing::DiskSurvivors>(cut % 3);
    testing::record_disk();
    testing::cut_disk_after(static_cast<int64_t>(random() % 150));
    int64_t acknowledged = 0;  // rows up to the last strict one
    int64_t inserted = 0;
    {
      Marked marked(dir.path());
      bool power = marked.open().ok();
      while (power) {
        const bool strict = random() % 3 == 0;
        power = marked.insert(strict);
        if (power) ++inserted;
        if (power && strict) acknowledged = inserted;
        if (random() % 8 == 0)
          marked.sql().run(random() % 2 == 0 ? "pragma wal_checkpoint(truncate)"
                                             : "pragma wal_checkpoint(restart)");
        if (power && random() % 40 == 0) {
          marked.close();
          power = marked.open().ok();
        }
      }
    }
    testing::restore_disk(survivors, random());
    Marked marked(dir.path());
    const Status opened = marked.open();
    BOOST_REQUIRE_MESSAGE(opened.ok(), "cut " << cut << ": " << (opened.ok() ? "" : opened.error().text));
    BOOST_TEST(marked.rows() >= acknowledged);
    relaxed_lost += marked.rows() < inserted ? 1 : 0;
  }
  BOOST_TEST(relaxed_lost > 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
