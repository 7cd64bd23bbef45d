// Care of a store: copies, import, checks, salvage, erasing.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

#include "store_fixture.hpp"

namespace tessera::test {
namespace {

namespace fs = std::filesystem;

struct Opened : StoreFixture {
  Opened() {
    run(store, "create table t(x)");
    run(store,
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) insert into t select "
        "hex(randomblob(40)) from n");
  }
  Store open_at(const std::string& file, std::string_view passphrase = kPassphrase) const {
    auto there = config();
    there["path"] = file;
    there["create"] = false;
    Store opened;
    Failure why;
    const auto secrets = with_passphrase(passphrase);
    require_ok(open_with(there, &secrets, opened, why), why);
    return opened;
  }
  size_t files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
  }

  Store store = open_store();
  Failure failure;
};

struct Progress {
  static tsr_status report(void* user, int64_t done, int64_t total) {
    auto* const self = static_cast<Progress*>(user);
    ++self->calls;
    if (done < 0 || (total != 0 && done > total)) self->is_sound = false;
    return self->answer;
  }
  tsr_care_opts opts() {
    tsr_care_opts made;
    tsr_care_opts_init(&made, sizeof(made));
    made.progress = &Progress::report;
    made.user = this;
    return made;
  }
  int calls = 0;
  bool is_sound = true;
  tsr_status answer = TSR_OK;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_care, Opened)

BOOST_AUTO_TEST_CASE(a_backup_opens_as_the_store_does) {
  Progress progress;
  const tsr_care_opts opts = progress.opts();
  const std::string target = folder / "backup.tdb";
  BOOST_TEST(tsr_store_backup(store.get(), str(target), &opts, failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  BOOST_TEST(progress.calls > 0);
  BOOST_TEST(progress.is_sound);
  BOOST_TEST(number(open_at(target), "select count(*) from t") == 3000);
  run(store, "delete from t");
  BOOST_TEST(number(open_at(target), "select count(*) from t") == 3000);
}

BOOST_AUTO_TEST_CASE(long_work_is_cancelled_and_leaves_nothing) {
  Progress progress;
  progress.answer = TSR_E_CANCELLED;
  const tsr_care_opts opts = progress.opts();
  const size_t found = files();
  const std::string target = folder / "copy.tdb";
  const auto secrets = with_passphrase("other words");
  BOOST_TEST(tsr_store_backup(store.get(), str(target), &opts, nullptr) == TSR_E_CANCELLED);
  BOOST_TEST(tsr_store_export(store.get(), str(target), &secrets, &opts, nullptr) == TSR_E_CANCELLED);
  BOOST_TEST(tsr_store_export_plain(store.get(), str(target), TSR_LIT("why"), &opts, nullptr) ==
             TSR_E_CANCELLED);
  BOOST_TEST(tsr_store_compact(store.get(), &opts, nullptr) == TSR_E_CANCELLED);
  BOOST_TEST(files() == found);
  BOOST_TEST(number(store, "select count(*) from t") == 3000);
  Rowset problems;
  BOOST_TEST(tsr_store_check(store.get(), &opts, problems.out(), nullptr) == TSR_E_CANCELLED);
}

BOOST_AUTO_TEST_CASE(who_may_not_wait_does_not_wait_for_a_copy) {
  struct Held {
    static tsr_status report(void* user, int64_t, int64_t) {
      auto* const self = static_cast<Held*>(user);
      self->started.set();
      if (!self->waited) self->was_asked = self->asked.wait_for(std::chrono::seconds(10));
      self->waited = true;
      return TSR_OK;
    }
    struct Flag {
      void set() {
        const std::lock_guard lock(mutex);
        is_set = true;
        changed.notify_all();
      }
      bool wait_for(std::chrono::seconds time) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, time, [this] { return is_set; });
      }
      std::mutex mutex;
      std::condition_variable changed;
      bool is_set = false;
    };
    Flag started, asked;
    bool waited = false, was_asked = false;
  } held;
  tsr_care_opts opts;
  tsr_care_opts_init(&opts, sizeof(opts));
  opts.progress = &Held::report;
  opts.user = &held;
  Operation op;
  const std::string target = folder / "backup.tdb";
  require_ok(tsr_store_backup_async(store.get(), str(target), &opts, nullptr, nullptr, nullptr, op.out(),
                                    failure.out()),
             failure);
  BOOST_REQUIRE(held.started.wait_for(std::chrono::seconds(10)));
  BOOST_TEST(tsr_store_protection(store.get()) == TSR_SLOT_PASSPHRASE);
  BOOST_TEST(tsr_store_has_recovery_key(store.get()) == 0);
  Rowset slots;
  BOOST_TEST(tsr_store_slots(store.get(), slots.out(), nullptr) == TSR_OK);
  held.asked.set();
  require_ok(tsr_op_wait(op.get(), kLongMs, failure.out()), failure);
  BOOST_TEST(held.was_asked);
}

