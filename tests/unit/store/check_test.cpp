#include <algorithm>
#include <atomic>
#include <thread>

#include "care_store.hpp"
#include "foreign.hpp"

namespace tessera::store_test {
namespace {

struct Checked : CareStore {
  Checked() {
    script(
        "create table note(id integer primary key, title text not null, body text);"
        "create index note_title on note(title);"
        "create virtual table word using fts5(body); insert into word select 'find word';");
    add_notes(1500);
  }
  CheckReport report() { return require(check(*database, key.view(), no_progress())); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(checking)

BOOST_FIXTURE_TEST_CASE(a_sound_store_with_content_in_its_log, Checked) {
  for (int round = 0; round < 3; ++round) {
    add_notes(200);
    run("insert into word select body || ' more' from word");
    number("select count(*) from word where word match 'word'");
    const CheckReport sound = report();
    BOOST_TEST(sound.ok);
    BOOST_TEST(sound.problems.empty());
    BOOST_TEST(sound.pages > 100);
  }
  require(database->checkpoint());
  BOOST_TEST(report().ok);
}

BOOST_FIXTURE_TEST_CASE(no_false_alarm_under_constant_writes_and_checkpoints, Checked) {
  std::atomic<bool> stop = false;
  std::atomic<int64_t> failures = 0;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      const Status written =
          database->write({.durability = Durability::kRelaxed}, [i](WriteScope& scope) -> Status {
            TSR_RETURN_IF_ERROR(
                scope.connection().run("insert into note(title, body) select title, body from note limit 20;"
                                       "delete from note where id % 7 = " +
                                       std::to_string(i % 7) + " and id > 1500"));
            return scope.connection().run("insert into word values ('word " + std::to_string(i) + "')");
          });
      if (!written || (i % 5 == 0 && !database->checkpoint())) ++failures;
    }
  });
  for (int round = 0; round < 12; ++round) {
    const CheckReport sound = report();
    BOOST_TEST(sound.ok);
    for (const std::string& problem : sound.problems) BOOST_TEST_MESSAGE(problem);
  }
  stop = true;
  writer.join();
  BOOST_TEST(failures == 0);
}

BOOST_FIXTURE_TEST_CASE(every_damaged_page_is_named, Checked) {
  require(database->checkpoint());
  const int64_t pages = report().pages;
  for (int64_t page = 1; page <= pages; page += 9) {
    flip_byte(path, static_cast<size_t>(page - 1) * kPageBytes + 700);
    const CheckReport found = report();
    flip_byte(path, static_cast<size_t>(page - 1) * kPageBytes + 700);
    BOOST_TEST(!found.ok);
    BOOST_TEST(found.pages == pages);
    BOOST_REQUIRE(!found.problems.empty());
    const std::string wanted = "page " + std::to_string(page) + " is damaged";
    BOOST_TEST(std::count(found.problems.begin(), found.problems.end(), wanted) == 1);
    for (const std::string& problem : found.problems) BOOST_TEST(problem.find("title ") == std::string::npos);
  }
  BOOST_TEST(report().ok);
  BOOST_TEST(number("select count(*) from note") == 1500);
}

BOOST_FIXTURE_TEST_CASE(many_damaged_pages_are_told_up_to_a_limit, Checked) {
  add_notes(5000);
  require(database->checkpoint());
  const size_t pages = content_of(path).size() / kPageBytes;
  for (size_t page = 2; page <= pages; ++page) flip_byte(path, (page - 1) * kPageBytes + 1);
  const CheckReport found = report();
  BOOST_TEST(!found.ok);
  BOOST_TEST(found.problems.size() == 100U);
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_between_sound_pages, Checked) {
  close();
  {
    Foreign raw(path);
    raw.key(as_bytes(key_text(key)));
    raw.run(
        "pragma foreign_keys = off; create table child(id integer primary key, note references note(id));"
        "insert into child(note) values (1), (999999), (888888)");
    raw.run(
        "pragma writable_schema = on;"
        "update sqlite_schema set sql = replace(sql, 'not null', '') where name = 'note';"
        "pragma writable_schema = reset");
  }
  {
    Foreign raw(path);
    raw.key(as_bytes(key_text(key)));
    raw.run("update note set title = null where id = 3");
    raw.run(
        "pragma writable_schema = on;"
        "update sqlite_schema set sql = replace(sql, 'title text', 'title text not null') where name = "
        "'note';");
  }
  open();
  const CheckReport nulls = report();
  BOOST_TEST(!nulls.ok);
  BOOST_TEST(std::count(nulls.problems.begin(), nulls.problems.end(), "NULL value in note.title") == 1);

  run("update note set title = 'found' where id = 3");
  const CheckReport orphans = report();
  BOOST_TEST(!orphans.ok);
  BOOST_REQUIRE(orphans.problems.size() == 1U);
  BOOST_TEST(orphans.problems.front() == "2 rows of child refer to rows of note that do not exist");
}

BOOST_FIXTURE_TEST_CASE(progress_counts_up_and_cancels, Checked) {
  add_notes(5000);
  int64_t last = 0;
  int64_t total = 0;
  require(check(*database, key.view(), [&](int64_t done, int64_t all) {
    BOOST_TEST(done >= last);
    last = done;
    total = all;
    return true;
  }));
  BOOST_TEST(last == total);
  for (const int stop_at : {1, 2, 3, 5}) {
    int calls = 0;
    const auto stopped = check(*database, key.view(), [&](int64_t, int64_t) { return ++calls < stop_at; });
    BOOST_TEST(code_of(stopped) == ErrorCode::kCANCELLED);
  }
  BOOST_TEST(report().ok);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store_test
