#include "base/files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>

#include "child_process.hpp"
#include "temp_dir.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;

int code(const Status& status) { return status.ok() ? 0 : static_cast<int>(status.error().code); }
template <class T>
int code(const Result<T>& result) {
  return result.ok() ? 0 : static_cast<int>(result.error().code);
}
constexpr int number(ErrorCode error) { return static_cast<int>(error); }

unsigned mode_of(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

using boost::unit_test::precondition;
boost::test_tools::assertion_result only_root_can_make_one(boost::unit_test::test_unit_id) {
  return geteuid() == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(reads_back_what_was_written_with_owner_only_rights) {
  const test::TempDir dir;
  const std::string path = dir / "state";
  const Bytes content(100'000, 0xA5);
  BOOST_TEST(code(system_files().write(path, content)) == 0);
  BOOST_TEST(mode_of(path) == 0600U);
  BOOST_CHECK(system_files().read(path, content.size()).value() == content);

  fs::permissions(path, fs::perms::all);
  BOOST_TEST(code(system_files().write(path, as_bytes("short"))) == 0);
  BOOST_TEST(mode_of(path) == 0600U);
  BOOST_CHECK(system_files().read(path, 100).value() == to_bytes("short"));
  BOOST_TEST(code(system_files().sync(path)) == 0);
  BOOST_TEST(code(system_files().sync_directory(dir.path().string())) == 0);
}

BOOST_AUTO_TEST_CASE(overwrites_in_place) {
  const test::TempDir dir;
  const std::string path = dir / "state";
  BOOST_TEST(code(system_files().write(path, as_bytes("abcdef"))) == 0);
  fs::create_hard_link(path, dir / "same");
  BOOST_TEST(code(system_files().overwrite(path, as_bytes("123"))) == 0);
  BOOST_CHECK(system_files().read(dir / "same", 100).value() == to_bytes("123def"));
  BOOST_TEST(code(system_files().overwrite(dir / "none", as_bytes("123"))) == number(ErrorCode::kNOT_FOUND));
  fs::create_symlink(path, dir / "link");
  BOOST_TEST(code(system_files().overwrite(dir / "link", as_bytes("456"))) != 0);
  BOOST_CHECK(system_files().read(path, 100).value() == to_bytes("123def"));
}

BOOST_AUTO_TEST_CASE(refuses_a_file_above_the_limit) {
  const test::TempDir dir;
  BOOST_TEST(code(system_files().write(dir / "f", Bytes(11))) == 0);
  BOOST_TEST(code(system_files().read(dir / "f", 11)) == 0);
  BOOST_TEST(code(system_files().read(dir / "f", 10)) == number(ErrorCode::kLIMIT));
}

BOOST_AUTO_TEST_CASE(reads_files_that_report_no_size) {
  const Result<Bytes> status = system_files().read("/proc/self/status", 1 << 16);
  BOOST_TEST(code(status) == 0);
  BOOST_TEST(!status.value().empty());
  BOOST_TEST(code(system_files().read("/proc/self/status", 10)) == number(ErrorCode::kLIMIT));
}

BOOST_AUTO_TEST_CASE(a_fifo_never_blocks) {
  const test::TempDir dir;
  BOOST_REQUIRE(mkfifo((dir / "fifo").c_str(), 0600) == 0);
  BOOST_TEST(code(system_files().read(dir / "fifo", 100)) == number(ErrorCode::kIO));
  BOOST_TEST(code(system_files().write(dir / "fifo", as_bytes("x"))) == number(ErrorCode::kIO));
  BOOST_TEST(code(FileLock::acquire(dir / "fifo", 0)) == number(ErrorCode::kIO));
}

BOOST_AUTO_TEST_CASE(only_regular_files_are_read_and_written) {
  const test::TempDir dir;
  BOOST_TEST(code(system_files().write(dir / "target", as_bytes("x"))) == 0);
  fs::create_symlink(dir / "target", dir / "link");
  BOOST_TEST(code(system_files().read(dir.path().string(), 100)) == number(ErrorCode::kIO));
  BOOST_TEST(code(system_files().read("/dev/zero", 100)) == number(ErrorCode::kIO));
  BOOST_TEST(code(system_files().write("/dev/null", as_bytes("x"))) == number(ErrorCode::kIO));
  BOOST_TEST(code(system_files().read(dir / "link", 100)) == number(ErrorCode::kIO));
  BOOST_TEST(code(system_files().write(dir / "link", as_bytes("y"))) == number(ErrorCode::kIO));
  BOOST_CHECK(system_files().read(dir / "target", 100).value() == to_bytes("x"));
}

BOOST_AUTO_TEST_CASE(a_file_with_a_second_name_is_not_written_through) {
  const test::TempDir dir;
  BOOST_TEST(code(system_files().write(dir / "other", as_bytes("theirs"))) == 0);
  fs::create_hard_link(dir / "other", dir / "file");
  BOOST_TEST(code(system_files().write(dir / "file", as_bytes("ours"))) == 0);
  BOOST_CHECK(system_files().read(dir / "other", 100).value() == to_bytes("theirs"));
  BOOST_CHECK(system_files().read(dir / "file", 100).value() == to_bytes("ours"));
}

BOOST_AUTO_TEST_CASE(a_secret_is_taken_away_from_others_before_it_is_read) {
  const test::TempDir dir;
  BOOST_TEST(code(system_files().write(dir / "key", as_bytes("x"))) == 0);
  fs::permissions(dir / "key", fs::perms::others_read | fs::perms::group_write, fs::perm_options::add);
  BOOST_CHECK(system_files().read_secret(dir / "key", 100).value() == to_bytes("x"));
  BOOST_CHECK(fs::status(dir / "key").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

BOOST_AUTO_TEST_CASE(a_secret_of_another_user_is_refused, *precondition(only_root_can_make_one)) {
  const test::TempDir dir;
  fs::permissions(dir.path(), fs::perms::all);
  BOOST_TEST(code(system_files().write(dir / "key", as_bytes("x"))) == 0);
  fs::permissions(dir / "key", fs::perms::others_read, fs::perm_options::add);
  test::ChildProcess child([&] {
    if (setuid(kNobody) != 0) return 1;
    return code(system_files().read_secret(dir / "key", 100)) == number(ErrorCode::kPERMISSION) ? 0 : 2;
  });
  BOOST_TEST(child.wait() == 0);
}

BOOST_AUTO_TEST_CASE(missing_and_forbidden_files_are_told_apart) {
  const test::TempDir dir;
  Result<Bytes> missing = system_files().read(dir / "none", 100);
  BOOST_TEST(code(missing) == number(ErrorCode::kNOT_FOUND));
  BOOST_TEST(missing.error().text.find("none") != std::string::npos);
  BOOST_TEST(code(system_files().remove(dir / "none")) == number(ErrorCode::kNOT_FOUND));
  BOOST_TEST(code(system_files().write(dir / "no/such", {})) == number(ErrorCode::kNOT_FOUND));

  BOOST_TEST(code(system_files().write(dir / "mine", as_bytes("x"))) == 0);
  fs::permissions(dir / "mine", fs::perms::none);
  test::ChildProcess child([&] {
    if (geteuid() == 0 && setuid(kNobody) != 0) return 1;
    return code(system_files().read(dir / "mine", 100)) == number(ErrorCode::kPERMISSION) ? 0 : 2;
  });
  BOOST_TEST(child.wait() == 0);
}

BOOST_AUTO_TEST_CASE(makes_missing_directories_for_the_owner_only) {
  const test::TempDir dir;
  BOOST_TEST(code(make_directories(dir / "a/b/c")) == 0);
  BOOST_TEST(mode_of(dir / "a/b/c") == 0700U);
  BOOST_TEST(mode_of(dir / "a") == 0700U);
  BOOST_TEST(code(make_directories(dir / "a/b/c/")) == 0);
  BOOST_TEST(code(system_files().write(dir / "file", {})) == 0);
  BOOST_TEST(code(make_directories(dir / "file")) == number(ErrorCode::kIO));
  BOOST_TEST(code(make_directories(dir / "file/below")) == number(ErrorCode::kIO));
}

BOOST_AUTO_TEST_CASE(parents_of_paths) {
  BOOST_TEST(parent_directory("/a/b") == "/a");
  BOOST_TEST(parent_directory("/a/b/") == "/a");
  BOOST_TEST(parent_directory("/a//b") == "/a");
  BOOST_TEST(parent_directory("/a") == "/");
  BOOST_TEST(parent_directory("/") == "/");
  BOOST_TEST(parent_directory("a") == ".");
  BOOST_TEST(parent_directory("") == ".");
}

BOOST_AUTO_TEST_CASE(home_is_expanded_at_the_start_only) {
  test::ChildProcess with_home([] {
    setenv("HOME", "/srv/someone", 1);
    const bool fits = expand_home("~").value() == "/srv/someone" &&
                      expand_home("~/x").value() == "/srv/someone/x" &&
                      expand_home("/~/x").value() == "/~/x" && expand_home("~other").value() == "~other";
    return fits ? 0 : 1;
  });
  BOOST_TEST(with_home.wait() == 0);
  test::ChildProcess without_home([] {
    unsetenv("HOME");
    const Result<std::string> home = expand_home("~/x");
    return !home.ok() || (home.value().starts_with('/') && home.value().ends_with("/x")) ? 0 : 1;
  });
  BOOST_TEST(without_home.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
