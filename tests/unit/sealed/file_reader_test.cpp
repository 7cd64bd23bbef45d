#include "sealed/file_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <random>

#include "child_process.hpp"
#include "sealed_fixture.hpp"

namespace tessera::sealed::test {
namespace {

using tessera::test::ChildProcess;

constexpr size_t kSmallHeader = kHeaderBytes + 6 + 23;
constexpr size_t kVersionAt = 9;
constexpr size_t kRootAt = 12;

struct SealedFile : Folder {
  /// What a reader of a file with these bytes answers.
  std::string outcome_of(ByteView file) {
    write_plain_file(path, file);
    return outcome(unseal());
  }
  /// The file in `path` with chunk `from` in the place of chunk `to`.
  static void move_chunk(const Bytes& source, size_t from, size_t to, Bytes* file) {
    std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(kSmallHeader + from * kSealedChunkBytes),
                kSealedChunkBytes,
                file->begin() + static_cast<std::ptrdiff_t>(kSmallHeader + to * kSealedChunkBytes));
  }
};

BOOST_FIXTURE_TEST_SUITE(file_reader, SealedFile)

BOOST_AUTO_TEST_CASE(random_access_equals_the_content) {
  const Bytes content = content_of(3 * kChunkBytes + 1234);
  BOOST_REQUIRE(seal(content).ok());
  auto reader = FileReader::open(path, roots);
  BOOST_REQUIRE(reader.ok());
  BOOST_TEST((*reader)->size() == content.size());
  std::mt19937 random(20260601);
  for (int i = 0; i < 300; ++i) {
    const size_t offset = random() % (content.size() + 100);
    Bytes out(random() % (i % 3 == 0 ? 150'000 : 100));
    const auto count = (*reader)->read(offset, out);
    BOOST_REQUIRE(count.ok());
    const size_t expected = std::min(out.size(), content.size() - std::min(content.size(), offset));
    BOOST_REQUIRE_EQUAL(*count, expected);
    BOOST_REQUIRE(std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(expected),
                             content.begin() + static_cast<std::ptrdiff_t>(offset * (expected > 0))));
  }
}

BOOST_AUTO_TEST_CASE(nothing_lies_behind_the_end) {
  BOOST_REQUIRE(seal(as_bytes("abc")).ok());
  auto reader = FileReader::open(path, roots);
  BOOST_REQUIRE(reader.ok());
  Bytes out(10);
  BOOST_TEST(*(*reader)->read(3, out) == 0u);
  BOOST_TEST(*(*reader)->read(UINT64_MAX, out) == 0u);
  BOOST_TEST(*(*reader)->read(2, out) == 1u);
  BOOST_TEST(outcome((*reader)->read_all(2)) == "limit");
  BOOST_TEST(as_text(*(*reader)->read_all(3)) == "abc");
}

BOOST_AUTO_TEST_CASE(every_truncation_of_a_small_file_is_found) {
  BOOST_REQUIRE(seal(content_of(100)).ok());
  const Bytes file = read_plain_file(path);
  for (size_t length = 0; length < file.size(); ++length) {
    BOOST_TEST_CONTEXT("cut to " << length) {
      BOOST_TEST(outcome_of(ByteView(file).first(length)) == kDamagedOutcome);
    }
  }
  BOOST_TEST(outcome_of(file) == "ok");
}

BOOST_AUTO_TEST_CASE(truncation_is_found_when_the_file_is_opened) {
  BOOST_REQUIRE(seal(content_of(2 * kChunkBytes + 100)).ok());
  const Bytes file = read_plain_file(path);
  const size_t second = kSmallHeader + kSealedChunkBytes;
  const size_t third = second + kSealedChunkBytes;
  for (const size_t length :
       {kSmallHeader, kSmallHeader + 15, kSmallHeader + 16, second - 1, second, second + 16, third - 1, third,
        third + 1, third + 16, third + 17, file.size() - 1}) {
    BOOST_TEST_CONTEXT("cut to " << length) {
      write_plain_file(path, ByteView(file).first(length));
      BOOST_TEST(outcome(FileReader::open(path, roots)) == kDamagedOutcome);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_flipped_byte_is_found) {
  for (const bool resumable : {false, true}) {
    BOOST_REQUIRE(seal(content_of(100), {.resumable = resumable}).ok());
    const Bytes file = read_plain_file(path);
    for (size_t i = 0; i < file.size(); ++i) {
      Bytes flipped = file;
      flipped[i] ^= static_cast<uint8_t>(1 << i % 8);
      BOOST_TEST_CONTEXT("byte " << i) { BOOST_TEST(outcome_of(flipped) == kDamagedOutcome); }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_changed_header_with_a_right_checksum_is_found) {
  BOOST_REQUIRE(seal(content_of(100)).ok());
  const Bytes file = read_plain_file(path);
  for (size_t i = kRootAt + sizeof(RootId); i < kSmallHeader - 8; ++i) {
    Bytes changed = file;
    changed[i] ^= 0x80;
    fix_checksum(&changed);
    BOOST_TEST_CONTEXT("byte " << i) { BOOST_TEST(outcome_of(changed) == kDamagedOutcome); }
  }
}

BOOST_AUTO_TEST_CASE(chunks_keep_their_places) {
  BOOST_REQUIRE(seal(content_of(4 * kChunkBytes, 2)).ok());
  const Bytes other = read_plain_file(path);
  BOOST_REQUIRE(seal(content_of(4 * kChunkBytes)).ok());
  const Bytes file = read_plain_file(path);

  Bytes swapped = file;
  move_chunk(file, 0, 1, &swapped);
  move_chunk(file, 1, 0, &swapped);
  BOOST_TEST(outcome_of(swapped) == kDamagedOutcome);

  Bytes twice = file;
  move_chunk(file, 1, 2, &twice);
  BOOST_TEST(outcome_of(twice) == kDamagedOutcome);

  Bytes mixed = file;
  move_chunk(other, 1, 1, &mixed);
  BOOST_TEST(outcome_of(mixed) == kDamagedOutcome);

  Bytes with_other_header = file;
  std::copy_n(other.begin(), kSmallHeader, with_other_header.begin());
  BOOST_TEST(outcome_of(with_other_header) == kDamagedOutcome);

  Bytes without_second = file;
  const auto second = without_second.begin() + static_cast<std::ptrdiff_t>(kSmallHeader + kSealedChunkBytes);
  without_second.erase(second, second + kSealedChunkBytes);
  BOOST_TEST(outcome_of(without_second) == kDamagedOutcome);

  for (const size_t count : {size_t{1}, kTagBytes, kTagBytes + 1, kSealedChunkBytes}) {
    Bytes longer = file;
    longer.insert(longer.end(), file.end() - static_cast<std::ptrdiff_t>(count), file.end());
    BOOST_TEST(outcome_of(longer) == kDamagedOutcome);
  }
}

BOOST_AUTO_TEST_CASE(undamaged_chunks_are_given_out_and_damaged_ones_never) {
  const Bytes content = content_of(3 * kChunkBytes);
  BOOST_REQUIRE(seal(content).ok());
  Bytes file = read_plain_file(path);
  file[kSmallHeader + kSealedChunkBytes + 5] ^= 1;
  write_plain_file(path, file);
  auto reader = FileReader::open(path, roots);
  BOOST_REQUIRE(reader.ok());

  Bytes out(10, 0xEE);
  BOOST_TEST(outcome((*reader)->read(kChunkBytes + 100, out)) == kDamagedOutcome);
  BOOST_TEST((out == Bytes(10, 0xEE)));
  Bytes across(100, 0xEE);
  BOOST_TEST(outcome((*reader)->read(kChunkBytes - 50, across)) == kDamagedOutcome);
  BOOST_TEST((Bytes(across.begin() + 50, across.end()) == Bytes(50, 0xEE)));
  for (const size_t offset : {size_t{7}, 2 * kChunkBytes}) {
    BOOST_REQUIRE(*(*reader)->read(offset, out) == out.size());
    BOOST_TEST(std::equal(out.begin(), out.end(), content.begin() + static_cast<std::ptrdiff_t>(offset)));
  }
}

BOOST_AUTO_TEST_CASE(a_file_of_another_store_needs_its_key) {
  BOOST_REQUIRE(seal(as_bytes("secret")).ok());
  FakeRoots others(2);
  BOOST_TEST(outcome(FileReader::open(path, others)) == kWrongKeyOutcome);
  roots.error = Error{ErrorCode::kSTATE, "store", "the store is locked", {}};
  BOOST_TEST(outcome(FileReader::open(path, roots)) == "state");
}

BOOST_AUTO_TEST_CASE(files_under_replaced_roots_stay_readable) {
  BOOST_REQUIRE(seal(as_bytes("before")).ok());
  const Bytes old = read_plain_file(path);
  roots.add(9);
  BOOST_TEST(as_text(*unseal()) == "before");
  BOOST_REQUIRE(seal(as_bytes("before")).ok());
  const Bytes fresh = read_plain_file(path);
  BOOST_TEST(!std::equal(old.begin() + kRootAt, old.begin() + kRootAt + 16, fresh.begin() + kRootAt));
  BOOST_TEST(as_text(*unseal()) == "before");
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_told_from_damage) {
  BOOST_REQUIRE(seal(as_bytes("secret")).ok());
  Bytes file = read_plain_file(path);
  file[kVersionAt] = 2;
  BOOST_TEST(outcome_of(file) == kDamagedOutcome);
  fix_checksum(&file);
  BOOST_TEST(outcome_of(file) == kNewerOutcome);
  file[kVersionAt] = 0;
  fix_checksum(&file);
  BOOST_TEST(outcome_of(file) == kDamagedOutcome);
}

BOOST_AUTO_TEST_CASE(what_is_no_sealed_file_is_refused) {
  BOOST_TEST(outcome(unseal()) == "not_found");
  BOOST_TEST(outcome_of(as_bytes("SQLite format 3")) == kDamagedOutcome);
  BOOST_TEST(outcome_of(content_of(10'000)) == kDamagedOutcome);
  BOOST_TEST(outcome(FileReader::open(dir.path().string(), roots)) == "io");
}

BOOST_AUTO_TEST_CASE(a_reader_keeps_its_file_while_a_new_one_replaces_it) {
  const Bytes content = content_of(200'000);
  BOOST_REQUIRE(seal(content).ok());
  auto reader = FileReader::open(path, roots);
  BOOST_REQUIRE(reader.ok());
  BOOST_REQUIRE(seal(as_bytes("new")).ok());
  BOOST_TEST((*(*reader)->read_all(content.size()) == content));
  BOOST_TEST(as_text(*unseal()) == "new");
}

BOOST_AUTO_TEST_CASE(cutting_an_open_file_is_found) {
  BOOST_REQUIRE(seal(content_of(3 * kChunkBytes)).ok());
  auto reader = FileReader::open(path, roots);
  BOOST_REQUIRE(reader.ok());
  std::filesystem::resize_file(path, kSmallHeader + 100);
  Bytes out(1);
  BOOST_TEST(outcome((*reader)->read(0, out)) == kDamagedOutcome);
}

BOOST_AUTO_TEST_CASE(a_forked_child_is_refused) {
  BOOST_REQUIRE(seal(as_bytes("secret")).ok());
  auto reader = FileReader::open(path, roots);
  BOOST_REQUIRE(reader.ok());
  ChildProcess child([&] { return outcome((*reader)->read_all(100)) == "forked" ? 0 : 1; });
  BOOST_TEST(child.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::sealed::test
