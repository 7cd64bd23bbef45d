#include <atomic>
#include <cstdlib>
#include <thread>

#include "care_store.hpp"
#include "fakes.hpp"
#include "foreign.hpp"

namespace tessera::store_test {
namespace {

namespace fs = std::filesystem;

struct Copies : CareStore {
  Copies() {
    script(
        "create table note(id integer primary key, title text, body text);"
        "create table twin(id integer primary key, title text);"
        "create virtual table word using fts5(body); insert into word values ('find this word');"
        "pragma user_version = 7");
    add_notes(2000);
  }
  int64_t in_copy(const OwnedKey& copy_key, std::string_view sql) const {
    const DatabaseKey view = copy_key.view();
    return require(require(Connection::open({.path = target, .read_only = true}, &view))->integer(sql));
  }
};

/// Writes one row to each of two tables in every transaction until destroyed.
class Writers {
 public:
  explicit Writers(Database& database) {
    for (int i = 0; i < 3; ++i) {
      threads_.emplace_back([this, &database] {
        while (!stop_) {
          const Status written =
              database.write({.durability = Durability::kRelaxed}, [](WriteScope& scope) -> Status {
                TSR_RETURN_IF_ERROR(
                    scope.connection().run("insert into note(title, body) values ('live', zeroblob(500))"));
                return scope.connection().run("insert into twin(title) values ('live')");
              });
          (written ? commits_ : failures_) += 1;
        }
      });
    }
  }
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;
  ~Writers() { stop(); }
  void stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int64_t commits() const { return commits_; }
  int64_t failures() const { return failures_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int64_t> commits_ = 0;
  std::atomic<int64_t> failures_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(copies)

BOOST_FIXTURE_TEST_CASE(a_backup_is_one_file_with_everything, Copies) {
  run("update note set title = 'only in the log' where id = 9");
  int64_t last = -1;
  int64_t total = 0;
  require(back_up(*database, target, key.view(), [&](int64_t done, int64_t all) {
    BOOST_TEST(done >= last);
    BOOST_TEST(done <= all);
    last = done;
    total = all;
    return true;
  }));
  BOOST_TEST(last == total);
  BOOST_TEST(strange_files({"copy.tdb"}).empty());
  BOOST_CHECK(fs::status(target).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  require(verify_file(target, key.view(), no_progress()));
  BOOST_TEST(in_copy(key, "select count(*) from note where title = 'only in the log'") == 1);
  BOOST_TEST(in_copy(key, "select rowid from word where word match 'word'") == 1);
  BOOST_TEST(in_copy(key, "pragma user_version") == 7);
  BOOST_TEST(strange_files({"copy.tdb"}).empty());

  // It is a store.
  close();
  fs::rename(target, path);
  open();
  BOOST_TEST(number("select count(*) from note") == 2000);
}

BOOST_FIXTURE_TEST_CASE(a_backup_ends_under_constant_writes_and_holds_up_none, Copies) {
  add_notes(20'000);
  Writers writers(*database);
  for (int round = 0; round < 3; ++round) {
    const int64_t before = writers.commits();
    require(back_up(*database, target, key.view(), no_progress()));
    BOOST_TEST(writers.commits() > before);
    BOOST_TEST(
        in_copy(key,
                "select (select count(*) from note where title = 'live') = (select count(*) from twin)") ==
        1);
    BOOST_TEST(in_copy(key, "select count(*) from twin") >= 0);
    require(verify_file(target, key.view(), no_progress()));
  }
  for (int round = 0; round < 2; ++round) {
    const int64_t before = writers.commits();
    require(copy_compact(*database, key.view(), target, no_progress()));
    BOOST_TEST(writers.commits() > before);
    BOOST_TEST(
        in_copy(key,
                "select (select count(*) from note where title = 'live') = (select count(*) from twin)") ==
        1);
  }
  writers.stop();
  BOOST_TEST(writers.failures() == 0);
  BOOST_TEST(number("select count(*) from twin") == writers.commits());
}

BOOST_FIXTURE_TEST_CASE(another_key_opens_an_export_and_the_old_one_does_not, Copies) {
  require(back_up(*database, target, other_key.view(), no_progress()));
  BOOST_TEST(in_copy(other_key, "select count(*) from note") == 2000);
  require(verify_file(target, other_key.view(), no_progress()));
  BOOST_TEST(!verify_file(target, key.view(), no_progress()).ok());
  const Bytes bytes = content_of(target);
  BOOST_CHECK(std::equal(other_key.salt.begin(), other_key.salt.end(), bytes.begin()));
}

BOOST_FIXTURE_TEST_CASE(the_stock_shell_reads_an_export, Copies) {
  require(back_up(*database, target, other_key.view(), no_progress()));
  const std::string shell = TESSERA_SQLCIPHER_SHELL;
  BOOST_REQUIRE(fs::exists(shell));
  const std::string script = dir / "script";
  set_content(script, as_bytes("pragma key = \"" + key_text(other_key) +
                               "\";\npragma cipher_integrity_check;\n"
                               "pragma integrity_check;\nselect count(*) from note;\n"));
  const std::string out = dir / "out";
  BOOST_REQUIRE(std::system((shell + " '" + target + "' < " + script + " > " + out).c_str()) == 0);
  BOOST_TEST(std::string(as_text(content_of(out))) == "ok\nok\n2000\n");
}

BOOST_FIXTURE_TEST_CASE(a_compact_copy_has_no_free_pages, Copies) {
  add_notes(10'000);
  run("delete from note where id > 100");
  require(database->checkpoint());
  require(copy_compact(*database, key.view(), target, no_progress()));
  BOOST_TEST(fs::file_size(target) * 10 < fs::file_size(path));
  BOOST_TEST(in_copy(key, "pragma freelist_count") == 0);
  BOOST_TEST(in_copy(key, "select count(*) from note") == 100);
  BOOST_TEST(in_copy(key, "pragma user_version") == 7);
  BOOST_TEST(in_copy(key, "pragma auto_vacuum") == 2);
  BOOST_TEST(in_copy(key, "select count(*) from word where word match 'word'") == 1);
  require(verify_file(target, key.view(), no_progress()));
  BOOST_TEST(strange_files({"copy.tdb"}).empty());
  run("insert into note(title) values ('the store goes on')");
}

BOOST_FIXTURE_TEST_CASE(cancelling_at_any_step_keeps_the_old_copy, Copies) {
  add_notes(20'000);
  set_content(target, as_bytes("an older backup"));
  for (const int stop_at : {1, 2, 4, 8, 12}) {
    int calls = 0;
    const Progress stop = [&](int64_t, int64_t) { return ++calls < stop_at; };
    BOOST_TEST(code_of(back_up(*database, target, key.view(), stop)) == ErrorCode::kCANCELLED);
    calls = 0;
    BOOST_TEST(code_of(copy_compact(*database, key.view(), target, stop)) == ErrorCode::kCANCELLED);
    calls = 0;
    BOOST_TEST(code_of(export_plain(*database, target, "test", stop)) == ErrorCode::kCANCELLED);
  }
  BOOST_TEST(std::string(as_text(content_of(target))) == "an older backup");
  BOOST_TEST(strange_files({"copy.tdb"}).empty());
  require(back_up(*database, target, key.view(), no_progress()));
  require(verify_file(target, key.view(), no_progress()));
}

BOOST_FIXTURE_TEST_CASE(what_a_copy_may_not_replace, Copies) {
  const auto refused = [&](const std::string& where) {
    return code_of(back_up(*database, where, key.view(), no_progress()));
  };
  for (const char* name : {"app.tdb", "app.tdb-wal", "app.tsq", "app.tks", "app.lock"})
    BOOST_TEST(refused(dir / name) == ErrorCode::kARG);
  BOOST_TEST(refused((dir.path() / "." / "app.tdb").string()) == ErrorCode::kARG);
  BOOST_TEST(refused("") == ErrorCode::kARG);
  fs::create_symlink(dir / "elsewhere", target);
  BOOST_TEST(refused(target) == ErrorCode::kARG);
  fs::remove(target);
  fs::create_hard_link(path, target);
  BOOST_TEST(refused(target) == ErrorCode::kARG);
  fs::remove(target);
  fs::create_directory(target);
  BOOST_TEST(refused(target) == ErrorCode::kARG);
  fs::remove(target);
  set_content(target, as_bytes("database"));
  set_content(target + "-wal", as_bytes("its log"));
  BOOST_TEST(refused(target) == ErrorCode::kSTATE);
  BOOST_TEST(std::string(as_text(content_of(target))) == "database");
  BOOST_TEST(refused(dir / "no/such/folder/copy") == ErrorCode::kNOT_FOUND);
  BOOST_TEST(!fs::exists(dir / "elsewhere"));
  BOOST_TEST(number("select count(*) from note") == 2000);
}

BOOST_FIXTURE_TEST_CASE(what_a_crash_left_is_no_obstacle, Copies) {
  set_content(target + ".part", as_bytes("half a copy"));
  set_content(target + ".part-wal", as_bytes("its log"));
  set_content(target + ".part-journal", as_bytes("its journal"));
  require(back_up(*database, target, key.view(), no_progress()));
  require(verify_file(target, key.view(), no_progress()));
  BOOST_TEST(strange_files({"copy.tdb"}).empty());
}

BOOST_FIXTURE_TEST_CASE(a_damaged_store_is_not_copied, Copies) {
  add_notes(5000);
  require(database->checkpoint());
  close();
  const size_t pages = content_of(path).size() / kPageBytes;
  int refused = 0;
  int tried = 0;
  for (size_t page = 3; page <= pages; page += pages / 7) {
    flip_byte(path, (page - 1) * kPageBytes + 300);
    open();
    ++tried;
    const Status copied = back_up(*database, target, key.view(), no_progress());
    if (!copied) {
      ++refused;
      BOOST_TEST(reason(copied) == "DAMAGED");
    }
    BOOST_TEST(!copy_compact(*database, key.view(), target, no_progress()).ok());
    static_cast<void>(database->close(1000));
    database.reset();
    flip_byte(path, (page - 1) * kPageBytes + 300);
  }
  BOOST_TEST(refused == tried);
  BOOST_TEST(!fs::exists(target));
}

BOOST_FIXTURE_TEST_CASE(a_copy_is_verified_down_to_each_page, Copies) {
  require(back_up(*database, target, key.view(), no_progress()));
  const size_t pages = content_of(target).size() / kPageBytes;
  for (size_t page = 1; page <= pages; page += 13) {
    flip_byte(target, (page - 1) * kPageBytes + 2000);
    const Status found = verify_file(target, key.view(), no_progress());
    BOOST_TEST(reason(found) == "DAMAGED");
    flip_byte(target, (page - 1) * kPageBytes + 2000);
  }
  require(verify_file(target, key.view(), no_progress()));
  fs::resize_file(target, (pages - 2) * kPageBytes);
  BOOST_TEST(reason(verify_file(target, key.view(), no_progress())) == "DAMAGED");
  BOOST_TEST(code_of(verify_file(dir / "none", key.view(), no_progress())) == ErrorCode::kNOT_FOUND);
  BOOST_TEST(code_of(verify_file(path + ".none", key.view(), no_progress())) == ErrorCode::kNOT_FOUND);
}

BOOST_AUTO_TEST_CASE(a_store_in_memory_has_no_copy) {
  const test::TempDir dir;
  const OwnedKey key;
  Logger logger;
  const auto memory =
      require(Database::open({}, key.view(), {&system_clock(), &system_random(), &logger}, nullptr));
  BOOST_TEST(code_of(back_up(*memory, dir / "copy", key.view(), no_progress())) == ErrorCode::kUNSUPPORTED);
  BOOST_TEST(code_of(copy_compact(*memory, key.view(), dir / "copy", no_progress())) ==
             ErrorCode::kUNSUPPORTED);
  BOOST_TEST(code_of(export_plain(*memory, dir / "copy", "why", no_progress())) == ErrorCode::kUNSUPPORTED);
  BOOST_TEST(require(check(*memory, key.view(), no_progress())).ok);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(moving_aside)

BOOST_AUTO_TEST_CASE(the_database_moves_with_its_log_and_mark) {
  const test::TempDir dir;
  test::FakeClock clock;
  for (const char* name : {"app.tdb", "app.tdb-wal", "app.tsq", "app.tks"})
    set_content(dir / name, as_bytes(name));
  const std::string moved = require(move_aside(dir / "app.tdb", clock));
  BOOST_TEST(moved == dir / "app.tdb.damaged-20260528T202640Z");
  BOOST_TEST(std::string(as_text(content_of(moved))) == "app.tdb");
  BOOST_TEST(std::string(as_text(content_of(moved + "-wal"))) == "app.tdb-wal");
  BOOST_TEST(std::string(as_text(content_of(moved + ".tsq"))) == "app.tsq");
  for (const char* name : {"app.tdb", "app.tdb-wal", "app.tsq"}) BOOST_TEST(!fs::exists(dir / name));
  BOOST_TEST(fs::exists(dir / "app.tks"));
  BOOST_TEST(code_of(move_aside(dir / "app.tdb", clock)) == ErrorCode::kNOT_FOUND);

  // Another one within the same second takes nothing away.
  set_content(dir / "app.tdb", as_bytes("the next"));
  const std::string second = require(move_aside(dir / "app.tdb", clock));
  BOOST_TEST(second == moved + "-2");
  BOOST_TEST(std::string(as_text(content_of(moved))) == "app.tdb");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store_test
