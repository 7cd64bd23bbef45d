#include "store/instance_lock.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "child_process.hpp"
#include "temp_dir.hpp"

namespace tessera::store {
namespace {

using tessera::test::ChildProcess;
using tessera::test::PipeSignal;
using tessera::test::TempDir;

constexpr int64_t kLongMs = 60'000;

std::string owner_detail(pid_t pid) {
  return R"({"reason":"STORE_LOCKED","owner_pid":)" + std::to_string(pid) + '}';
}

}  // namespace

BOOST_AUTO_TEST_SUITE(instance_lock)

BOOST_AUTO_TEST_CASE(another_process_gets_store_locked_with_the_owner) {
  const TempDir dir;
  const std::string path = dir / "app.lock";
  PipeSignal locked;
  PipeSignal done;
  pid_t owner = 0;
  ChildProcess holder([&] {
    const auto held = InstanceLock::acquire(path, 0);
    if (!held) return 1;
    locked.set();
    done.wait();
    return 0;
  });
  locked.wait();
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = InstanceLock::acquire(path, kLongMs);
  BOOST_TEST(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count() <
      10);  // a process that does not close is not waited for
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(static_cast<int>(refused.error().code) == static_cast<int>(ErrorCode::kBUSY));
  BOOST_TEST(refused.error().detail_json.find("STORE_LOCKED") != std::string::npos);
  const size_t number = refused.error().detail_json.find("owner_pid\":");
  BOOST_REQUIRE(number != std::string::npos);
  owner = std::stoi(refused.error().detail_json.substr(number + 11));
  BOOST_TEST(owner > 1);
  BOOST_TEST(owner != getpid());
  done.set();
  BOOST_TEST(holder.wait() == 0);
  BOOST_TEST(InstanceLock::acquire(path, 0).ok());
}

BOOST_AUTO_TEST_CASE(a_killed_owner_leaves_it_free) {
  const TempDir dir;
  const std::string path = dir / "app.lock";
  PipeSignal locked;
  PipeSignal never;
  ChildProcess holder([&] {
    const auto held = InstanceLock::acquire(path, 0);
    locked.set();
    never.wait();
    return 0;
  });
  locked.wait();
  holder.kill_now();
  BOOST_TEST(InstanceLock::acquire(path, 0).ok());
}

BOOST_AUTO_TEST_CASE(a_second_instance_of_this_process_waits_for_the_closing_one) {
  const TempDir dir;
  const std::string path = dir / "app.lock";
  auto first = InstanceLock::acquire(path, 0);
  BOOST_REQUIRE(first.ok());
  const auto refused = InstanceLock::acquire(path, 20);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().detail_json == owner_detail(getpid()));

  std::thread closing([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    first->reset();
  });
  BOOST_TEST(InstanceLock::acquire(path, kLongMs).ok());
  closing.join();
}

BOOST_AUTO_TEST_CASE(one_store_by_any_name) {
  const TempDir dir;
  std::filesystem::create_directory(dir.path() / "real");
  std::filesystem::create_directory_symlink(dir.path() / "real", dir.path() / "link");
  const auto held = InstanceLock::acquire(dir / "real/app.lock", 0);
  BOOST_REQUIRE(held.ok());
  const auto refused = InstanceLock::acquire(dir / "link/./app.lock", 0);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().detail_json == owner_detail(getpid()));
}

BOOST_AUTO_TEST_CASE(many_threads_get_it_one_after_the_other) {
  const TempDir dir;
  const std::string path = dir / "app.lock";
  std::atomic<int> inside{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        const auto held = InstanceLock::acquire(path, kLongMs);
        if (!held || inside.fetch_add(1) != 0) ++wrong;
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(a_forked_child_neither_has_it_nor_frees_it) {
  const TempDir dir;
  const std::string path = dir / "app.lock";
  auto held = InstanceLock::acquire(path, 0);
  BOOST_REQUIRE(held.ok());
  ChildProcess child([&] {
    const auto refused = InstanceLock::acquire(path, kLongMs);
    const bool by_parent = !refused && refused.error().detail_json == owner_detail(getppid());
    held->reset();
    return by_parent ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
  ChildProcess other([&] { return InstanceLock::acquire(path, 0).ok() ? 1 : 0; });
  BOOST_TEST(other.wait() == 0);
}

BOOST_AUTO_TEST_CASE(closing_frees_it_while_a_forked_child_lives) {
  const TempDir dir;
  const std::string path = dir / "app.lock";
  auto held = InstanceLock::acquire(path, 0);
  PipeSignal done;
  ChildProcess child([&] {
    done.wait();
    return 0;
  });
  held->reset();
  BOOST_TEST(InstanceLock::acquire(path, 0).ok());
  done.set();
  BOOST_TEST(child.wait() == 0);
}

BOOST_AUTO_TEST_CASE(a_folder_that_can_not_be_written_says_so) {
  const TempDir dir;
  const auto missing = InstanceLock::acquire(dir / "missing/app.lock", 0);
  BOOST_REQUIRE(!missing.ok());
  BOOST_TEST(static_cast<int>(missing.error().code) == static_cast<int>(ErrorCode::kNOT_FOUND));
  BOOST_TEST(missing.error().text.find("/missing") != std::string::npos);

  constexpr auto kReadable = std::filesystem::perms::all &
                             ~(std::filesystem::perms::owner_write | std::filesystem::perms::group_write |
                               std::filesystem::perms::others_write);
  std::filesystem::permissions(dir.path(), kReadable);
  ChildProcess child([&] {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && seteuid(kNobody) != 0) return 2;  // root writes everywhere
    const auto refused = InstanceLock::acquire(dir / "app.lock", 0);
    return !refused && refused.error().code == ErrorCode::kPERMISSION ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
  std::filesystem::permissions(dir.path(), std::filesystem::perms::owner_all);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store
