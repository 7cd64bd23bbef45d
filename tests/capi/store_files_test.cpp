// Files of a store that are damaged, foreign, missing or of another time, and its way into the disk.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "store_fixture.hpp"

namespace tessera::test {
namespace {

namespace fs = std::filesystem;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

struct Files : StoreFixture {
  /// A closed store with rows in some pages.
  Files() {
    const Store made = open_store();
    run(made, "create table t(x)");
    run(made,
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 400) insert into t select "
        "hex(randomblob(100)) from n");
    close(made);
  }
  std::string slots() const { return folder / "app.tks"; }

  tsr_status open_now() {
    const auto secrets = with_passphrase(kPassphrase);
    return open_with(config(), &secrets, store, failure);
  }
  /// Reads everything; the first status that is not TSR_OK.
  tsr_status open_and_read() {
    const tsr_status opened = open_now();
    if (opened != TSR_OK) return opened;
    Rowset rows;
    return tsr_store_query_all(store.get(), TSR_LIT("select sum(length(x)) from t"), nullptr, 0, nullptr,
                               rows.out(), failure.out());
  }
  void flip(const std::string& file, size_t offset) {
    std::string content = read_file(file);
    BOOST_REQUIRE(offset < content.size());
    content[offset] = static_cast<char>(content[offset] ^ 1);
    write_file(file, content);
  }

  Store store;
  Failure failure;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_files, Files)

BOOST_AUTO_TEST_CASE(sound_files_open) {
  BOOST_TEST(open_and_read() == TSR_OK, tsr_error_text(failure.get()));
}

BOOST_AUTO_TEST_CASE(nothing_is_readable_on_the_disk) {
  const std::string canary = "canary-of-the-store-0123456789";
  BOOST_REQUIRE(open_now() == TSR_OK);
  run(store, "insert into t values (?)", {{text(canary)}});
  put(store, canary, text(canary));
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    BOOST_TEST(read_file(entry.path().string()).find(canary) == std::string::npos, entry.path());
  }
  close(store);
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    const std::string content = read_file(entry.path().string());
    BOOST_TEST(content.find(canary) == std::string::npos, entry.path());
    BOOST_TEST(content.find(kPassphrase) == std::string::npos, entry.path());
    BOOST_TEST(content.rfind("SQLite format 3", 0) == std::string::npos, entry.path());
  }
}

BOOST_AUTO_TEST_CASE(without_its_slots_nothing_is_made_anew) {
  fs::remove(slots());
  BOOST_TEST(open_now() == TSR_E_NOT_FOUND);
  BOOST_TEST(reason(failure) == "SLOTS_MISSING");
  BOOST_TEST(!fs::exists(slots()));
}

BOOST_AUTO_TEST_CASE(without_its_data_nothing_is_made_anew) {
  fs::remove(path());
  BOOST_TEST(open_now() == TSR_E_CORRUPT);
  BOOST_TEST(reason(failure) == "DATA_MISSING");
  write_file(path(), "");
  BOOST_TEST(open_now() == TSR_E_CORRUPT);
  BOOST_TEST(reason(failure) == "DATA_MISSING");
  BOOST_TEST(fs::file_size(path()) == 0U);
}

BOOST_AUTO_TEST_CASE(one_damaged_bit_of_the_slots_harms_nothing_or_is_told) {
  const std::string content = read_file(slots());
  for (size_t offset = 0; offset < content.size(); offset += 7) {
    write_file(slots(), content);
    flip(slots(), offset);
    const tsr_status status = open_and_read();
    BOOST_TEST_CONTEXT("bit at " << offset << ": " << tsr_error_text(failure.get())) {
      BOOST_TEST((status == TSR_OK || status == TSR_E_CORRUPT || status == TSR_E_UNSUPPORTED));
    }
    store = Store();
  }
}

