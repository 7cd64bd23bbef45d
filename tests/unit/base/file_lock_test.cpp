#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <latch>
#include <optional>
#include <thread>

#include "base/files.hpp"
#include "child_process.hpp"
#include "temp_dir.hpp"

namespace tessera {
namespace {

constexpr int64_t kLongWaitMs = 60'000;

bool is_free(const std::string& path) { return FileLock::acquire(path, 0).ok(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(file_lock)

BOOST_AUTO_TEST_CASE(excludes_other_handles_of_this_process) {
  const test::TempDir dir;
  const std::string path = dir / "lock";
  {
    const Result<FileLock> held = FileLock::acquire(path, 0);
    BOOST_REQUIRE(held.ok());
    const Result<FileLock> refused = FileLock::acquire(path, 5);
    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST(static_cast<int>(refused.error().code) == static_cast<int>(ErrorCode::kBUSY));
  }
  BOOST_TEST(is_free(path));
}

BOOST_AUTO_TEST_CASE(moves_carry_the_lock) {
  const test::TempDir dir;
  std::optional<FileLock> first(FileLock::acquire(dir / "one", 0).value());
  FileLock second = FileLock::acquire(dir / "two", 0).value();
  second = std::move(*first);
  first.reset();
  BOOST_TEST(is_free(dir / "two"));
  BOOST_TEST(!is_free(dir / "one"));
}

BOOST_AUTO_TEST_CASE(names_its_holder_for_people) {
  const test::TempDir dir;
  const Result<FileLock> held = FileLock::acquire(dir / "lock", 0);
  BOOST_CHECK(system_files().read(dir / "lock", 100).value() == to_bytes(std::to_string(getpid()) + "\n"));
}

BOOST_AUTO_TEST_CASE(excludes_other_processes_and_ends_with_its_holder) {
  const test::TempDir dir;
  const std::string path = dir / "lock";
  test::PipeSignal locked;
  test::PipeSignal never;
  test::ChildProcess holder([&] {
    const Result<FileLock> held = FileLock::acquire(path, kLongWaitMs);
    locked.set();
    never.wait();
    return held.ok() ? 0 : 1;
  });
  locked.wait();
  BOOST_TEST(!is_free(path));
  holder.kill_now();
  BOOST_TEST(FileLock::acquire(path, kLongWaitMs).ok());
}

BOOST_AUTO_TEST_CASE(a_forked_child_neither_gives_up_nor_keeps_the_lock_of_its_parent) {
  const test::TempDir dir;
  const std::string path = dir / "lock";
  test::PipeSignal inherited;
  test::PipeSignal finish;
  std::optional<FileLock> held(FileLock::acquire(path, 0).value());
  test::ChildProcess dropping([&] {
    held.reset();
    return 0;
  });
  BOOST_TEST(dropping.wait() == 0);
  BOOST_TEST(!is_free(path));

  test::ChildProcess keeping([&] {
    inherited.set();
    finish.wait();
    return 0;
  });
  inherited.wait();
  held.reset();
  BOOST_TEST(is_free(path));
  finish.set();
  BOOST_TEST(keeping.wait() == 0);
}

BOOST_AUTO_TEST_CASE(waits_until_the_lock_is_free) {
  const test::TempDir dir;
  const std::string path = dir / "lock";
  std::optional<FileLock> held(FileLock::acquire(path, 0).value());
  std::latch waiting(1);
  bool acquired = false;
  std::thread waiter([&] {
    waiting.count_down();
    acquired = FileLock::acquire(path, kLongWaitMs).ok();
  });
  waiting.wait();
  held.reset();
  waiter.join();
  BOOST_TEST(acquired);
}

BOOST_AUTO_TEST_CASE(a_replaced_lock_file_is_locked_anew) {
  const test::TempDir dir;
  const std::string path = dir / "lock";
  const FileLock old = FileLock::acquire(path, 0).value();
  std::filesystem::remove(path);
  const Result<FileLock> fresh = FileLock::acquire(path, 0);
  BOOST_TEST(fresh.ok());
  BOOST_TEST(!is_free(path));
}

BOOST_AUTO_TEST_CASE(a_missing_folder_is_not_found) {
  const test::TempDir dir;
  const Result<FileLock> lock = FileLock::acquire(dir / "no/lock", kLongWaitMs);
  BOOST_REQUIRE(!lock.ok());
  BOOST_TEST(static_cast<int>(lock.error().code) == static_cast<int>(ErrorCode::kNOT_FOUND));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
