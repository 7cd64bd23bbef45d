#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/testing.hpp"
#include "temp_dir.hpp"

namespace tessera {
namespace {

/// Keeps files in memory, notes every call and fails one of them.
class RecordingFiles final : public Files {
 public:
  std::vector<std::string> calls;
  std::map<std::string, Bytes> content;
  int failing_call = -1;

  Result<Bytes> read(const std::string& path, size_t /*limit*/) override { return content.at(path); }
  Status write(const std::string& path, ByteView bytes) override {
    return step("write " + path, [&] { content[path] = Bytes(bytes.begin(), bytes.end()); });
  }
  Status sync(const std::string& path) override {
    return step("sync " + path, [] {});
  }
  Status rename(const std::string& from, const std::string& to) override {
    return step("rename " + from + ' ' + to, [&] {
      content[to] = content.at(from);
      content.erase(from);
    });
  }
  Status sync_directory(const std::string& directory) override {
    return step("sync_directory " + directory, [] {});
  }
  Status remove(const std::string& path) override {
    return step("remove " + path, [&] { content.erase(path); });
  }

 private:
  template <class Effect>
  Status step(std::string call, Effect effect) {
    const bool fails = static_cast<int>(calls.size()) == failing_call;
    calls.push_back(std::move(call));
    if (fails) return Error{ErrorCode::kDISK_FULL, "test", "injected", {}};
    effect();
    return {};
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(write_atomic_suite)

BOOST_AUTO_TEST_CASE(syncs_before_and_after_the_rename) {
  RecordingFiles files;
  BOOST_TEST(write_atomic(files, "/d/state", as_bytes("new")).ok());
  const std::vector<std::string> expected = {"write /d/state.new", "sync /d/state.new",
                                             "rename /d/state.new /d/state", "sync_directory /d"};
  BOOST_TEST(files.calls == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_failure_before_the_rename_keeps_the_old_content_and_no_rest) {
  for (int failing = 0; failing < 3; ++failing) {
    RecordingFiles files;
    files.content["/d/state"] = to_bytes("old");
    files.failing_call = failing;
    const Status status = write_atomic(files, "/d/state", as_bytes("new"));
    BOOST_TEST(!status.ok());
    BOOST_TEST(status.error().text == "injected");
    BOOST_CHECK(files.content.at("/d/state") == to_bytes("old"));
    BOOST_TEST(files.content.size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_failing_directory_sync_is_reported) {
  RecordingFiles files;
  files.failing_call = 3;
  BOOST_TEST(!write_atomic(files, "/d/state", as_bytes("new")).ok());
}

BOOST_AUTO_TEST_CASE(replaces_a_real_file) {
  const test::TempDir dir;
  for (const char* text : {"first", "second"}) {
    BOOST_TEST(write_atomic(system_files(), dir / "state", as_bytes(text)).ok());
    BOOST_CHECK(system_files().read(dir / "state", 100).value() == to_bytes(text));
  }
  BOOST_TEST(!std::filesystem::exists(dir / "state.new"));
}

BOOST_AUTO_TEST_CASE(injected_files_replace_the_machines) {
  RecordingFiles files;
  testing::set_files(&files);
  BOOST_TEST(write_atomic(system_files(), "/d/state", as_bytes("x")).ok());
  testing::set_files(nullptr);
  BOOST_TEST(files.content.count("/d/state") == 1U);
  BOOST_TEST(&system_files() != static_cast<Files*>(&files));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
