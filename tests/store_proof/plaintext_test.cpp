// Nothing that went into a store can be read from its files: while it is open, after a process died with it,
// and after it was closed.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "child_process.hpp"
#include "doomed_store.hpp"
#include "temp_dir.hpp"

namespace tessera::store_proof {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCanary = "CANARY-7f3a91";

std::string canary(const std::string& place) { return std::string(kCanary) + "-" + place; }

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// Names of the files below `folder` in which the canary can be read, as it is, in UTF-16 or in hex.
std::vector<std::string> leaks(const std::string& folder) {
  std::string wide;
  std::string hex;
  for (const char c : kCanary) {
    wide.append({c, '\0'});
    constexpr char kDigits[] = "0123456789abcdef";
    hex.append({kDigits[static_cast<unsigned char>(c) >> 4U], kDigits[static_cast<unsigned char>(c) & 15U]});
  }
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = content(entry.path());
    for (const std::string& form : {std::string(kCanary), wide, hex}) {
      if (bytes.find(form) != std::string::npos) found.push_back(entry.path().filename().string());
    }
  }
  return found;
}

/// Puts the canary wherever something can be put.
void fill(Store& store, const std::string& folder) {
  store.execute_script(
      "create table secrets(id integer primary key, t text, b blob); create virtual table words using "
      "fts5(w)");
  const std::string large = canary("large") + std::string(300'000, 'x') + canary("end");
  store.transaction([&](Transaction& tx) {
    for (int i = 0; i < 300; ++i)
      tx.execute("insert into secrets(t, b) values (?, ?)", canary("text"), canary("blob"));
    tx.execute("insert into secrets(t) values (?)", large);
    tx.execute("insert into words(w) values (?)", canary("word"));
    tx.put(canary("key"), canary("value"));
    tx.enqueue(
        {.topic = canary("topic"), .url = "https://example.com/" + canary("url"), .body = canary("body")});
  });
  store.cache(canary("space")).put(canary("name"), canary("answer"), std::chrono::hours(1));
  // A sort that does not fit into memory, an index, and rows that are gone again.
  store.execute_script("create index secret_texts on secrets(t, b); delete from secrets where id % 2 = 0");
  for (const Row row : store.query("select t from secrets order by b, t desc")) (void)row;
  store.add_slot(SlotType::kPassphrase, {.passphrase = canary("passphrase")});
  store.put_sealed(folder + "/photo.tsf", canary("photo"));
  SealedLog log = store.open_sealed_log(folder + "/events.log");
  log.append(canary("event"));
  log.flush();
  store.rotate_data_key({.passphrase = passphrase(0)}, /*drop_slots=*/true);
  store.backup(folder + "/backup.tdb");
  store.put("after", canary("after"));
}

struct Folder {
  std::string path() const { return folder_.path().string(); }

 private:
  test::TempDir folder_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(plaintext, Folder)

BOOST_AUTO_TEST_CASE(no_file_of_the_store_shows_what_is_in_it) {
  Store store = Store::open(doomed_config(path()), {.passphrase = passphrase(0)});
  fill(store, path());
  Transaction open_one = store.begin();
  open_one.execute("insert into secrets(t) values (?)", std::string(2'000'000, 'y') + canary("uncommitted"));
  BOOST_TEST(leaks(path()).empty());
  BOOST_TEST(fs::file_size(path() + "/app.tdb-wal") > 0U);
  open_one.rollback();
  store.close();
  BOOST_TEST(leaks(path()).empty());
}

BOOST_AUTO_TEST_CASE(nor_after_a_process_died_with_it) {
  test::ChildProcess child([this] {
    Store store = Store::open(doomed_config(path()), {.passphrase = passphrase(0)});
    fill(store, path());
    return 0;  // without closing
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(leaks(path()).empty());
}

BOOST_AUTO_TEST_CASE(what_is_written_in_the_clear_is_found) {
  Store store = Store::open(doomed_config(path()), {.passphrase = passphrase(0)});
  fill(store, path());
  store.export_plain(path() + "/plain.db", "to see that the search finds something");
  BOOST_TEST(leaks(path()) == std::vector<std::string>{"plain.db"});
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace tessera::store_proof
