// Opening: what is refused and how the causes are told apart; the application's SQL and its limits.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "child_process.hpp"
#include "store/connection.hpp"
#include "store_fixture.hpp"

namespace tessera {
namespace {

using namespace store_test;

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

struct Closed : OpenStore {
  Closed() {
    execute("insert into t values(1, 'canary of the test')");
    close();
    database.reset();
  }
  std::string reopened() {
    auto result = try_open();
    const std::string outcome = outcome_of(result);
    if (result) database = std::move(*result);
    return outcome;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(opening)

BOOST_FIXTURE_TEST_CASE(content_is_there_again_and_encrypted, Closed) {
  const std::string content = read_file(config.path);
  BOOST_TEST(content.size() >= 4096u);
  BOOST_TEST(!content.starts_with("SQLite format 3"));
  BOOST_TEST((content.find("canary") == std::string::npos));
  BOOST_TEST(reopened() == "ok");
  BOOST_TEST(query("select * from t") == "1|canary of the test");
}

BOOST_FIXTURE_TEST_CASE(the_log_is_encrypted_too, OpenStore) {
  execute("insert into t values(1, 'canary of the test')");
  const std::string log = read_file(config.path + "-wal");
  BOOST_TEST(log.size() > 4096u);
  BOOST_TEST((log.find("canary") == std::string::npos));
}

BOOST_FIXTURE_TEST_CASE(another_key_is_a_wrong_key, Closed) {
  key[0] ^= 1;
  BOOST_TEST(reopened() == "crypto WRONG_KEY");
}

BOOST_FIXTURE_TEST_CASE(a_known_key_that_does_not_fit_means_damage, Closed) {
  std::string content = read_file(config.path);
  content[100] = static_cast<char>(content[100] ^ 1);
  write_file(config.path, content);
  config.key_is_known = true;
  BOOST_TEST(reopened() == "corrupt DAMAGED");
}

BOOST_FIXTURE_TEST_CASE(a_key_of_another_length_is_refused, Closed) {
  key.push_back(0);
  BOOST_TEST(reopened() == "arg");
}

BOOST_FIXTURE_TEST_CASE(a_plain_database_is_not_opened, Store) {
  sqlite3* plain = nullptr;
  BOOST_REQUIRE(sqlite3_open(config.path.c_str(), &plain) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_exec(plain, "create table t(x)", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(plain);
  BOOST_TEST(outcome_of(try_open()) == "crypto NOT_ENCRYPTED");
}

BOOST_FIXTURE_TEST_CASE(an_empty_or_missing_file_is_missing_data_unless_it_may_be_made, Store) {
  config.create = false;
  BOOST_TEST(outcome_of(try_open()) == "corrupt DATA_MISSING");
  write_file(config.path, "");
  BOOST_TEST(outcome_of(try_open()) == "corrupt DATA_MISSING");
  config.create = true;
  BOOST_TEST(outcome_of(try_open()) == "ok");
}

BOOST_FIXTURE_TEST_CASE(a_log_without_its_database_is_kept, Store) {
  write_file(config.path + "-wal", "frames");
  BOOST_TEST(outcome_of(try_open()) != "ok");
  BOOST_TEST(read_file(config.path + "-wal") == "frames");
}

BOOST_FIXTURE_TEST_CASE(a_link_is_not_followed, Closed) {
  const std::string real = folder / "real.tdb";
  std::filesystem::rename(config.path, real);
  std::filesystem::create_symlink(real, config.path);
  BOOST_TEST(reopened() == "permission LINK");
}

BOOST_FIXTURE_TEST_CASE(a_link_to_the_folder_is_fine, Closed) {
  std::filesystem::create_directory_symlink(folder.path(), folder / "link");
  config.path = folder / "link/app.tdb";
  BOOST_TEST(reopened() == "ok");
  BOOST_TEST(query("select count(*) from t") == "1");
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_is_missing_is_not_found, Store) {
  config.path = folder / "none/app.tdb";
  BOOST_TEST(outcome_of(try_open()) == "not_found");
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_may_not_be_written_is_told, Closed) {
  namespace fs = std::filesystem;
  fs::permissions(config.path, fs::perms::all);
  fs::permissions(folder.path(), fs::perms(0555));
  test::ChildProcess other_user([&] {
    if (setgid(65534) != 0 || setuid(65534) != 0) return 0;  // not root: the rights count already
    return reopened().starts_with("permission") ? 0 : 1;
  });
  const bool told = other_user.wait() == 0 && (geteuid() == 0 || reopened().starts_with("permission"));
  fs::permissions(folder.path(), fs::perms(0755));
  BOOST_TEST(told);
  BOOST_TEST(reopened() == "ok");
}

BOOST_FIXTURE_TEST_CASE(names_beyond_ascii_work, Store) {
  config.path = folder / "coração 文.tdb";
  open();
  execute("create table t(x)");
  close();
  BOOST_TEST(std::filesystem::exists(config.path));
}

BOOST_FIXTURE_TEST_CASE(another_applications_database_is_foreign, Closed) {
  ConnectionOptions options{.path = config.path};
  const DatabaseKey known{key, salt};
  require(require(Connection::open(options, &known))->run("pragma application_id=7"));
  BOOST_TEST(reopened() == "crypto FOREIGN_FILE");
}

BOOST_FIXTURE_TEST_CASE(connections_are_set_up_as_designed, OpenStore) {
  const auto pragma = [&](const std::string& name) {
    std::string value;
    require(database->exclusive({}, [&](Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(value, connection.text("pragma " + name));
      return {};
    }));
    return value;
  };
  BOOST_TEST(pragma("journal_mode") == "wal");
  BOOST_TEST(pragma("synchronous") == "2");  // strict is the default
  BOOST_TEST(pragma("foreign_keys") == "1");
  BOOST_TEST(pragma("trusted_schema") == "0");
  BOOST_TEST(pragma("cell_size_check") == "1");
  BOOST_TEST(pragma("secure_delete") == "1");
  BOOST_TEST(pragma("temp_store") == "2");
  BOOST_TEST(pragma("cache_size") == "-16384");
  BOOST_TEST(pragma("journal_size_limit") == "8388608");
  BOOST_TEST(pragma("wal_autocheckpoint") == "0");
  BOOST_TEST(pragma("auto_vacuum") == "2");
  BOOST_TEST(pragma("page_size") == "4096");
}

BOOST_FIXTURE_TEST_CASE(closing_leaves_no_log, Closed) {
  BOOST_TEST(!std::filesystem::exists(config.path + "-wal"));
  BOOST_TEST(!std::filesystem::exists(config.path + "-shm"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(application_sql)

BOOST_FIXTURE_TEST_CASE(what_would_harm_the_store_is_refused, OpenStore) {
  execute("create view v as select 1");
  for (const std::string sql : {"attach 'x.db' as x",
                                "detach main",
                                "vacuum",
                                "vacuum into 'copy.db'",
                                "pragma key='x'",
                                "pragma rekey='x'",
                                "pragma cipher_page_size=1024",
                                "pragma journal_mode=delete",
                                "pragma writable_schema=on",
                                "pragma wal_checkpoint",
                                "pragma synchronous=off",
                                "pragma application_id=1",
                                "begin",
                                "commit",
                                "savepoint s",
                                "create temp table x(y)",
                                "create table tsr_mine(x)",
                                "create view tsr_v as select 1",
                                "create index tsr_i on t(text)",
                                "create trigger tsr_t after insert on t begin select 1; end",
                                "alter table t rename to tsr_t",
                                "alter table t rename to \"TSR_t\"",
                                "alter table t rename to tsr_license",
                                "alter table t rename to tsr_licenses",
                                "alter table t rename to tsr_",
                                "create table c(x references tsr_meta(key))",
                                "select * from tsr_meta",
                                "insert into tsr_meta values('a', 1)",
                                "select data from sqlite_dbpage",
                                "create virtual table p using sqlite_dbpage",
                                "select sqlcipher_export('main')",
                                "delete from sqlite_master"}) {
    const std::string outcome = outcome_of(run(sql));
    BOOST_TEST((outcome == "arg REFUSED" || outcome == "arg SQL"), sql + ": " + outcome);
  }
  BOOST_TEST(outcome_of(try_query("select * from tsr_meta")) == "arg REFUSED");
  BOOST_TEST(query("select name from sqlite_master where name like 'tsr%' and name <> 'tsr_meta'") == "");
}

BOOST_FIXTURE_TEST_CASE(a_refusal_says_what_to_do_instead, OpenStore) {
  const auto refused = run("create table tsr_mine(x)");
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().text.find("\"tsr_mine\"") != std::string::npos));
  BOOST_TEST((refused.error().text.find("choose another") != std::string::npos));
}

BOOST_FIXTURE_TEST_CASE(what_applications_need_is_allowed, OpenStore) {
  BOOST_TEST(query("pragma user_version") == "0");
  execute("pragma user_version=3");
  BOOST_TEST(query("pragma user_version") == "3");
  BOOST_TEST(query("select name from pragma_table_info('t')") == "id text");
  execute("create virtual table f using fts5(body)");
  execute("insert into f values('the quick brown fox')");
  BOOST_TEST(query("select count(*) from f where f match 'brown'") == "1");
  BOOST_TEST(query("pragma quick_check") == "ok");
  execute("alter table t add column extra");
  execute("alter table t rename column extra to more");
  execute("analyze");
  require(database->execute_script(
      "create table a(x); create view b as select state from tsr_license; create table c as select * from b",
      {}));
}

BOOST_FIXTURE_TEST_CASE(mistakes_are_named, OpenStore) {
  BOOST_TEST(outcome_of(run("selec 1")) == "arg SQL");
  BOOST_TEST(outcome_of(run("")) == "arg SQL");
  BOOST_TEST(outcome_of(run(" -- nothing")) == "arg SQL");
  BOOST_TEST(outcome_of(run("select 1; select 2")) == "arg SQL");
  BOOST_TEST(outcome_of(run(std::string_view("select 1\0", 9))) == "arg SQL");
  BOOST_TEST(outcome_of(run("select ?")) == "arg SQL");
  BOOST_TEST(outcome_of(run("select 1", list(int64_t{1}))) == "arg SQL");
  BOOST_TEST(outcome_of(run("select 1;  /* end */ ;")) == "ok");
  BOOST_TEST(outcome_of(run("select '" + std::string(1 << 20, 'x') + "'")) == "limit");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