BOOST_AUTO_TEST_CASE(compacting_gives_space_back) {
  run(store, "delete from t where rowid > 10");
  const auto size = [&] {
    close(store);
    store = open_store();
    return fs::file_size(path());
  };
  const auto full = size();
  BOOST_TEST(tsr_store_compact(store.get(), nullptr, failure.out()) == TSR_OK, tsr_error_text(failure.get()));
  BOOST_TEST(size() < full);
  BOOST_TEST(number(store, "select count(*) from t") == 10);
}

BOOST_AUTO_TEST_CASE(an_export_has_its_own_key_and_secrets) {
  const std::string target = folder / "export.tdb";
  const auto secrets = with_passphrase("for somebody else");
  BOOST_TEST(tsr_store_export(store.get(), str(target), nullptr, nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_store_export(store.get(), str(target), &secrets, nullptr, failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  BOOST_TEST(number(open_at(target, "for somebody else"), "select count(*) from t") == 3000);
}

BOOST_AUTO_TEST_CASE(a_plain_export_is_audited) {
  const std::string target = folder / "plain.db";
  BOOST_TEST(tsr_store_export_plain(store.get(), str(target), TSR_LIT(""), nullptr, nullptr) == TSR_E_ARG);
  BOOST_TEST(tsr_store_export_plain(store.get(), str(target), TSR_LIT("the user asked"), nullptr,
                                    failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  std::string magic(15, '\0');
  std::ifstream(target, std::ios::binary).read(magic.data(), 15);
  BOOST_TEST(magic == "SQLite format 3");
  Rowset audit;
  BOOST_REQUIRE(tsr_store_audit(store.get(), audit.out(), nullptr) == TSR_OK);
  BOOST_REQUIRE(tsr_rowset_count(audit.get()) == 1U);
  BOOST_TEST(content_of(cell(audit.get(), 0, "reason")) == "the user asked");
  // And back in.
  run(store, "delete from t");
  BOOST_TEST(
      tsr_store_import(store.get(), str(target), TSR_IMPORT_PLAIN, nullptr, nullptr, failure.out()) == TSR_OK,
      tsr_error_text(failure.get()));
  BOOST_TEST(number(store, "select count(*) from t") == 3000);
}

BOOST_AUTO_TEST_CASE(a_backup_is_imported) {
  const std::string target = folder / "backup.tdb";
  const auto secrets = with_passphrase(kPassphrase);
  BOOST_REQUIRE(tsr_store_backup(store.get(), str(target), nullptr, nullptr) == TSR_OK);
  run(store, "delete from t");
  const auto wrong = with_passphrase("wrong");
  BOOST_TEST(tsr_store_import(store.get(), str(target), TSR_IMPORT_TESSERA, &wrong, nullptr, nullptr) ==
             TSR_E_CRYPTO);
  BOOST_TEST(number(store, "select count(*) from t") == 0);
  BOOST_TEST(tsr_store_import(store.get(), str(target), TSR_IMPORT_TESSERA, &secrets, nullptr,
                              failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  BOOST_TEST(number(store, "select count(*) from t") == 3000);
  close(store);
  BOOST_TEST(number(open_store(), "select count(*) from t") == 3000);
  BOOST_TEST(tsr_store_import(store.get(), str(target), 3, &secrets, nullptr, nullptr) == TSR_E_ARG);
}

BOOST_AUTO_TEST_CASE(tenants_come_along_with_an_import) {
  run(store, "create table notes(who text, x)");
  require_ok(tsr_store_declare_tenant(store.get(), TSR_LIT("notes"), TSR_LIT("who"), failure.out()), failure);
  const std::string target = folder / "backup.tdb";
  require_ok(tsr_store_backup(store.get(), str(target), nullptr, failure.out()), failure);
  auto there = config();
  there["path"] = folder / "other.tdb";
  const Store other = open_store(there);
  for (int i = 0; i < 30; ++i)
    run(other, "create table t" + std::to_string(i) + "(x)");  // many versions ahead
  const auto secrets = with_passphrase(kPassphrase);
  require_ok(tsr_store_import(other.get(), str(target), TSR_IMPORT_TESSERA, &secrets, nullptr, failure.out()),
             failure);
  Rowset rows;
  BOOST_TEST(tsr_store_query_all(other.get(), TSR_LIT("select * from notes"), nullptr, 0, nullptr, rows.out(),
                                 failure.out()) == TSR_E_STATE);
  BOOST_TEST(reason(failure) == "TENANT_REQUIRED");
}

BOOST_AUTO_TEST_CASE(a_check_finds_damage) {
  Rowset problems;
  BOOST_TEST(tsr_store_check(store.get(), nullptr, problems.out(), failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  BOOST_TEST(tsr_rowset_count(problems.get()) == 0U);
  close(store);
  store = open_store();
  {
    std::fstream file(path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(fs::file_size(path()) / 4096 / 2 * 4096 + 100));
    file.put('x');
    file.put('y');
  }
  BOOST_TEST(tsr_store_check(store.get(), nullptr, problems.out(), failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  BOOST_TEST(tsr_rowset_count(problems.get()) > 0U);
}

BOOST_AUTO_TEST_CASE(a_damaged_store_is_salvaged_and_starts_anew) {
  close(store);
  store = Store();
  {
    std::fstream file(path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(fs::file_size(path()) / 4096 / 2 * 4096 + 100));
    file.put('x');
    file.put('y');
  }
  const std::string lines = folder / "salvaged.jsonl";
  const auto secrets = with_passphrase(kPassphrase);
  Rowset report;
  BOOST_TEST(tsr_store_salvage(str(config().dump()), &secrets, str(lines), nullptr, report.out(),
                               failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  BOOST_TEST(cell(report.get(), 0, "rows").integer > 2000);
  BOOST_TEST(cell(report.get(), 0, "pages_damaged").integer > 0);
  std::ifstream file(lines);
  std::string line;
  BOOST_REQUIRE(std::getline(file, line));
  BOOST_TEST(nlohmann::json::parse(line).contains("row"));
  store = open_store();
  BOOST_TEST(number(store, "select count(*) from sqlite_schema where name = 't'") == 0);
}

BOOST_AUTO_TEST_CASE(erasing_leaves_nothing) {
  BOOST_TEST(tsr_store_erase(str(config().dump()), failure.out()) == TSR_E_BUSY);
  store = Store();
  BOOST_TEST(tsr_store_erase(str(config().dump()), failure.out()) == TSR_OK, tsr_error_text(failure.get()));
  BOOST_TEST(files() == 0U);
  BOOST_TEST(tsr_store_erase(str(config().dump()), nullptr) == TSR_E_NOT_FOUND);
}

BOOST_AUTO_TEST_CASE(tells_its_numbers) {
  Buffer stats;
  BOOST_REQUIRE(tsr_store_stats(store.get(), stats.out(), nullptr) == TSR_OK);
  BOOST_TEST(nlohmann::json::parse(stats.text()).at("commits").get<int64_t>() > 0);
}

BOOST_AUTO_TEST_CASE(the_twins) {
  const auto* const no_opts = static_cast<const tsr_care_opts*>(nullptr);
  const auto* const none = static_cast<const tsr_store_secrets*>(nullptr);
  const auto secrets = with_passphrase(kPassphrase);
  const tsr_store_secrets* const given = &secrets;
  const std::string backup = folder / "b.tdb", exported = folder / "e.tdb", plain = folder / "p.db";
  const auto ends_well = [&](const Operation& op) {
    BOOST_TEST(tsr_op_void(op.get(), failure.out()) == TSR_OK, tsr_error_text(failure.get()));
  };
  ends_well(ended_op(tsr_store_backup_async, store.get(), str(backup), no_opts));
  ends_well(ended_op(tsr_store_export_async, store.get(), str(exported), given, no_opts));
  ends_well(ended_op(tsr_store_export_plain_async, store.get(), str(plain), TSR_LIT("why"), no_opts));
  ends_well(
      ended_op(tsr_store_import_async, store.get(), str(plain), int32_t{TSR_IMPORT_PLAIN}, none, no_opts));
  ends_well(ended_op(tsr_store_compact_async, store.get(), no_opts));
  ends_well(ended_op(tsr_store_rotate_data_key_async, store.get(), given, no_opts));
  Rowset rows;
  Buffer stats;
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_store_check_async, store.get(), no_opts).get(), rows.out(),
                           nullptr) == TSR_OK);
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_store_audit_async, store.get()).get(), rows.out(), nullptr) ==
             TSR_OK);
  BOOST_TEST(tsr_op_buf(ended_op(tsr_store_stats_async, store.get()).get(), stats.out(), nullptr) == TSR_OK);
  store = Store();
  const std::string json = config().dump(), lines = folder / "lines";
  BOOST_TEST(tsr_op_rowset(ended_op(tsr_store_salvage_async, str(json), given, str(lines), no_opts).get(),
                           rows.out(), failure.out()) == TSR_OK,
             tsr_error_text(failure.get()));
  ends_well(ended_op(tsr_store_erase_async, str(json)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
