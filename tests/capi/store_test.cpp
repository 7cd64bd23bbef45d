// Stores: opening with every kind of secret, sharing, closing, processes.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "child_process.hpp"
#include "store_fixture.hpp"

namespace tessera::test {

using nlohmann::json;

BOOST_FIXTURE_TEST_SUITE(store, StoreFixture)

BOOST_AUTO_TEST_CASE(keeps_what_was_written) {
  {
    const Store store = open_store();
    run(store, "create table people(id integer primary key, name text)");
    const tsr_value name = text("Ana");
    run(store, "insert into people(name) values (?)", {{name}});
    close(store);
  }
  const Store store = open_store();
  BOOST_TEST(content_of(cell(all(store, "select name from people").get(), 0, "name")) == "Ana");
}

BOOST_AUTO_TEST_CASE(freeing_without_closing_keeps_what_was_acknowledged) {
  put(open_store(), "colour", text("blue"));
  BOOST_TEST(content_of(cell(get(open_store(), "colour").get(), 0, size_t{0})) == "blue");
}

BOOST_AUTO_TEST_CASE(only_its_secret_opens_it) {
  open_store();
  Store store;
  Failure failure;
  auto secrets = with_passphrase("correct horse!");
  BOOST_TEST(open_with(config(), &secrets, store, failure) == TSR_E_CRYPTO);
  BOOST_TEST(reason(failure) == "WRONG_KEY");
  BOOST_TEST(std::string(tsr_error_text(failure.get())).find("correct horse") == std::string::npos);
  BOOST_TEST(!store);
}

BOOST_AUTO_TEST_CASE(passphrases_are_any_bytes_up_to_one_mebibyte) {
  const std::string longest(size_t{1} << 20, 'x');
  for (const std::string& passphrase : {std::string("a\0b", 3), std::string("\xFF\xFE"), longest}) {
    TempDir own;
    json here = config();
    here["path"] = own / "app.tdb";
    const auto secrets = with_passphrase(passphrase);
    for (int round = 0; round < 2; ++round) {
      Store store;
      Failure failure;
      BOOST_TEST(open_with(here, &secrets, store, failure) == TSR_OK, tsr_error_text(failure.get()));
    }
    const auto shorter = with_passphrase(std::string_view(passphrase).substr(0, passphrase.size() - 1));
    Store store;
    Failure failure;
    BOOST_TEST(open_with(here, &shorter, store, failure) == TSR_E_CRYPTO);
  }
}

BOOST_AUTO_TEST_CASE(impossible_secrets_are_refused_before_anything_is_made) {
  const std::string too_long((size_t{1} << 20) + 1, 'x');
  const std::string key(33, 'k');
  const auto refuses = [&](const tsr_store_secrets& secrets) {
    Store store;
    Failure failure;
    BOOST_TEST(open_with(config(), &secrets, store, failure) == TSR_E_ARG);
    BOOST_TEST(!std::filesystem::exists(path()));
  };
  refuses(with_passphrase(""));
  refuses(with_passphrase(too_long));
  for (const size_t length : {size_t{0}, size_t{31}, size_t{33}}) {
    tsr_store_secrets secrets = with_passphrase(kPassphrase);
    secrets.app_key = key.data();
    secrets.app_key_len = length;
    refuses(secrets);
  }
  tsr_store_secrets secrets = with_passphrase(kPassphrase);
  secrets.passphrase = nullptr;
  refuses(secrets);
  secrets = with_passphrase(kPassphrase);
  secrets.flags = 1;
  refuses(secrets);
  secrets = with_passphrase(kPassphrase);
  secrets.struct_size = 8;
  refuses(secrets);
  secrets = with_passphrase(kPassphrase);
  secrets.recovery_key = TSR_LIT("");
  refuses(secrets);
}

BOOST_AUTO_TEST_CASE(an_app_key_opens_it) {
  const std::string key(32, 'k'), other(32, 'o');
  tsr_store_secrets secrets;
  tsr_store_secrets_init(&secrets, sizeof(secrets));
  secrets.app_key = key.data();
  secrets.app_key_len = key.size();
  Store store;
  Failure failure;
  BOOST_REQUIRE(open_with(config(), &secrets, store, failure) == TSR_OK);
  BOOST_TEST(tsr_store_protection(store.get()) == TSR_SLOT_APP_KEY);
  store = Store();
  secrets.app_key = other.data();
  BOOST_TEST(open_with(config(), &secrets, store, failure) == TSR_E_CRYPTO);
  secrets.app_key = key.data();
  BOOST_TEST(open_with(config(), &secrets, store, failure) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(without_a_secret_the_device_opens_it) {
  json here = config();
  here["slots"] = {"device"};
  Store store;
  Failure failure;
  BOOST_REQUIRE(open_with(here, nullptr, store, failure) == TSR_OK);
  BOOST_TEST(tsr_store_protection(store.get()) == TSR_SLOT_DEVICE);
  store = Store();
  BOOST_TEST(open_with(here, nullptr, store, failure) == TSR_OK);
  store = Store();
  const FakeRoot another("server");
  tsr_testing_set_hardware_root(str(another.path()));
  BOOST_TEST(open_with(here, nullptr, store, failure) == TSR_E_CRYPTO);
  BOOST_TEST(reason(failure) == "HARDWARE_CHANGED");
}

BOOST_AUTO_TEST_CASE(secrets_in_the_configuration_are_refused) {
  for (const char* member : {"passphrase", "key", "app_key", "recovery_key"}) {
    json here = config();
    here[member] = "very secret words";
    Store store;
    Failure failure;
    BOOST_TEST(open_with(here, nullptr, store, failure) == TSR_E_ARG);
    BOOST_TEST(std::string(tsr_error_text(failure.get())).find("very secret") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(is_not_made_when_it_must_be_there) {
  json here = config();
  here["create"] = false;
  Store store;
  Failure failure;
  const auto secrets = with_passphrase(kPassphrase);
  BOOST_TEST(open_with(here, &secrets, store, failure) == TSR_E_NOT_FOUND);
  BOOST_TEST(!std::filesystem::exists(path()));
  BOOST_TEST(!std::filesystem::exists(folder / "app.tks"));
}

BOOST_AUTO_TEST_CASE(in_memory_leaves_no_file) {
  json here = config();
  here["path"] = ":memory:";
  Store store;
  Failure failure;
  BOOST_REQUIRE(open_with(here, nullptr, store, failure) == TSR_OK);
  run(store, "create table t(x)");
  run(store, "insert into t values (1)");
  BOOST_TEST(number(store, "select count(*) from t") == 1);
  put(store, "a", integer(1));
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_path_may_have_any_letters) {
  json here = config();
  here["path"] = folder / "Zażółć 😀 ' \" %41?.tdb";
  put(open_store(here), "a", integer(1));
  BOOST_TEST(cell(get(open_store(here), "a").get(), 0, size_t{0}).integer == 1);
  BOOST_TEST(std::filesystem::exists(here["path"].get<std::string>()));
}

BOOST_AUTO_TEST_CASE(a_read_only_folder_is_told) {
  if (geteuid() == 0) return;  // nothing is read-only for root
  chmod(folder.path().c_str(), 0500);
  Store store;
  Failure failure;
  const auto secrets = with_passphrase(kPassphrase);
  BOOST_TEST(open_with(config(), &secrets, store, failure) == TSR_E_PERMISSION);
  chmod(folder.path().c_str(), 0700);
  BOOST_TEST(open_with(config(), &secrets, store, failure) == TSR_OK);
}

BOOST_AUTO_TEST_CASE(another_process_is_told_who_has_it) {
  const Store store = open_store();
  ChildProcess other([&] {
    Store mine;
    Failure failure;
    const auto secrets = with_passphrase(kPassphrase);
    if (open_with(config(), &secrets, mine, failure) != TSR_E_BUSY) return 1;
    if (reason(failure) != "STORE_LOCKED") return 2;
    return json::parse(tsr_error_detail(failure.get())).value("owner_pid", 0) == getppid() ? 0 : 3;
  });
  BOOST_TEST(other.wait() == 0);
}

BOOST_AUTO_TEST_CASE(a_forked_child_is_refused_and_harms_nothing) {
  const Store store = open_store();
  run(store, "create table t(x)");
  Rows rows;
  BOOST_REQUIRE(tsr_store_query(store.get(), TSR_LIT("select 1"), nullptr, 0, nullptr, rows.out(), nullptr) ==
                TSR_OK);
  Tx tx;
  BOOST_REQUIRE(tsr_tx_begin(store.get(), nullptr, tx.out(), nullptr) == TSR_OK);
  {
    ChildProcess child([&] {
      const tsr_value* row = nullptr;
      if (tsr_store_execute(store.get(), TSR_LIT("insert into t values (1)"), nullptr, 0, nullptr, nullptr,
                            nullptr, nullptr) != TSR_E_FORKED)
        return 1;
      if (tsr_rows_next(rows.get(), &row, nullptr) != TSR_E_FORKED) return 2;
      if (tsr_tx_commit(tx.get(), nullptr) != TSR_E_FORKED) return 3;
      if (tsr_store_close(store.get(), 0, nullptr) != TSR_E_FORKED) return 4;
      tsr_rows_free(rows.get());
      tsr_tx_free(tx.get());
      tsr_store_free(store.get());
      return 0;
    });
    BOOST_TEST(child.wait() == 0);
  }
  BOOST_TEST(tsr_tx_execute(tx.get(), TSR_LIT("insert into t values (2)"), nullptr, 0, nullptr, nullptr,
                            nullptr, nullptr) == TSR_OK);
  BOOST_TEST(tsr_tx_commit(tx.get(), nullptr) == TSR_OK);
  BOOST_TEST(number(store, "select sum(x) from t") == 2);
}

BOOST_AUTO_TEST_CASE(close_ends_every_handle_and_may_be_repeated) {
  const Store store = open_store();
  Store tenant;
  BOOST_REQUIRE(tsr_store_with_tenant(store.get(), TSR_LIT("a"), tenant.out(), nullptr) == TSR_OK);
  close(tenant);
  close(store);
  Failure failure;
  Rowset rows;
  tsr_buf stats;
  Store again;
  BOOST_TEST(tsr_store_get(store.get(), TSR_LIT("x"), rows.out(), failure.out()) == TSR_E_STATE);
  BOOST_TEST(tsr_store_execute(store.get(), TSR_LIT("create table t(x)"), nullptr, 0, nullptr, nullptr,
                               nullptr, nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_store_slots(store.get(), rows.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_store_stats(store.get(), &stats, nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_store_with_tenant(store.get(), TSR_LIT("a"), again.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_store_protection(store.get()) == 0);
  BOOST_TEST(tsr_cache_get(store.get(), TSR_LIT("s"), TSR_LIT("k"), rows.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_outbox_counts(store.get(), rows.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_sealed_get(store.get(), str(path()), &stats, nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(closing_during_a_query_ends_it) {
  const Store store = open_store();
  Rows rows;
  BOOST_REQUIRE(
      tsr_store_query(
          store.get(),
          TSR_LIT("with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"), nullptr,
          0, nullptr, rows.out(), nullptr) == TSR_OK);
  const tsr_value* row = nullptr;
  BOOST_REQUIRE(tsr_rows_next(rows.get(), &row, nullptr) == TSR_OK);
  BOOST_TEST(tsr_store_close(store.get(), 0, nullptr) == TSR_OK);
  tsr_status status = TSR_OK;
  for (int i = 0; i < 10 && status == TSR_OK; ++i) status = tsr_rows_next(rows.get(), &row, nullptr);
  BOOST_TEST((status == TSR_E_STATE || status == TSR_E_CANCELLED));
}

BOOST_AUTO_TEST_CASE(an_application_shares_its_store) {
  const std::string json = vendor.config(folder.path().string()).dump();
  App app;
  BOOST_REQUIRE(tsr_app_open(str(json), app.out(), nullptr) == TSR_OK);
  const auto secrets = with_passphrase(kPassphrase);
  Store first, second;
  Failure failure;
  require_ok(tsr_app_store(app.get(), &secrets, first.out(), failure.out()), failure);
  require_ok(tsr_app_store(app.get(), nullptr, second.out(), failure.out()), failure);
  put(first, "a", integer(7));
  BOOST_TEST(cell(get(second, "a").get(), 0, size_t{0}).integer == 7);
  BOOST_TEST(tsr_app_close(app.get(), kLongMs, nullptr) == TSR_OK);
  Rowset rows;
  BOOST_TEST(tsr_store_get(first.get(), TSR_LIT("a"), rows.out(), nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_app_store(app.get(), nullptr, second.out(), nullptr) == TSR_E_STATE);
}

BOOST_AUTO_TEST_CASE(the_licence_is_a_row_of_the_application_s_store) {
  const std::string json = vendor.config(folder.path().string()).dump();
  App app;
  BOOST_REQUIRE(tsr_app_open(str(json), app.out(), nullptr) == TSR_OK);
  const auto secrets = with_passphrase(kPassphrase);
  Store store;
  Failure failure;
  require_ok(tsr_app_store(app.get(), &secrets, store.out(), failure.out()), failure);
  BOOST_TEST(number(store, "select count(*) from tsr_license") == 1);
  BOOST_TEST(tsr_store_execute(store.get(), TSR_LIT("delete from tsr_license"), nullptr, 0, nullptr, nullptr,
                               nullptr, nullptr) != TSR_OK);
}

BOOST_AUTO_TEST_CASE(rows_and_registrations_outlive_their_store) {
  Store store = open_store();
  const Rowset rows = all(store, "select 'kept' as word");
  Subscription log, watch;
  BOOST_REQUIRE(tsr_store_on_log(
                    store.get(), TSR_LOG_INFO, [](void*, int32_t, tsr_str, tsr_str, tsr_str, tsr_str) {},
                    nullptr, nullptr, log.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_store_watch(
                    store.get(), TSR_LIT(""), [](void*, tsr_str) { return tsr_status{TSR_OK}; }, nullptr,
                    nullptr, watch.out(), nullptr) == TSR_OK);
  store = Store();
  BOOST_TEST(content_of(cell(rows.get(), 0, "word")) == "kept");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
