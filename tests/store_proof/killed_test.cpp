// A process that uses a store is killed with SIGKILL at any moment. The next one opens the store as if
// nothing had happened, and finds everything that was acknowledged.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <random>

#include "doomed_store.hpp"
#include "program.hpp"
#include "temp_dir.hpp"

namespace tessera::store_proof {
namespace {

constexpr int kRounds = 36;  // of each of six kinds

/// Long enough for a few changes of a kind on a machine that has nothing else to do.
unsigned usual_us(const std::string& kind) {
  if (kind == "rotate") return 400'000;
  if (kind == "rewrap") return 200'000;
  if (kind == "backup" || kind == "compact") return 100'000;
  return 30'000;
}

struct Doomed {
  Doomed() {
    Store store = Store::open(doomed_config(folder()), {.passphrase = passphrase(0)});
    store.execute_script("create table numbers(n integer primary key, filler text)");
  }

  std::string folder() const { return folder_.path().string(); }

  /// Kills a process in the midst of `kind` and gives the last number that it acknowledged.
  std::int64_t kill_one(const std::string& kind, std::int64_t number, unsigned longest_us) {
    test::Program actor({TESSERA_STORE_ACTOR, folder(), kind, std::to_string(number)});
    std::optional<std::string> line = actor.read_line();
    BOOST_REQUIRE_EQUAL(line.value_or("nothing"), "0");
    usleep(static_cast<useconds_t>(random_() % longest_us));
    actor.kill_now();
    while ((line = actor.read_line())) number = std::stoll(*line);
    BOOST_TEST(actor.wait() == -SIGKILL);
    return number;
  }

  /// Whether the passphrase was changed to that of `number` already.
  static Expected<Store> open(const std::string& folder, std::int64_t number) {
    return Store::try_open(doomed_config(folder), {.passphrase = passphrase(number)});
  }

  /// The last number in the store, where all before it must be.
  static std::int64_t last_of(Store& store) {
    const RowSet row = store.query_all("select count(*), coalesce(max(n), 0) from numbers");
    BOOST_TEST(row[0].get<std::int64_t>(0) == row[0].get<std::int64_t>(1));
    return row[0].get<std::int64_t>(1);
  }

  void kill_in_a_loop(const std::string& kind) {
    std::int64_t number = 0;
    unsigned longest_us = usual_us(kind);
    for (int round = 0; round < kRounds; ++round) {
      const std::int64_t acknowledged = kill_one(kind, number, longest_us);
      if (acknowledged > number) {
        last_done_ = acknowledged;
      } else {
        longest_us += longest_us / 4;  // a busy or an instrumented machine needs longer for a change
      }
      BOOST_TEST_CONTEXT(kind << ", round " << round << ", acknowledged " << acknowledged) {
        Expected<Store> store = open(folder(), kind == "rewrap" ? acknowledged : 0);
        if (!store && kind == "rewrap") store = open(folder(), acknowledged + 1);
        BOOST_REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().what()));
        number = last_of(*store);
        BOOST_TEST((number == acknowledged || number == acknowledged + 1));
        if (round % 9 == 8) BOOST_TEST(store->check().empty());
        store->close();
        if (kind == "backup") check_backup();
        // The passphrase may have changed without the row that follows it.
        if (kind == "rewrap" && !open(folder(), number)) settle_passphrase(number);
      }
    }
    BOOST_TEST(number >= kRounds / 4);  // it did work
  }

 private:
  void check_backup() const {
    if (last_done_ == 0) return;
    StoreConfig config = doomed_config(folder(), "backup.tdb");
    config.options.create = false;
    Store copy = Store::open(config, {.passphrase = passphrase(0)});
    BOOST_TEST(last_of(copy) >= last_done_);
  }
  void settle_passphrase(std::int64_t number) const {
    Store store = Store::open(doomed_config(folder()), {.passphrase = passphrase(number + 1)});
    store.change_passphrase(passphrase(number + 1), passphrase(number));
  }

  test::TempDir folder_;
  std::int64_t last_done_ = 0;
  std::mt19937 random_{20261129};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(killed, Doomed)

BOOST_AUTO_TEST_CASE(while_writing) { kill_in_a_loop("write"); }
BOOST_AUTO_TEST_CASE(while_migrating) { kill_in_a_loop("migrate"); }
BOOST_AUTO_TEST_CASE(while_changing_the_passphrase) { kill_in_a_loop("rewrap"); }
BOOST_AUTO_TEST_CASE(while_rotating_the_key) { kill_in_a_loop("rotate"); }
BOOST_AUTO_TEST_CASE(while_backing_up) { kill_in_a_loop("backup"); }
BOOST_AUTO_TEST_CASE(while_a_copy_takes_the_databases_place) { kill_in_a_loop("compact"); }

BOOST_AUTO_TEST_SUITE_END()
}  // namespace tessera::store_proof
