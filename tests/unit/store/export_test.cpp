#include "care_store.hpp"
#include "foreign.hpp"

namespace tessera::store_test {
namespace {

constexpr std::string_view kCanary = "root-of-all-sealing-0123456789";

struct PlainExport : CareStore {
  PlainExport() {
    script(
        "create table note(id integer primary key, title text, body text);"
        "create table loose(x); insert into loose(rowid, x) values (900, 'nine hundred');"
        "create table made(a text, up text generated always as (upper(a)) stored);"
        "insert into made(a) values ('grow');"
        "create virtual table word using fts5(body); insert into word values ('find this word');"
        "pragma user_version = 7");
    add_notes(1500);
    require(database->write({}, [](WriteScope& scope) {
      return scope.connection().run(
          "create table tsr_secret_roots(id integer primary key, root text);"
          "insert into tsr_secret_roots values (1, '" +
          std::string(kCanary) + "')");
    }));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(exporting)

BOOST_FIXTURE_TEST_CASE(plain_sqlite_reads_all_but_the_keys, PlainExport) {
  require(export_plain(*database, target, "the user asked for it", no_progress()));
  {
    Foreign plain(target);
    BOOST_TEST(plain.text("pragma integrity_check") == "ok");
    BOOST_TEST(plain.text("select count(*) || title from note where id < 3") == "2title 1");
    BOOST_TEST(plain.text("select rowid || x from loose") == "900nine hundred");
    BOOST_TEST(plain.text("select up from made") == "GROW");
    BOOST_TEST(plain.text("select rowid from word where word match 'word'") == "1");
    BOOST_TEST(plain.text("pragma user_version") == "7");
    BOOST_TEST(plain.text("pragma journal_mode") == "delete");
    BOOST_TEST(plain.text("select count(*) from sqlite_schema where name like 'tsr_secret%'") == "0");
    plain.run("insert into note(title) values ('it is theirs now')");
  }
  BOOST_TEST(as_text(content_of(target)).find(kCanary) == std::string_view::npos);
  BOOST_TEST(number("select count(*) from note") == 1500);
  BOOST_TEST(strange_files({"copy.tdb"}).empty());
  BOOST_CHECK(std::filesystem::status(target).permissions() ==
              (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

BOOST_FIXTURE_TEST_CASE(the_reason_is_recorded_before_anything_is_written, PlainExport) {
  std::vector<std::string> logged;
  logger.attach(LogLevel::kWarn, [&](const LogRecord& record) {
    logged.push_back(std::string(record.event) + " " + record.fields_json);
  });
  BOOST_TEST(code_of(export_plain(*database, target, "", no_progress())) == ErrorCode::kARG);
  BOOST_TEST(logged.empty());
  BOOST_TEST(code_of(export_plain(*database, target, "case 4711", [](int64_t, int64_t) { return false; })) ==
             ErrorCode::kCANCELLED);
  BOOST_REQUIRE(logged.size() == 1U);
  BOOST_TEST(logged.front().find("case 4711") != std::string::npos);
  BOOST_TEST(logged.front().starts_with("plain_export"));
  std::string recorded;
  require(database->read({}, [&](Connection& connection) -> Status {
    auto found = connection.text("select event || ': ' || reason from tsr_audit where at_ms > 1700000000000");
    if (!found) return found.error();
    recorded = *found;
    return {};
  }));
  BOOST_TEST(recorded == "plain_export: case 4711");
}

BOOST_FIXTURE_TEST_CASE(an_export_can_be_imported_again, PlainExport) {
  require(export_plain(*database, target, "moving", no_progress()));
  const std::string again = dir / "again.tdb";
  require(import_foreign(target, {}, again, other_key.view(), no_progress()));
  require(verify_file(again, other_key.view(), no_progress()));
  const auto opened = open_tool(again, other_key);
  BOOST_TEST(require(opened->integer("select count(*) from note")) == 1500);
  BOOST_TEST(require(opened->integer("select rowid from loose")) == 900);
  BOOST_TEST(require(opened->text("select reason from tsr_audit")) == "moving");
}

BOOST_FIXTURE_TEST_CASE(no_plain_text_lies_about_unless_asked_for, PlainExport) {
  require(back_up(*database, target, other_key.view(), no_progress()));
  for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
    BOOST_TEST(as_text(content_of(entry.path().string())).find("title 77") == std::string_view::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store_test
