#include "sealed/log_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "child_process.hpp"
#include "log_fixture.hpp"

namespace tessera::sealed::test {
namespace {

using tessera::test::ChildProcess;

namespace fs = std::filesystem;

/// Four files with two records each: "record 0" and "record 1" are in app.log.3.
struct FourFiles : LogFolder {
  static constexpr size_t kFrame = kFrameBytes + 8;
  static constexpr size_t kFull = kLogHeader + 2 * kFrame + kFrameBytes;

  FourFiles() {
    for (uint8_t i = 0; i < 4; ++i) {
      if (i > 0) roots.add(static_cast<uint8_t>(i + 1));
      BOOST_REQUIRE(append(numbered(2 * i, 2)).ok());
    }
    BOOST_REQUIRE(fs::file_size(path + ".3") == kFull);
    BOOST_REQUIRE(!exists(path + ".4"));
  }
  static std::vector<std::string> without(int first, int count) {
    std::vector<std::string> all = numbered(0, 8);
    all.erase(all.begin() + first, all.begin() + first + count);
    return all;
  }
};

BOOST_FIXTURE_TEST_SUITE(log_reader, FourFiles)

BOOST_AUTO_TEST_CASE(reads_all_files_oldest_first) {
  const auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST(content->records == numbered(0, 8));
  BOOST_TEST(content->damage.empty());
}

BOOST_AUTO_TEST_CASE(no_log_is_not_an_empty_log) {
  path = dir / "other.log";
  BOOST_TEST(outcome(read()) == "not_found");
  BOOST_REQUIRE(append({}).ok());
  BOOST_TEST(read()->records.empty());
}

BOOST_AUTO_TEST_CASE(every_flipped_byte_is_reported_and_the_next_file_read) {
  const Bytes file = read_plain_file(path + ".2");
  for (size_t i = 0; i < file.size(); ++i) {
    Bytes flipped = file;
    flipped[i] ^= static_cast<uint8_t>(1 << i % 8);
    write_plain_file(path + ".2", flipped);
    const auto content = read();
    BOOST_TEST_CONTEXT("byte " << i) {
      BOOST_REQUIRE(content.ok());
      const size_t intact = i < kLogHeader ? 0 : (i - kLogHeader) / kFrame;
      BOOST_TEST(content->records == without(2 + static_cast<int>(intact), 2 - static_cast<int>(intact)));
      BOOST_REQUIRE(content->damage.size() == 1u);
      BOOST_TEST(content->damage[0].path == path + ".2");
      BOOST_TEST(content->damage[0].offset == (i < kLogHeader ? 0 : kLogHeader + intact * kFrame));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_truncation_of_a_rotated_file_is_reported) {
  const Bytes file = read_plain_file(path + ".2");
  for (size_t length = 0; length < file.size(); ++length) {
    write_plain_file(path + ".2", ByteView(file).first(length));
    const auto content = read();
    BOOST_TEST_CONTEXT("cut to " << length) {
      BOOST_REQUIRE(content.ok());
      BOOST_TEST(content->damage.size() == 1u);
      BOOST_TEST(content->records.back() == "record 7");
    }
  }
}

BOOST_AUTO_TEST_CASE(removed_moved_and_foreign_frames_are_reported) {
  const Bytes file = read_plain_file(path + ".2");
  const auto frame = [&](size_t index) {
    return file.begin() + static_cast<std::ptrdiff_t>(kLogHeader + index * kFrame);
  };
  const auto expect_damage_at = [&](Bytes changed, size_t offset) {
    write_plain_file(path + ".2", changed);
    const auto content = read();
    BOOST_REQUIRE(content.ok());
    BOOST_REQUIRE(content->damage.size() == 1u);
    BOOST_TEST(content->damage[0].offset == offset);
    BOOST_TEST(content->records.back() == "record 7");
  };

  Bytes removed(file.begin(), frame(0));
  removed.insert(removed.end(), frame(1), file.end());
  expect_damage_at(removed, kLogHeader);

  Bytes swapped = removed;
  swapped.insert(swapped.begin() + static_cast<std::ptrdiff_t>(kLogHeader + kFrame), frame(0), frame(1));
  expect_damage_at(swapped, kLogHeader);

  Bytes twice(file.begin(), frame(1));
  twice.insert(twice.end(), frame(0), file.end());
  expect_damage_at(twice, kLogHeader + kFrame);

  Bytes longer = file;
  longer.insert(longer.end(), frame(0), frame(1));
  expect_damage_at(longer, kFull);

  Bytes foreign = file;
  const Bytes other = read_plain_file(path + ".1");
  std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(kLogHeader), kFrame,
              foreign.begin() + static_cast<std::ptrdiff_t>(kLogHeader));
  expect_damage_at(foreign, kLogHeader);
}

BOOST_AUTO_TEST_CASE(a_missing_file_in_the_middle_is_reported) {
  fs::remove(path + ".2");
  const auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST(content->records == without(2, 2));
  BOOST_REQUIRE(content->damage.size() == 1u);
  BOOST_TEST(content->damage[0].path == path + ".1");
}

BOOST_AUTO_TEST_CASE(files_are_read_in_their_order_whatever_their_names) {
  fs::rename(path + ".1", path + ".x");
  fs::rename(path + ".3", path + ".1");
  fs::rename(path + ".x", path + ".3");
  fs::copy_file(path + ".2", path + ".7");
  const auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST(content->records == numbered(0, 8));
  BOOST_TEST(content->damage.empty());
}

BOOST_AUTO_TEST_CASE(a_file_under_an_unknown_root_is_reported) {
  FakeRoots some(1);
  some.add(2);
  some.add(4);
  auto reader = LogReader::open(path, some);
  BOOST_REQUIRE(reader.ok());
  size_t count = 0;
  for (auto record = (*reader)->next(); record.ok() && *record; record = (*reader)->next()) ++count;
  BOOST_TEST(count == 6u);
  BOOST_REQUIRE((*reader)->damage().size() == 1u);
  BOOST_TEST(outcome((*reader)->damage()[0].error) == kWrongKeyOutcome);
  some.error = Error{ErrorCode::kSTATE, "store", "the store is locked", {}};
  BOOST_TEST(outcome(LogReader::open(path, some)) == "state");
}

BOOST_AUTO_TEST_CASE(reads_beside_a_sink_that_writes) {
  auto sink = open();
  BOOST_REQUIRE(sink.ok());
  BOOST_TEST((*sink)->append(as_bytes("record 8")).ok());
  auto reader = LogReader::open(path, roots);
  BOOST_REQUIRE(reader.ok());
  for (int i = 0; i < 8; ++i) BOOST_TEST(as_text(**(*reader)->next()) == "record " + std::to_string(i));
  BOOST_TEST((*sink)->flush(false).ok());
  BOOST_TEST(as_text(**(*reader)->next()) == "record 8");
  for (int i = 0; i < 200; ++i) BOOST_REQUIRE((*sink)->append(as_bytes("rotates")).ok());
  const auto next = (*reader)->next();
  BOOST_REQUIRE(next.ok());
  BOOST_TEST(as_text(**next) == "rotates");
}

BOOST_AUTO_TEST_CASE(a_forked_child_is_refused) {
  auto reader = LogReader::open(path, roots);
  BOOST_REQUIRE(reader.ok());
  ChildProcess child([&] { return outcome((*reader)->next()) == "forked" ? 0 : 1; });
  BOOST_TEST(child.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::sealed::test
