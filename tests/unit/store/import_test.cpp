#include <cstdlib>

#include "foreign.hpp"

namespace tessera::store_test {
namespace {

using Kind = ForeignSource::Kind;
using boost::unit_test::precondition;

constexpr const char* kDebianShell = "/usr/bin/sqlcipher";
constexpr const char* kContent =
    "pragma user_version = 42;"
    "create table note(id integer primary key autoincrement, title text unique, n real);"
    "insert into note(title, n) values ('one', 1.5), ('two', 2), ('three', null); delete from note where id "
    "= 2;"
    "create table loose(x, y); insert into loose(rowid, x) values (5, 'five'), (900, 'nine hundred');"
    "create index loose_x on loose(x); create view seen as select title from note;"
    "create trigger loud after insert on loose begin insert into note(title) values ('from trigger'); end;";

struct Import {
  Status run(const ForeignSource& how) const {
    return import_foreign(source, how, target, key.view(), no_progress());
  }
  /// The target has what kContent makes, and nothing was left beside it.
  void check_target() const {
    const auto opened = open_tool(target, key);
    BOOST_TEST(require(opened->integer("pragma user_version")) == 42);
    BOOST_TEST(require(opened->integer("pragma application_id")) ==
               int64_t{ConnectionOptions::kApplicationId});
    BOOST_TEST(require(opened->integer("pragma auto_vacuum")) == 2);
    BOOST_TEST(require(opened->text("select group_concat(id || title || coalesce(n, '-')) from note")) ==
               "1one1.5,3three-");
    BOOST_TEST(require(opened->text("select group_concat(rowid || x) from loose")) ==
               "5five,900nine hundred");
    BOOST_TEST(require(opened->integer("select seq from sqlite_sequence")) == 3);
    BOOST_TEST(require(opened->integer("select count(*) from seen")) == 2);
    require(opened->run("insert into loose(x) values (1)"));
    BOOST_TEST(require(opened->integer("select count(*) from note")) == 3);
    BOOST_TEST(require(opened->text("pragma integrity_check")) == "ok");
    for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
      BOOST_TEST((entry.path() == source || entry.path() == target || entry.path() == source + "-wal" ||
                  entry.path() == source + "-shm"));
    BOOST_CHECK(std::filesystem::status(target).permissions() ==
                (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }

  test::TempDir dir;
  OwnedKey key{3};
  std::string source = dir / "their's.db";
  std::string target = dir / "app.tdb";
};

boost::test_tools::assertion_result is_sqlcipher_3(boost::unit_test::test_unit_id) {
  return std::system("/usr/bin/sqlcipher -version 2>/dev/null | grep -q '^3\\.15'") == 0;
}

ForeignSource by_passphrase(ByteView passphrase, int compatibility = 0) {
  return {Kind::kSqlcipher, passphrase, {}, compatibility};
}
ForeignSource by_raw_key(ByteView key) { return {Kind::kSqlcipher, {}, key, 0}; }
const ForeignSource kPlainFile{};
const Bytes kPassphrase = to_bytes("a passphrase; x'41'");

}  // namespace

BOOST_AUTO_TEST_SUITE(importing)

BOOST_FIXTURE_TEST_CASE(a_plain_file, Import) {
  Foreign(source).run(kContent);
  const Bytes before = content_of(source);
  require(run(kPlainFile));
  BOOST_CHECK(content_of(source) == before);
  check_target();
  const DatabaseKey view = key.view();
  require(verify_file(target, view, no_progress()));
}

BOOST_FIXTURE_TEST_CASE(a_plain_file_with_a_log_of_its_own, Import) {
  Foreign open(source);
  open.run(std::string("pragma journal_mode = wal;") + kContent);
  const Bytes log = content_of(source + "-wal");
  BOOST_REQUIRE(!log.empty());
  require(run(kPlainFile));
  BOOST_CHECK(content_of(source + "-wal") == log);
  check_target();
}

BOOST_FIXTURE_TEST_CASE(what_is_hard_to_copy_row_by_row, Import) {
  Foreign(source).run(
      "create table g(a text, up text generated always as (upper(a)) virtual, len int generated always as "
      "(length(a)) "
      "stored); insert into g(rowid, a) values (7, 'seven');"
      "create table w(a text, b int, primary key(b, a)) without rowid; insert into w values ('x', 1);"
      "create virtual table f using fts5(body); insert into f(rowid, body) values (44, 'find this word');"
      "create table s(a integer, b blob) strict; insert into s values (1, x'00ff');"
      "create table \"odd \"\"name'\"(\"rowid\" text); insert into \"odd \"\"name'\"(_rowid_, \"rowid\") "
      "values (3, 'r');"
      "create index e on g(length(a)) where a > 'a'; analyze;");
  require(run(kPlainFile));
  const auto opened = open_tool(target, key);
  BOOST_TEST(require(opened->text("select rowid || a || up || len from g")) == "7sevenSEVEN5");
  BOOST_TEST(require(opened->integer("select rowid from f where f match 'word'")) == 44);
  BOOST_TEST(require(opened->text("select hex(b) from s")) == "00FF");
  BOOST_TEST(require(opened->text("select _rowid_ || \"rowid\" from \"odd \"\"name'\"")) == "3r");
  BOOST_TEST(require(opened->text("pragma integrity_check")) == "ok");
}

BOOST_FIXTURE_TEST_CASE(text_in_utf16, Import) {
  Foreign(source).run(
      "pragma encoding = 'UTF-16le'; create table t(a); insert into t values ('gr\xc3\xbc\xc3\x9f');");
  require(run(kPlainFile));
  BOOST_TEST(require(open_tool(target, key)->text("select a from t")) == "gr\xc3\xbc\xc3\x9f");
  const std::string lines = dir / "lines";
  BOOST_TEST(require(salvage(target, key.view(), lines, no_progress())).rows == 1);
  BOOST_TEST(std::string(as_text(content_of(lines))) ==
             "{\"table\":\"t\",\"row\":{\"a\":\"gr\xc3\xbc\xc3\x9f\"}}\n");
}

BOOST_FIXTURE_TEST_CASE(every_version_of_sqlcipher_by_passphrase, Import) {
  for (int version = 1; version <= 4; ++version) {
    BOOST_TEST_CONTEXT("SQLCipher " << version) {
      std::filesystem::remove(source);
      {
        Foreign foreign(source);
        foreign.key(kPassphrase, version);
        foreign.run(kContent);
      }
      const Bytes before = content_of(source);
      require(run(by_passphrase(kPassphrase, version)));
      check_target();
      require(run(by_passphrase(kPassphrase)));
      check_target();
      BOOST_CHECK(content_of(source) == before);
      const Status wrong = run(by_passphrase(as_bytes("another")));
      BOOST_TEST(code_of(wrong) == ErrorCode::kCRYPTO);
      BOOST_TEST(reason(wrong) == "WRONG_KEY");
    }
  }
}

BOOST_FIXTURE_TEST_CASE(every_version_of_sqlcipher_by_raw_key, Import) {
  const Bytes raw(32, 0xab);
  std::string text = "x'";
  for (int i = 0; i < 32; ++i) text += "ab";
  text += '\'';
  for (int version = 1; version <= 4; ++version) {
    BOOST_TEST_CONTEXT("SQLCipher " << version) {
      std::filesystem::remove(source);
      {
        Foreign foreign(source);
        foreign.key(as_bytes(text), version);
        foreign.run(kContent);
      }
      require(run(by_raw_key(raw)));
      check_target();
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_file_of_debian_12, Import, *precondition(is_sqlcipher_3)) {
  const std::string script = dir / "script";
  set_content(script, as_bytes(std::string("pragma key = 'old secret';") + kContent));
  BOOST_REQUIRE(std::system((std::string(kDebianShell) + " \"" + source + "\" < " + script).c_str()) == 0);
  std::filesystem::remove(script);
  require(run(by_passphrase(as_bytes("old secret"))));
  check_target();
}

BOOST_FIXTURE_TEST_CASE(what_the_source_is_not, Import) {
  BOOST_TEST(code_of(run(kPlainFile)) == ErrorCode::kNOT_FOUND);
  set_content(source, {});
  BOOST_TEST(reason(run(kPlainFile)) == "DATA_MISSING");
  set_content(source, Bytes(8192, 0x55));
  BOOST_TEST(code_of(run(kPlainFile)) == ErrorCode::kCRYPTO);
  BOOST_TEST(reason(run(by_passphrase(kPassphrase))) == "WRONG_KEY");
  std::filesystem::remove(source);
  Foreign(source).run(kContent);
  BOOST_TEST(reason(run(by_passphrase(kPassphrase))) == "NOT_ENCRYPTED");
  BOOST_TEST(code_of(run(by_raw_key({}))) == ErrorCode::kARG);
  BOOST_TEST(code_of(run(by_raw_key(kPassphrase))) == ErrorCode::kARG);
  BOOST_TEST(code_of(run(by_passphrase(kPassphrase, 5))) == ErrorCode::kARG);
  const std::string link = dir / "link";
  std::filesystem::create_symlink(source, link);
  BOOST_TEST(!import_foreign(link, kPlainFile, target, key.view(), no_progress()).ok());
  BOOST_TEST(code_of(import_foreign(source, kPlainFile, source, key.view(), no_progress())) ==
             ErrorCode::kARG);
  BOOST_TEST(!std::filesystem::exists(target));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_source, Import) {
  Foreign(source).run(std::string(kContent) +
                      "drop trigger loud; with recursive n(i) as (select 1 union all select i + 1 from n "
                      "where i < 3000) insert into "
                      "loose(x) select 'padding ' || i from n");
  const size_t pages = content_of(source).size() / kPageBytes;
  for (size_t page = 2; page < pages; page += 5) {
    const Bytes whole = content_of(source);
    Bytes broken = whole;
    std::fill_n(broken.begin() + static_cast<ptrdiff_t>(page * kPageBytes), kPageBytes, uint8_t{0xee});
    set_content(source, broken);
    BOOST_TEST(reason(run(kPlainFile)) == "DAMAGED");
    set_content(source, whole);
  }
  BOOST_TEST(!std::filesystem::exists(target));
}

BOOST_FIXTURE_TEST_CASE(cancelling_leaves_the_old_target, Import) {
  Foreign(source).run(std::string(kContent) +
                      "drop trigger loud; with recursive n(i) as (select 1 union all select i + 1 from n "
                      "where i < 50000) insert into "
                      "loose(x) select 'padding ' || i from n");
  set_content(target, as_bytes("the old one"));
  for (const int stop_at : {1, 2, 5, 20}) {
    int calls = 0;
    const Status stopped = import_foreign(source, kPlainFile, target, key.view(),
                                          [&](int64_t, int64_t) { return ++calls < stop_at; });
    BOOST_TEST(code_of(stopped) == ErrorCode::kCANCELLED);
  }
  BOOST_TEST(std::string(as_text(content_of(target))) == "the old one");
  for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
    BOOST_TEST((entry.path() == source || entry.path() == target));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store_test
