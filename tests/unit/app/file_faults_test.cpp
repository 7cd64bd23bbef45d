// Care of a store that replaces or moves its files, cut short at every operation on them: by an error, and by
// the end of the process. The next open finds every row, without anybody's help.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "app/store_core.hpp"
#include "base/files.hpp"
#include "base/testing.hpp"
#include "child_process.hpp"
#include "temp_dir.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kRows = 200;
constexpr int kMostOperations = 200;

/// The machine's files, one of whose operations fails, or is the last thing that the process does.
class FaultyFiles final : public Files {
 public:
  enum class Fault { kError, kKill };

  FaultyFiles(int64_t operation, Fault fault) : left_(operation), fault_(fault) { testing::set_files(this); }
  FaultyFiles(const FaultyFiles&) = delete;
  FaultyFiles& operator=(const FaultyFiles&) = delete;
  ~FaultyFiles() override { testing::set_files(nullptr); }
  bool met() const { return left_ < 0; }

  Result<Bytes> read(const std::string& path, size_t limit) override { return files_.read(path, limit); }
  Result<Bytes> read_secret(const std::string& path, size_t limit) override {
    return files_.read_secret(path, limit);
  }
  Status write(const std::string& path, ByteView content) override {
    return step() ? files_.write(path, content) : failed(path);
  }
  Status overwrite(const std::string& path, ByteView content) override {
    return step() ? files_.overwrite(path, content) : failed(path);
  }
  Status sync(const std::string& path) override { return step() ? files_.sync(path) : failed(path); }
  Status rename(const std::string& from, const std::string& to) override {
    return step() ? files_.rename(from, to) : failed(from);
  }
  Status sync_directory(const std::string& directory) override {
    return step() ? files_.sync_directory(directory) : failed(directory);
  }
  Status remove(const std::string& path) override { return step() ? files_.remove(path) : failed(path); }

 private:
  static Status failed(const std::string& path) {
    return Error{ErrorCode::kIO, "base", "could not reach " + path + ": an injected fault", {}};
  }
  bool step() {
    if (left_-- != 0) return true;
    if (fault_ == Fault::kKill) std::raise(SIGKILL);
    return false;
  }

  Files& files_ = system_files();
  int64_t left_;
  const Fault fault_;
};

using Fault = FaultyFiles::Fault;
using CorePtr = std::shared_ptr<StoreCore>;

class Place {
 public:
  /// A closed store with rows.
  Place() {
    const CorePtr core = opened().value();
    const auto made = core->database().execute_script(
        "create table t(x); with recursive n(i) as (select 1 union all select i + 1 from n where i < " +
            std::to_string(kRows) + ") insert into t select hex(randomblob(100)) from n",
        {});
    if (!made.ok() || !core->close(5000).ok()) throw std::runtime_error("no store");
  }

  std::string path(const std::string& name = "app.tdb") const { return folder_ / name; }
  std::string config(const std::string& name = "app.tdb") const {
    return R"({"path":")" + path(name) + R"(","kdf":"low"})";
  }
  StoreSecrets secrets() const {
    return {.passphrase = as_bytes("words"), .app_key = {}, .recovery_key = {}};
  }
  Result<CorePtr> opened(const std::string& name = "app.tdb") const {
    return StoreCore::open(config(name), secrets());
  }

  /// Rows of the store as the next process finds them; -1 and what is wrong when it does not open.
  int64_t rows(std::string* why, const std::string& name = "app.tdb") const {
    const auto core = opened(name);
    if (!core.ok()) {
      *why = core.error().text;
      return -1;
    }
    int64_t count = 0;
    const Status read = (*core)->database().read({}, [&](store::Connection& connection) -> Status {
      TSR_ASSIGN_OR_RETURN(count, connection.integer("select count(*) from t"));
      return {};
    });
    if (!read.ok()) *why = read.error().text;
    return read.ok() ? count : -1;
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      names.insert(entry.path().filename().string());
    return names;
  }
  void damage() const {
    std::fstream file(path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(fs::file_size(path()) / 4096 / 2 * 4096 + 100));
    file << "damage";
  }

