// The files are SQLCipher's: its own command line opens them with the exported key.
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <memory>

#include "doomed_store.hpp"
#include "temp_dir.hpp"

namespace tessera::store_proof {
namespace {

/// What SQLCipher's command line answers to `sql`.
std::string ask_shell(const std::string& path, const std::string& key, const std::string& sql) {
  const std::string command = "printf '%s' \"PRAGMA key = \\\"" + key + "\\\"; " + sql +
                              "\" | " TESSERA_SQLCIPHER_SHELL " -batch '" + path + "' 2>&1";
  const std::unique_ptr<FILE, int (*)(FILE*)> shell(popen(command.c_str(), "r"), &pclose);
  std::string answer;
  std::array<char, 4096> part{};
  while (fgets(part.data(), static_cast<int>(part.size()), shell.get()) != nullptr) answer += part.data();
  return answer;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sqlciphers_command_line_opens_the_store) {
  const test::TempDir folder;
  const std::string path = folder / "app.tdb";
  std::string key;
  {
    Store store = Store::open(doomed_config(folder.path().string()), {.passphrase = passphrase(0)});
    store.execute_script("create table people(name text); insert into people values ('ana')");
    key = store.export_data_key("the test opens the file with another program");
  }
  BOOST_TEST(ask_shell(path, key,
                       "PRAGMA cipher_integrity_check; PRAGMA integrity_check; SELECT name FROM people;") ==
             "ok\nok\nana\n");
  std::string wrong = key;
  wrong[2] = wrong[2] == '0' ? '1' : '0';
  BOOST_TEST(ask_shell(path, wrong, "SELECT name FROM people;").find("ana") == std::string::npos);
  Store again = Store::open(doomed_config(folder.path().string()), {.passphrase = passphrase(0)});
  BOOST_TEST(again.query_all("select name from people")[0].get<std::string>(0) == "ana");
}

BOOST_AUTO_TEST_CASE(another_program_cannot_write_while_the_store_is_open) {
  const test::TempDir folder;
  Store store = Store::open(doomed_config(folder.path().string()), {.passphrase = passphrase(0)});
  store.execute_script("create table people(name text)");
  const std::string key = store.export_data_key("the test opens the file with another program");
  ask_shell(folder / "app.tdb", key, "PRAGMA busy_timeout = 100; INSERT INTO people VALUES ('intruder');");
  store.execute("insert into people values ('ana')");
  store.close();
  Store again = Store::open(doomed_config(folder.path().string()), {.passphrase = passphrase(0)});
  BOOST_TEST(again.query_all("select name from people").size() == 1U);
  BOOST_TEST(again.check().empty());
}

BOOST_AUTO_TEST_CASE(a_file_of_another_application_is_refused) {
  const test::TempDir folder;
  std::string key;
  {
    Store store = Store::open(doomed_config(folder.path().string()), {.passphrase = passphrase(0)});
    key = store.export_data_key("the test makes it another application's");
  }
  ask_shell(folder / "app.tdb", key, "PRAGMA application_id = 1234;");
  const auto opened = Store::try_open(doomed_config(folder.path().string()), {.passphrase = passphrase(0)});
  BOOST_REQUIRE(!opened);
  BOOST_TEST((opened.error().code() == ErrorCode::kCrypto), opened.error().what());
  BOOST_TEST(opened.error().detail().find("FOREIGN_FILE") != std::string::npos, opened.error().detail());
}

}  // namespace tessera::store_proof
