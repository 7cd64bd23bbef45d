#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/files.hpp"
#include "child_process.hpp"
#include "temp_dir.hpp"

namespace tessera {

BOOST_AUTO_TEST_SUITE(shared_counter)

BOOST_AUTO_TEST_CASE(two_mappings_see_each_other) {
  const test::TempDir dir;
  const auto first = SharedCounter::open(dir / "page");
  const auto second = SharedCounter::open(dir / "page");
  BOOST_TEST(first->load() == 0U);
  first->increment();
  BOOST_TEST(second->load() == 1U);
  BOOST_TEST(first->current());
  BOOST_TEST(std::filesystem::file_size(dir / "page") == 4096U);
}

BOOST_AUTO_TEST_CASE(processes_count_together) {
  constexpr uint64_t kRounds = 10'000;
  const test::TempDir dir;
  const auto counter = SharedCounter::open(dir / "page");
  test::ChildProcess child([&] {
    const auto own = SharedCounter::open(dir / "page");
    for (uint64_t i = 0; i < kRounds; ++i) own->increment();
    return 0;
  });
  for (uint64_t i = 0; i < kRounds; ++i) counter->increment();
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(counter->load() == 2 * kRounds);
}

BOOST_AUTO_TEST_CASE(survives_its_handles) {
  const test::TempDir dir;
  SharedCounter::open(dir / "page")->increment();
  BOOST_TEST(SharedCounter::open(dir / "page")->load() == 1U);
}

BOOST_AUTO_TEST_CASE(a_replaced_or_removed_file_is_noticed) {
  const test::TempDir dir;
  const auto counter = SharedCounter::open(dir / "page");
  BOOST_TEST(write_atomic(system_files(), dir / "page", Bytes(4096)).ok());
  BOOST_TEST(!counter->current());
  const auto reopened = SharedCounter::open(dir / "page");
  BOOST_TEST(reopened->current());
  std::filesystem::remove(dir / "page");
  BOOST_TEST(!reopened->current());
  counter->increment();
  BOOST_TEST(counter->load() == 1U);
}

BOOST_AUTO_TEST_CASE(a_longer_file_keeps_its_size) {
  const test::TempDir dir;
  BOOST_TEST(system_files().write(dir / "page", Bytes(8192)).ok());
  SharedCounter::open(dir / "page")->increment();
  BOOST_TEST(std::filesystem::file_size(dir / "page") == 8192U);
}

BOOST_AUTO_TEST_CASE(counts_privately_where_no_file_can_be) {
  const test::TempDir dir;
  BOOST_REQUIRE(mkfifo((dir / "fifo").c_str(), 0600) == 0);
  for (const char* name : {"no/page", "fifo", "."}) {
    const auto counter = SharedCounter::open(dir / name);
    counter->increment();
    BOOST_TEST(counter->load() == 1U);
    BOOST_TEST(counter->current());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