BOOST_AUTO_TEST_CASE(slots_damaged_beyond_repair_open_nothing) {
  const std::string content = read_file(slots());
  for (size_t length : {size_t{0}, size_t{7}, size_t{50}}) {
    write_file(slots(), content.substr(0, length));
    BOOST_TEST_CONTEXT("of " << length << " bytes") BOOST_TEST(open_now() == TSR_E_CORRUPT);
    BOOST_TEST(reason(failure) == "DAMAGED");
  }
  for (const size_t step : {size_t{1}, size_t{16}, size_t{64}}) {
    std::string damaged = content;
    for (size_t offset = 8; offset < damaged.size(); offset += step)
      damaged[offset] = static_cast<char>(damaged[offset] ^ 0x40);
    write_file(slots(), damaged);
    BOOST_TEST_CONTEXT("each byte of " << step) {
      BOOST_TEST(open_now() != TSR_OK);
      BOOST_TEST(reason(failure) != "");
    }
  }
  write_file(slots(), content);
  BOOST_TEST(open_and_read() == TSR_OK);
}

BOOST_AUTO_TEST_CASE(slots_that_would_cost_too_much_or_are_of_a_later_format_are_told) {
  // Files that the fuzzer of the slots begins with; their first byte is the fuzzer's.
  const auto taken = [&](const std::string& name) {
    write_file(slots(), read_file(TESSERA_TEST_DATA "/../fuzz/corpus/slots/" + name).substr(1));
    return open_now();
  };
  BOOST_TEST(taken("huge_cost_file") == TSR_E_CORRUPT, tsr_error_text(failure.get()));
  BOOST_TEST(reason(failure) == "DAMAGED");
  BOOST_TEST(taken("newer") == TSR_E_UNSUPPORTED, tsr_error_text(failure.get()));
  BOOST_TEST(reason(failure) == "NEWER_FORMAT");
}

BOOST_AUTO_TEST_CASE(slots_of_another_store_open_nothing) {
  auto other = config();
  other["path"] = folder / "other.tdb";
  open_store(other);
  fs::copy_file(folder / "other.tks", slots(), fs::copy_options::overwrite_existing);
  const tsr_status status = open_and_read();
  BOOST_TEST((status == TSR_E_CORRUPT || status == TSR_E_CRYPTO), tsr_error_text(failure.get()));
}

BOOST_AUTO_TEST_CASE(older_slots_are_refused) {
  const std::string old = read_file(slots());
  BOOST_REQUIRE(open_now() == TSR_OK);
  constexpr std::string_view kNew = "another passphrase";
  BOOST_REQUIRE(tsr_store_change_passphrase(store.get(), kPassphrase.data(), kPassphrase.size(), kNew.data(),
                                            kNew.size(), nullptr) == TSR_OK);
  close(store);
  write_file(slots(), old);
  BOOST_TEST(open_now() == TSR_E_CORRUPT);
  BOOST_TEST(reason(failure) == "SLOTS_OLD");
}

BOOST_AUTO_TEST_CASE(a_plain_database_is_refused) {
  std::string plain = std::string("SQLite format 3\0", 16) + std::string(4080, '\0');
  write_file(path(), plain);
  BOOST_TEST(open_now() == TSR_E_CRYPTO);
  BOOST_TEST(reason(failure) == "NOT_ENCRYPTED");
}

BOOST_AUTO_TEST_CASE(damaged_data_is_found) {
  const std::string content = read_file(path());
  const size_t pages = content.size() / 4096;
  BOOST_REQUIRE(pages > 8U);
  for (const size_t page : {size_t{0}, pages / 2, pages - 1}) {
    flip(path(), page * 4096 + 100);
    BOOST_TEST_CONTEXT("page " << page)
    BOOST_TEST(open_and_read() == TSR_E_CORRUPT, tsr_error_text(failure.get()));
    BOOST_TEST(reason(failure) == "DAMAGED");
    store = Store();
    write_file(path(), content);
  }
  std::string swapped = content;
  const auto middle = swapped.begin() + static_cast<std::ptrdiff_t>(pages / 2 * 4096);
  std::swap_ranges(middle, middle + 4096, middle + 4096);
  write_file(path(), swapped);
  BOOST_TEST(open_and_read() == TSR_E_CORRUPT);
  store = Store();
  write_file(path(), content.substr(0, content.size() - 4096 * 3));
  BOOST_TEST(open_and_read() == TSR_E_CORRUPT);
  store = Store();
  write_file(path(), content);
  BOOST_TEST(open_and_read() == TSR_OK);
}