 private:
  test::TempDir folder_;
};

/// Cuts `work` short at each of its operations in turn and lets `check` look at what the next process finds.
void cut_everywhere(Fault fault, const std::function<void(Place&)>& prepare,
                    const std::function<Status(Place&)>& work, const std::function<void(Place&)>& check) {
  bool met = true;
  for (int operation = 0; met; ++operation) {
    BOOST_REQUIRE(operation < kMostOperations);
    Place place;
    prepare(place);
    const auto run = [&] {
      const FaultyFiles files(operation, fault);
      static_cast<void>(work(place));
      return files.met();
    };
    if (fault == Fault::kError) {
      met = run();
    } else {
      test::ChildProcess child([&] { return run() ? 1 : 0; });
      met = child.wait() == -SIGKILL;
    }
    BOOST_TEST_CONTEXT((fault == Fault::kKill ? "killed before" : "failed") << " operation " << operation)
    check(place);
  }
}

void find_every_row(Place& place) {
  std::string why;
  BOOST_TEST(place.rows(&why) == kRows, why);
  const std::set<std::string> own = {"app.tdb", "app.tks", "app.tsq", "app.lock"};
  // What write_atomic() leaves, the next one replaces.
  for (const std::string& name : place.files())
    BOOST_TEST((own.contains(name) || name.starts_with("other.") || name.ends_with(".new")), name);
}

void nothing_more(Place&) {}

sealed::RootId root_of(StoreCore& core) { return core.roots().newest().value().id; }

Status rotate(Place& place) {
  TSR_ASSIGN_OR_RETURN(const CorePtr core, place.opened());
  return core->rotate_data_key(place.secrets(), false, {});
}
/// "other.db" is the store's own content in the clear.
void export_plain(Place& place) {
  const CorePtr core = place.opened().value();
  BOOST_REQUIRE(core->export_plain(place.path("other.db"), "the test imports it", {}).ok());
}
Status import_plain(Place& place) {
  TSR_ASSIGN_OR_RETURN(const CorePtr core, place.opened());
  return core->import_from(place.path("other.db"), ImportKind::kPlain, {}, {});
}

/// "other.tdb" is a backup from before a rotation.
void back_up_and_rotate(Place& place) {
  const CorePtr core = place.opened().value();
  BOOST_REQUIRE(core->back_up(place.path("other.tdb"), {}).ok());
  BOOST_REQUIRE(core->rotate_data_key(place.secrets(), false, {}).ok());
}
Status back_up(Place& place) {
  TSR_ASSIGN_OR_RETURN(const CorePtr core, place.opened());
  return core->back_up(place.path("other.tdb"), {});
}
Status export_again(Place& place) {
  TSR_ASSIGN_OR_RETURN(const CorePtr core, place.opened());
  return core->export_to(place.path("other.tdb"), place.secrets(), {});
}
void export_once(Place& place) {
  // The number of the store's slots is ahead of an export's.
  BOOST_REQUIRE(place.opened().value()->create_recovery_key().ok());
  BOOST_REQUIRE(export_again(place).ok());
}
void find_every_row_in_both(Place& place) {
  std::string why;
  BOOST_TEST(place.rows(&why, "other.tdb") == kRows, why);
  find_every_row(place);
}

