// Keys and care of the store through the facade.
#include <boost/test/unit_test.hpp>

#include "given.hpp"
#include "store_files.hpp"

namespace tessera::facade_test {
namespace {

struct Filled : StoreFiles {
  Filled() {
    store->execute_script("create table people(name text); insert into people values ('ana'), ('bo')");
  }
  static int people(const Store& in) { return in.query_all("select count(*) from people")[0].get<int>(0); }
  std::optional<Store> store = open();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_care, Filled)

BOOST_AUTO_TEST_CASE(a_recovery_key_opens_after_a_forgotten_passphrase) {
  BOOST_TEST(!store->has_recovery_key());
  const std::string key = store->create_recovery_key();
  BOOST_TEST(store->has_recovery_key());
  store.reset();
  BOOST_CHECK_EXCEPTION(Store::open(config(), {.passphrase = "forgotten"}), Error,
                        [](const Error& e) { return has(reason(e), "WRONG_KEY"); });
  Store recovered = Store::open(config(), {.recovery_key = key});
  recovered.add_slot(SlotType::kPassphrase, {.passphrase = "new"});
  recovered.change_passphrase("new", "newer");
  recovered.close();
  BOOST_TEST(people(Store::open(config(), {.passphrase = "newer"})) == 2);
}

BOOST_AUTO_TEST_CASE(slots_come_and_go) {
  const std::string key(32, 'k');
  store->add_slot(SlotType::kAppKey, {.app_key = key});
  const RowSet slots = store->slots();
  BOOST_TEST(slots.size() == 2U);
  BOOST_TEST(slots[1].get<std::string>("type") == "app_key");
  BOOST_TEST((store->protection() == SlotType::kPassphrase));
  store->remove_slot(slots[0].get<std::int64_t>("slot"));
  BOOST_CHECK_EXCEPTION(store->remove_slot(slots[1].get<std::int64_t>("slot")), Error,
                        [](const Error& e) { return e.code() == ErrorCode::kState; });
  store.reset();
  BOOST_TEST(people(Store::open(config(), {.app_key = key})) == 2);
}

BOOST_AUTO_TEST_CASE(rotation_changes_the_key_and_keeps_the_data) {
  const std::string old_key = store->export_data_key("test");
  bool heard = false;
  store->rotate_data_key(secrets(), /*drop_slots=*/false,
                         [&heard](std::int64_t, std::int64_t) { return heard = true; });
  BOOST_TEST(heard);
  BOOST_TEST(store->export_data_key("test") != old_key);
  BOOST_TEST(store->audit().size() == 2U);
  BOOST_TEST(people(*store) == 2);
  store.reset();
  BOOST_TEST(people(open()) == 2);
}

BOOST_AUTO_TEST_CASE(copies_open) {
  store->backup(path("backup.tdb"));
  store->export_to(path("export.tdb"), {.passphrase = "theirs"});
  store->export_plain(path("plain.db"), "the user asked for it");
  BOOST_TEST(has(content("plain.db"), "SQLite format 3"));
  BOOST_TEST(store->audit()[0].get<std::string>("reason") == "the user asked for it");
  store->execute("delete from people");
  store->compact();
  store->import_from(path("plain.db"), ImportKind::kPlain);
  BOOST_TEST(people(*store) == 2);
  store->import_from(path("export.tdb"), ImportKind::kTessera, {.passphrase = "theirs"});
  BOOST_TEST(people(*store) == 2);
  StoreConfig copy = config();
  copy.path = path("backup.tdb");
  BOOST_TEST(people(Store::open(copy, secrets())) == 2);
}

BOOST_AUTO_TEST_CASE(progress_can_cancel) {
  BOOST_CHECK_EXCEPTION(store->backup(path("backup.tdb"), [](std::int64_t, std::int64_t) { return false; }),
                        Error, [](const Error& e) { return e.code() == ErrorCode::kCancelled; });
  BOOST_TEST(content("backup.tdb").empty());
}

BOOST_AUTO_TEST_CASE(care_in_the_background) {
  BOOST_TEST(
      result_of<void>([&](auto done) { return store->backup_async(path("backup.tdb"), done); }).has_value());
  BOOST_TEST(result_of<RowSet>([&](auto done) { return store->check_async(done); })->empty());
  BOOST_TEST(has(*result_of<std::string>([&](auto done) { return store->stats_async(done); }), "page_size"));
  BOOST_TEST(result_of<void>([&](auto done) {
               return store->rotate_data_key_async(secrets(), false, done);
             }).has_value());
  BOOST_TEST(result_of<void>([&](auto done) {
               return store->close_async(std::chrono::seconds(5), done);
             }).has_value());
  auto opened = result_of<Store>([&](auto done) { return Store::open_async(config(), secrets(), done); });
  BOOST_TEST(people(*opened) == 2);
}

BOOST_AUTO_TEST_CASE(salvage_and_a_new_start) {
  store->put_sealed(path("photo"), "light");
  store.reset();
  const RowSet report = Store::salvage(config(), secrets(), path("saved.jsonl"));
  BOOST_TEST(report[0].get<int>("rows") >= 2);
  BOOST_TEST(has(content("saved.jsonl"), "ana"));
  {
    const Store fresh = open();
    BOOST_CHECK_THROW(people(fresh), Error);
    BOOST_TEST(fresh.get_sealed(path("photo")) == "light");
  }
  Store::erase(config());
  BOOST_CHECK_EXCEPTION(Store::erase(config()), Error,
                        [](const Error& e) { return e.code() == ErrorCode::kNotFound; });
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace tessera::facade_test
