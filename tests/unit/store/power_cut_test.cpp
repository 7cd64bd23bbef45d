// The power fails at any moment of a database's life, and what it acknowledged is looked for afterwards.
#include <algorithm>
#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "store/vfs_faults.hpp"
#include "store_fixture.hpp"

namespace tessera::store_test {
namespace {

constexpr int kCuts = 200;

struct Losses {
  int cuts_with_loss = 0;    // an acknowledged row is missing
  int cuts_in_work = 0;      // rows were being written when the power failed
  int broken = 0;            // the store did not open again, or is damaged
  std::string first_broken;  // why
};

/// Inserts rows of `writer` until one is not acknowledged; how many were.
int64_t insert_until_dark(Database& database, int64_t writer, Durability durability) {
  for (int64_t number = 1;; ++number) {
    const auto values = list(writer, number, std::string_view("what a row holds beside its number"));
    const auto done = database.execute("insert into t(writer, number, text) values(?, ?, ?)",
                                       {.values = values, .names = {}}, {.durability = durability});
    if (!done) return number - 1;
    if (number % 10 == 0 && writer == 0) static_cast<void>(database.checkpoint());
  }
}

void one_cut(Durability durability, int cut, std::mt19937_64* random, Losses* losses) {
  Store store;
  store.config.readers = 1;
  // One writer commits alone, three share commits.
  const size_t writers = cut % 2 == 0 ? 1 : 3;
  std::array<int64_t, 3> acknowledged{};
  testing::record_disk();
  testing::cut_disk_after(static_cast<int64_t>((*random)() % 250));
  store.database.reset();
  if (auto opened = store.try_open(); opened) {
    Database& database = **opened;
    if (database.execute("create table if not exists t(writer, number, text)", {},
                         {.durability = Durability::kStrict})) {
      std::vector<std::thread> threads;
      for (size_t i = 0; i < writers; ++i) {
        threads.emplace_back(
            [&, i] { acknowledged[i] = insert_until_dark(database, static_cast<int64_t>(i), durability); });
      }
      for (std::thread& thread : threads) thread.join();
      ++losses->cuts_in_work;
    }
  }
  testing::restore_disk(cut % 3 == 0 ? testing::DiskSurvivors::kTorn : testing::DiskSurvivors::kSynced,
                        (*random)());

  const auto note_broken = [&](const std::string& why) {
    if (losses->broken++ == 0) losses->first_broken = "cut " + std::to_string(cut) + ": " + why;
  };
  auto again = store.try_open();
  if (!again) return note_broken(again.error().text);
  store.database = std::move(*again);
  if (store.query("pragma integrity_check") != "ok") return note_broken("integrity_check");
  if (acknowledged == decltype(acknowledged){}) return;
  bool lost = false;
  for (size_t i = 0; i < writers; ++i) {
    const auto found = store.query("select count(*), coalesce(max(number), 0) from t where writer = ?",
                                   list(static_cast<int64_t>(i)));
    const auto count = std::stoll(found);
    if (found != std::to_string(count) + '|' + std::to_string(count))
      note_broken("a row in between is missing");
    lost |= count < acknowledged[i];
  }
  losses->cuts_with_loss += lost ? 1 : 0;
}

Losses losses_of(Durability durability) {
  Losses losses;
  std::mt19937_64 random(18'062'026);
  for (int cut = 0; cut < kCuts; ++cut) one_cut(durability, cut, &random, &losses);
  return losses;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(power_cut)

BOOST_AUTO_TEST_CASE(no_acknowledged_strict_write_is_lost) {
  const Losses losses = losses_of(Durability::kStrict);
  BOOST_TEST(losses.cuts_with_loss == 0);
  BOOST_TEST(losses.broken == 0, losses.first_broken);
  BOOST_TEST(losses.cuts_in_work > kCuts / 2);
}

BOOST_AUTO_TEST_CASE(relaxed_writes_may_be_lost_but_nothing_breaks) {
  const Losses losses = losses_of(Durability::kRelaxed);
  BOOST_TEST(losses.cuts_with_loss > 0);  // else the cuts above prove nothing
  BOOST_TEST(losses.broken == 0, losses.first_broken);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store_test