void damage(Place& place) {
  root_of(*place.opened().value());
  place.damage();
}
Status salvage(Place& place) {
  const auto saved = StoreCore::salvage(place.config(), place.secrets(), place.path("other.lines"), {});
  return saved.ok() ? Status() : Status(saved.error());
}
int64_t lines(const Place& place) {
  std::ifstream file(place.path("other.lines"));
  return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
}
Status erase(Place& place) { return StoreCore::erase(place.config()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(file_faults)

BOOST_AUTO_TEST_CASE(errors_while_the_key_is_rotated) {
  cut_everywhere(Fault::kError, nothing_more, rotate, find_every_row);
}
BOOST_AUTO_TEST_CASE(kills_while_the_key_is_rotated) {
  cut_everywhere(Fault::kKill, nothing_more, rotate, find_every_row);
}
BOOST_AUTO_TEST_CASE(errors_while_a_plain_file_is_imported) {
  cut_everywhere(Fault::kError, export_plain, import_plain, find_every_row);
}
BOOST_AUTO_TEST_CASE(kills_while_a_plain_file_is_imported) {
  cut_everywhere(Fault::kKill, export_plain, import_plain, find_every_row);
}

BOOST_AUTO_TEST_CASE(errors_while_a_backup_takes_an_older_ones_place) {
  cut_everywhere(Fault::kError, back_up_and_rotate, back_up, find_every_row_in_both);
}
BOOST_AUTO_TEST_CASE(kills_while_a_backup_takes_an_older_ones_place) {
  cut_everywhere(Fault::kKill, back_up_and_rotate, back_up, find_every_row_in_both);
}

BOOST_AUTO_TEST_CASE(an_export_takes_an_older_ones_place) {
  for (const Fault fault : {Fault::kError, Fault::kKill})
    cut_everywhere(fault, export_once, export_again, find_every_row_in_both);
}

BOOST_AUTO_TEST_CASE(a_store_that_was_about_to_be_salvaged_opens) {
  for (const Fault fault : {Fault::kError, Fault::kKill}) {
    sealed::RootId root{};
    const auto prepare = [&](Place& place) {
      root = root_of(*place.opened().value());
      place.damage();
    };
    cut_everywhere(fault, prepare, salvage, [&](Place& place) {
      const auto core = place.opened();
      BOOST_REQUIRE_MESSAGE(core.ok(), (core.ok() ? "" : core.error().text));
      BOOST_TEST((root_of(**core) == root));
      BOOST_TEST(!place.files().contains("app.tdb.moving"));
    });
  }
}
BOOST_AUTO_TEST_CASE(a_salvage_that_was_cut_short_is_done_again) {
  for (const Fault fault : {Fault::kError, Fault::kKill}) {
    cut_everywhere(fault, damage, salvage, [](Place& place) {
      if (place.files().contains("other.lines") && !place.files().contains("app.tdb.moving") &&
          place.files().size() > 4)
        return;  // it was over, but for its last word
      const Status again = salvage(place);
      BOOST_TEST(again.ok(), (again.ok() ? "" : again.error().text));
      BOOST_TEST(lines(place) > kRows / 2);
      BOOST_TEST(place.opened().ok());
    });
  }
}

BOOST_AUTO_TEST_CASE(an_erase_that_was_cut_short_is_done_again) {
  const auto leave_everything = [](Place& place) {
    for (const char* name :
         {"app.tdb-wal", "app.tdb-journal", "app.tdb-shm", "app.tdb.old", "app.tdb.fresh",
          "app.tdb.fresh.part", "app.tdb.fresh.part-journal", "app.tdb.fresh.source.part",
          "app.tdb.fresh.source.part-wal", "app.tdb.part", "app.tdb.moving", "app.tks.new", "app.tks.rotated",
          "app.tks.creating", "app.tdb.damaged-20260528T202640Z", "app.tdb.damaged-20260528T202640Z-wal"})
      std::ofstream(place.path(name)) << "something";
  };
  for (const Fault fault : {Fault::kError, Fault::kKill}) {
    cut_everywhere(fault, leave_everything, erase, [](Place& place) {
      const Status again = erase(place);
      BOOST_TEST((again.ok() || again.error().code == ErrorCode::kNOT_FOUND));
      auto left = place.files();
      if (!again.ok()) left.erase("app.lock");
      BOOST_TEST(left.empty(), (left.empty() ? "" : *left.begin()));
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
