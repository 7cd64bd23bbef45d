#include "store/local_vfs.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "child_process.hpp"
#include "sql.hpp"
#include "temp_dir.hpp"

namespace tessera::store {
namespace {

using tessera::test::ChildProcess;
using tessera::test::TempDir;
using test::Sql;

constexpr int kReadOnly = SQLITE_OPEN_READONLY;

/// Runs the stock SQLCipher shell on the file, its script on standard input; what it says, errors too.
std::string stock_shell(const std::string& path, const std::string& script) {
  const std::string file = path + ".sql";
  std::ofstream(file) << "pragma key=\"" << test::kKeyText << "\";\n" << script << '\n';
  const std::string command = "'" TESSERA_SQLCIPHER_SHELL "' '" + path + "' <'" + file + "' 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  for (int byte = 0; (byte = fgetc(pipe)) != EOF;) output += static_cast<char>(byte);
  pclose(pipe);
  return output;
}

void fill(Sql& sql, int rows = 100) {
  BOOST_REQUIRE_EQUAL(sql.run(Sql::kWal), SQLITE_OK);
  BOOST_REQUIRE_EQUAL(sql.run("create table t(a integer primary key, b)"), SQLITE_OK);
  for (int i = 0; i < rows; ++i) BOOST_REQUIRE_EQUAL(sql.run("insert into t(b) values(1)"), SQLITE_OK);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(local_vfs_suite)

BOOST_AUTO_TEST_CASE(connections_share_one_log_without_a_shm_file) {
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  Sql writer(path);
  fill(writer);
  BOOST_TEST(std::filesystem::exists(path + "-wal"));
  BOOST_TEST(!std::filesystem::exists(path + "-shm"));
  Sql reader(path, kReadOnly);
  BOOST_TEST(reader.number("select count(*) from t") == 100);
  BOOST_TEST(reader.run("insert into t(b) values(2)") == SQLITE_READONLY);

  BOOST_TEST(reader.run("begin; select count(*) from t") == SQLITE_OK);
  BOOST_TEST(writer.run("insert into t(b) values(2)") == SQLITE_OK);
  BOOST_TEST(reader.number("select count(*) from t") == 100);  // its snapshot
  BOOST_TEST(reader.run("commit") == SQLITE_OK);
  BOOST_TEST(reader.number("select count(*) from t") == 101);

  // A second writer waits for the first.
  Sql other(path);
  BOOST_TEST(writer.run("begin immediate") == SQLITE_OK);
  BOOST_TEST(other.run("begin immediate") == SQLITE_BUSY);
  BOOST_TEST(writer.run("commit") == SQLITE_OK);
  BOOST_TEST(other.run("begin immediate; rollback") == SQLITE_OK);
}

BOOST_AUTO_TEST_CASE(the_last_connection_empties_the_log) {
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  Sql writer(path);
  fill(writer);
  Sql reader(path);
  BOOST_TEST(reader.number("select count(*) from t") == 100);
  writer.close();
  BOOST_TEST(std::filesystem::exists(path + "-wal"));
  reader.close();
  BOOST_TEST(!std::filesystem::exists(path + "-wal"));
  Sql again(path);
  BOOST_TEST(again.number("select count(*) from t") == 100);
}

BOOST_AUTO_TEST_CASE(rollback_journals_lock_each_other_out_as_well) {
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  Sql first(path);
  BOOST_TEST(first.run("pragma journal_mode = delete; create table t(a); insert into t values(1)") ==
             SQLITE_OK);
  Sql second(path);
  BOOST_TEST(second.run("begin; select * from t") == SQLITE_OK);
  BOOST_TEST(first.run("begin immediate; insert into t values(2)") == SQLITE_OK);
  BOOST_TEST(second.run("insert into t values(3)") == SQLITE_BUSY);
  BOOST_TEST(first.run("commit") == SQLITE_BUSY);  // waits for the reader to leave
  Sql third(path);
  BOOST_TEST(third.run("select * from t") == SQLITE_BUSY);  // no new ones meanwhile
  BOOST_TEST(second.run("commit") == SQLITE_OK);
  BOOST_TEST(first.run("commit") == SQLITE_OK);
  BOOST_TEST(third.number("select count(*) from t") == 2);
}

BOOST_AUTO_TEST_CASE(other_processes_find_the_database_locked) {
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  {
    Sql writer(path);
    fill(writer);
    BOOST_TEST(stock_shell(path, "select count(*) from t;").find("database is locked") != std::string::npos);
    BOOST_TEST(stock_shell(path, "insert into t(b) values(7);").find("database is locked") !=
               std::string::npos);
    ChildProcess same_sdk([&] { return Sql(path).run("select count(*) from t") == SQLITE_BUSY ? 0 : 1; });
    BOOST_TEST(same_sdk.wait() == 0);
    BOOST_TEST(writer.number("select count(*) from t") == 100);
  }
  BOOST_TEST(stock_shell(path, "select count(*) from t; pragma integrity_check;").find("100\nok") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_database_that_another_process_uses_is_busy) {
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  {
    Sql writer(path);
    fill(writer);
  }
  const std::string ready = dir / "ready";
  const std::string done = dir / "done";
  BOOST_REQUIRE(mkfifo(ready.c_str(), 0600) == 0 && mkfifo(done.c_str(), 0600) == 0);
  ChildProcess shell([&] {
    stock_shell(path,
                "begin; select count(*) from t;\n.shell echo >'" + ready + "'; cat '" + done + "'\ncommit;");
    return 0;
  });
  std::FILE* const told = std::fopen(ready.c_str(), "r");
  std::fgetc(told);  // or the shell would write to a pipe without reader, and end
  std::fclose(told);
  Sql sql(path);
  BOOST_TEST(sql.run("select count(*) from t") == SQLITE_BUSY);
  std::fclose(std::fopen(done.c_str(), "w"));
  BOOST_TEST(shell.wait() == 0);
  BOOST_TEST(sql.number("select count(*) from t") == 100);
}

BOOST_AUTO_TEST_CASE(a_forked_child_can_neither_read_nor_write_nor_unlock) {
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  Sql writer(path);
  fill(writer);
  ChildProcess child([&] {
    const int read = writer.run("select * from t") & 0xff;
    const int written = writer.run("insert into t(b) values(3)") & 0xff;
    writer.close();  // what a careless child might do
    return read == SQLITE_IOERR && written == SQLITE_IOERR ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
  ChildProcess other([&] { return Sql(path).run("select * from t") == SQLITE_BUSY ? 0 : 1; });
  BOOST_TEST(other.wait() == 0);
  BOOST_TEST(writer.run("insert into t(b) values(3)") == SQLITE_OK);
  BOOST_TEST(writer.number("select count(*) from t") == 101);
  BOOST_TEST(writer.number("select 1 from pragma_integrity_check where integrity_check = 'ok'") == 1);
}

BOOST_AUTO_TEST_CASE(a_log_that_a_crash_left_is_read) {
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  ChildProcess crashing([&] {
    Sql writer(path);
    for (const char* sql :
         {Sql::kWal, "create table t(a)", "insert into t values(1)", "insert into t values(2)"})
      if (writer.run(sql) != SQLITE_OK) return 1;
    _exit(0);
  });
  BOOST_TEST(crashing.wait() == 0);
  BOOST_TEST(std::filesystem::file_size(path + "-wal") > 0);
  BOOST_TEST(Sql(path).number("select count(*) from t") == 2);
}

BOOST_AUTO_TEST_CASE(only_the_owner_can_read_what_is_created) {
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  const mode_t before = umask(0);
  Sql writer(path);
  fill(writer);
  umask(before);
  for (const std::string& file : {path, path + "-wal"}) {
    struct stat status{};
    BOOST_REQUIRE(stat(file.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777) == 0600);
  }
}

BOOST_AUTO_TEST_CASE(threads_read_while_one_writes_and_checkpoints) {
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  Sql writer(path);
  fill(writer);
  // A reader that meets a header while it changes takes the writer's lock for a moment and looks again.
  sqlite3_busy_timeout(writer.get(), 5000);
  BOOST_TEST(writer.run("pragma wal_autocheckpoint = 20") == SQLITE_OK);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::atomic<int> read{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      Sql reader(path, kReadOnly);
      int64_t seen = 0;
      while (!done) {
        // Both halves of a transaction or none, and never back in time.
        const int64_t now = reader.number("select count(*) from t");
        if (now < seen || now % 2 != 0) ++wrong;
        seen = now;
        ++read;
      }
    });
  }
  for (int i = 0; i < 500; ++i) {
    if (writer.run("begin immediate; insert into t(b) values(1); insert into t(b) values(1); commit") !=
        SQLITE_OK)
      ++wrong;
    if (i % 100 == 0) writer.run("pragma wal_checkpoint(truncate)");
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  BOOST_TEST(wrong == 0);
  BOOST_TEST(read > 0);
  BOOST_TEST(writer.number("select count(*) from t") == 1100);
  BOOST_TEST(writer.number("select 1 from pragma_integrity_check where integrity_check = 'ok'") == 1);
}

BOOST_AUTO_TEST_CASE(a_watcher_hears_before_the_log_goes) {
  struct Watcher final : LogWatcher {
    Status before_reset() override {
      ++told;
      if (refuse) return Error{ErrorCode::kIO, "test", "no", {}};
      return {};
    }
    int told = 0;
    bool refuse = false;
  };
  const TempDir dir;
  const std::string path = dir / "app.tdb";
  Watcher watcher;
  BOOST_REQUIRE(watch_log(path + "-wal", &watcher).ok());
  {
    Sql writer(path);
    fill(writer, 3);
    BOOST_TEST(watcher.told == 1);  // the header of a new log
    BOOST_TEST(writer.run("pragma wal_checkpoint(truncate)") == SQLITE_OK);
    BOOST_TEST(watcher.told == 2);
    BOOST_TEST(writer.run("insert into t(b) values(1)") == SQLITE_OK);
    BOOST_TEST(watcher.told == 3);
    BOOST_TEST(writer.run("pragma wal_checkpoint(restart)") == SQLITE_OK);
    watcher.refuse = true;
    BOOST_TEST((writer.run("insert into t(b) values(1)") & 0xff) == SQLITE_IOERR);
    BOOST_TEST(watcher.told == 4);
    watcher.refuse = false;
    BOOST_TEST(writer.run("insert into t(b) values(1)") == SQLITE_OK);
    BOOST_TEST(watcher.told == 5);
  }
  BOOST_TEST(watcher.told == 6);  // deleted
  unwatch_log(&watcher);
  Sql(path).run("insert into t(b) values(1)");
  BOOST_TEST(watcher.told == 6);
}

BOOST_AUTO_TEST_CASE(memory_that_can_not_be_locked_is_no_news_for_stderr) {
  const TempDir dir;
  const std::string log = dir / "stderr";
  ChildProcess child([&] {
    const struct rlimit nothing{0, 0};
    if (std::freopen(log.c_str(), "w", stderr) == nullptr || setrlimit(RLIMIT_MEMLOCK, &nothing) != 0)
      return 1;
    constexpr uid_t kNobody = 65534;
    if (chmod(dir.path().c_str(), 0777) != 0 || (geteuid() == 0 && setuid(kNobody) != 0)) return 2;
    Sql sql(dir / "app.tdb");
    return sql.run("create table t(a)") == SQLITE_OK ? 0 : 3;
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(std::filesystem::file_size(log) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