// Nothing tells an older state of a page from a newer one (docs/explanation/store.md), but it may do no more
// harm than to be old.
BOOST_AUTO_TEST_CASE(a_page_of_an_earlier_state_is_only_old) {
  const std::string earlier = read_file(path());
  BOOST_REQUIRE(open_now() == TSR_OK);
  run(store, "update t set x = 'newer' || substr(x, 6)");
  close(store);
  const std::string after = read_file(path());
  const size_t pages = std::min(earlier.size(), after.size()) / 4096;
  for (size_t page = 1; page < pages; ++page) {
    std::string replayed = after;
    replayed.replace(page * 4096, 4096, earlier, page * 4096, 4096);
    write_file(path(), replayed);
    const tsr_status status = open_and_read();
    BOOST_TEST_CONTEXT("page " << page << ": " << tsr_error_text(failure.get()))
    BOOST_TEST((status == TSR_OK || status == TSR_E_CORRUPT));
    if (status == TSR_OK) BOOST_TEST(number(store, "select count(*) from t where length(x) = 200") == 400);
    store = Store();
  }
}

BOOST_AUTO_TEST_CASE(a_network_file_system_is_told) {
  BOOST_REQUIRE(open_now() == TSR_OK);
  const auto is_network = [this] {
    Buffer stats;
    BOOST_REQUIRE(tsr_store_stats(store.get(), stats.out(), nullptr) == TSR_OK);
    return nlohmann::json::parse(stats.text()).at("network_disk").get<bool>();
  };
  BOOST_TEST(!is_network());
  tsr_testing_set_network(1);
  BOOST_TEST(is_network());
  close(store);
  BOOST_TEST(open_and_read() == TSR_OK);
  tsr_testing_set_network(0);
}

BOOST_AUTO_TEST_CASE(a_lost_or_foreign_log_is_told) {
  // Copies of a store that was not closed, as after a crash.
  BOOST_REQUIRE(open_now() == TSR_OK);
  run(store, "insert into t values ('in the log')");
  auto crashed = config();
  crashed["path"] = folder / "crashed.tdb";
  const auto copy = [&] {
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with("app.") || name.ends_with(".lock")) continue;
      fs::copy_file(entry.path(), folder / ("crashed." + name.substr(4)),
                    fs::copy_options::overwrite_existing);
    }
  };
  const auto secrets = with_passphrase(kPassphrase);
  copy();
  Store revived;
  BOOST_TEST(open_with(crashed, &secrets, revived, failure) == TSR_OK, tsr_error_text(failure.get()));
  BOOST_TEST(number(revived, "select count(*) from t where x = 'in the log'") == 1);
  revived = Store();
  copy();
  const std::string log = folder / "crashed.tdb-wal";
  BOOST_REQUIRE(fs::exists(log));
  fs::remove(log);
  BOOST_TEST(open_with(crashed, &secrets, revived, failure) == TSR_E_CORRUPT);
  BOOST_TEST(reason(failure) == "ROLLED_BACK");
  copy();
  std::string foreign = read_file(log);
  for (size_t i = 16; i < 24; ++i) foreign[i] = static_cast<char>(foreign[i] ^ 0x55);
  write_file(log, foreign);
  BOOST_TEST(open_with(crashed, &secrets, revived, failure) == TSR_E_CORRUPT);
  BOOST_TEST(reason(failure) == "ROLLED_BACK");
}

BOOST_AUTO_TEST_CASE(a_link_in_the_place_of_the_file_is_refused) {
  fs::rename(path(), folder / "elsewhere");
  fs::create_symlink(folder / "elsewhere", path());
  BOOST_TEST(open_now() != TSR_OK);
}

BOOST_AUTO_TEST_CASE(the_clock_may_stand_anywhere) {
  for (const int64_t days : {-4000, 4000}) {
    set_time(kStartMs + days * kDayMs);
    BOOST_TEST(open_and_read() == TSR_OK, tsr_error_text(failure.get()));
    put(store, "k", integer(days));
    store = Store();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
