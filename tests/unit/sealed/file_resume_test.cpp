// An interrupted file is continued: at every length at which a crash may have left it.
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <set>

#include "child_process.hpp"
#include "sealed_fixture.hpp"

namespace tessera::sealed::test {
namespace {

using tessera::test::ChildProcess;
using tessera::test::PipeSignal;

constexpr size_t kResumableHeader = kHeaderBytes + 6 + kResumableRuns * 23;

struct Interrupted : Folder {
  std::string part = path + ".part";
  const Bytes content = content_of(3 * kChunkBytes + 1000);

  /// The unfinished file of a writer that died after `written` bytes.
  Bytes interrupt(size_t written) {
    auto writer = FileWriter::create(path, roots, {.resumable = true});
    BOOST_REQUIRE(writer.ok());
    BOOST_REQUIRE((*writer)->write(ByteView(content).first(written)).ok());
    writer->reset();
    return read_plain_file(part);
  }
  /// As it is after a crash between the last chunk and the rename.
  Bytes interrupt_at_the_end() {
    BOOST_REQUIRE(seal(content, {.resumable = true}).ok());
    std::filesystem::rename(path, part);
    return read_plain_file(part);
  }
  uint64_t resume_and_finish(ByteView all) {
    auto writer = FileWriter::resume(path, roots);
    BOOST_REQUIRE_MESSAGE(writer.ok(), outcome(writer));
    const uint64_t position = (*writer)->position();
    BOOST_REQUIRE((*writer)->write(all.subspan(position)).ok());
    BOOST_REQUIRE((*writer)->finish().ok());
    BOOST_REQUIRE(!exists(part));
    return position;
  }
  static ByteView chunk(const Bytes& file, size_t index) {
    const size_t at = kResumableHeader + index * kSealedChunkBytes;
    return ByteView(file).subspan(at, std::min(kSealedChunkBytes, file.size() - at));
  }
};

BOOST_FIXTURE_TEST_SUITE(file_resume, Interrupted)

BOOST_AUTO_TEST_CASE(goes_on_after_a_cut_at_any_length) {
  const Bytes whole = interrupt_at_the_end();
  std::set<size_t> lengths{kResumableHeader, kResumableHeader + 1, whole.size() - 1, whole.size()};
  for (size_t chunk = 1; chunk <= 3; ++chunk) {
    for (const size_t around : {0, 1, 15, 16, 17, 40})
      lengths.insert(kResumableHeader + chunk * kSealedChunkBytes - 20 + around);
  }
  for (size_t length = kResumableHeader; length < whole.size(); length += 9973) lengths.insert(length);
  for (const size_t length : lengths) {
    write_plain_file(part, ByteView(whole).first(length));
    const uint64_t expected = (length - kResumableHeader) / kSealedChunkBytes * kChunkBytes;
    BOOST_TEST_CONTEXT("cut to " << length) {
      BOOST_REQUIRE_EQUAL(resume_and_finish(content), expected);
      BOOST_REQUIRE((*unseal() == content));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_cut_within_the_header_needs_a_fresh_start) {
  const Bytes whole = interrupt(100'000);
  for (const size_t length : {size_t{0}, size_t{11}, size_t{12}, kResumableHeader - 1}) {
    write_plain_file(part, ByteView(whole).first(length));
    BOOST_TEST(outcome(FileWriter::resume(path, roots)) == kDamagedOutcome);
  }
  BOOST_TEST(seal(content).ok());
}

BOOST_AUTO_TEST_CASE(an_unfinished_file_stays_and_can_be_dropped) {
  interrupt(2 * kChunkBytes + 5);
  BOOST_TEST(exists(part));
  BOOST_TEST(!exists(path));
  BOOST_TEST(seal(as_bytes("anew")).ok());
  BOOST_TEST(!exists(part));
  BOOST_TEST(outcome(FileWriter::resume(path, roots)) == "not_found");
}

BOOST_AUTO_TEST_CASE(other_content_may_follow_and_no_nonce_is_used_again) {
  const Bytes left_behind = interrupt_at_the_end();
  std::filesystem::resize_file(part, left_behind.size() - 1);
  const Bytes other = content_of(content.size(), 5);
  Bytes mixed(content.begin(), content.begin() + 3 * kChunkBytes);
  mixed.insert(mixed.end(), other.begin() + 3 * kChunkBytes, other.end());
  BOOST_TEST(resume_and_finish(mixed) == 3 * kChunkBytes);
  BOOST_TEST((*unseal() == mixed));

  // Under the same key and nonce both would differ as their contents do.
  const Bytes finished = read_plain_file(path);
  const ByteView before = chunk(left_behind, 3);
  const ByteView after = chunk(finished, 3);
  bool is_reused = true;
  for (size_t i = 0; i < 64; ++i) {
    is_reused &= (before[i] ^ after[i]) == (content[3 * kChunkBytes + i] ^ other[3 * kChunkBytes + i]);
  }
  BOOST_TEST(!is_reused);

  // What the interrupted writer left behind does not fit into the file any more.
  Bytes spliced = finished;
  std::copy(before.begin(), before.end(),
            spliced.begin() + static_cast<std::ptrdiff_t>(kResumableHeader + 3 * kSealedChunkBytes));
  write_plain_file(path, spliced);
  BOOST_TEST(outcome(unseal()) == kDamagedOutcome);
}

BOOST_AUTO_TEST_CASE(shorter_content_leaves_nothing_of_the_longer_behind) {
  Bytes file = interrupt_at_the_end();
  file[kResumableHeader + kSealedChunkBytes + 7] ^= 1;
  write_plain_file(part, file);
  const ByteView shorter = ByteView(content).first(kChunkBytes + 10);
  BOOST_TEST(resume_and_finish(shorter) == kChunkBytes);
  const auto found = unseal();
  BOOST_REQUIRE(found.ok());
  BOOST_TEST(std::equal(found->begin(), found->end(), shorter.begin(), shorter.end()));
}

BOOST_AUTO_TEST_CASE(damage_in_the_middle_costs_what_follows) {
  Bytes file = interrupt(content.size());
  file[kResumableHeader + kSealedChunkBytes + 7] ^= 1;
  write_plain_file(part, file);
  BOOST_TEST(resume_and_finish(content) == kChunkBytes);
  BOOST_TEST((*unseal() == content));
}

BOOST_AUTO_TEST_CASE(many_interruptions_in_a_row_are_survived) {
  constexpr size_t kRounds = 60;
  const Bytes all = content_of(kRounds * kChunkBytes + 1);
  auto writer = FileWriter::create(path, roots, {.resumable = true});
  BOOST_REQUIRE(writer.ok());
  for (size_t round = 1; round <= kRounds; ++round) {
    BOOST_REQUIRE((*writer)->write(ByteView(all).subspan((*writer)->position(), kChunkBytes + 1)).ok());
    writer->reset();
    writer = FileWriter::resume(path, roots);
    BOOST_REQUIRE(writer.ok());
    BOOST_REQUIRE_EQUAL((*writer)->position(), round * kChunkBytes);
    BOOST_REQUIRE(std::filesystem::file_size(part) == kResumableHeader + round * kSealedChunkBytes);
  }
  BOOST_REQUIRE((*writer)->write(ByteView(all).last(1)).ok());
  BOOST_REQUIRE((*writer)->finish().ok());
  BOOST_TEST((*unseal() == all));
}

BOOST_AUTO_TEST_CASE(there_is_an_end_to_resuming) {
  interrupt(kChunkBytes + 1);
  for (size_t run = 1; run < kResumableRuns; ++run) {
    auto writer = FileWriter::resume(path, roots);
    BOOST_REQUIRE(writer.ok());
    BOOST_REQUIRE((*writer)->write(Bytes(kChunkBytes + 1)).ok());
  }
  BOOST_TEST(outcome(FileWriter::resume(path, roots)) == "limit");
  BOOST_TEST(exists(part));
}

BOOST_AUTO_TEST_CASE(resuming_without_progress_takes_no_room) {
  interrupt(kChunkBytes + 1);
  for (size_t i = 0; i < 2 * kResumableRuns; ++i) BOOST_REQUIRE(FileWriter::resume(path, roots).ok());
  BOOST_TEST(resume_and_finish(content) == kChunkBytes);
  BOOST_TEST((*unseal() == content));
}

BOOST_AUTO_TEST_CASE(a_killed_writer_that_was_not_resumable_is_begun_anew) {
  PipeSignal written;
  ChildProcess child([&] {
    auto writer = FileWriter::create(path, roots);
    if (!writer || !(*writer)->write(content).ok()) return 1;
    written.set();
    pause();
    return 0;
  });
  written.wait();
  child.kill_now();
  BOOST_TEST(outcome(FileWriter::resume(path, roots)) == "limit");
  BOOST_TEST(outcome(seal(content)) == "ok");
}

BOOST_AUTO_TEST_CASE(killed_while_writing_all_acknowledged_chunks_are_there) {
  PipeSignal written;
  ChildProcess child([&] {
    auto writer = FileWriter::create(path, roots, {.resumable = true});
    if (!writer || !(*writer)->write(content).ok()) return 1;
    written.set();
    pause();
    return 0;
  });
  written.wait();
  child.kill_now();
  BOOST_TEST(resume_and_finish(content) == 3 * kChunkBytes);
  BOOST_TEST((*unseal() == content));
}

BOOST_AUTO_TEST_CASE(the_root_of_the_beginning_stays) {
  interrupt(2 * kChunkBytes + 1);
  roots.add(7);
  BOOST_TEST(resume_and_finish(content) == 2 * kChunkBytes);
  BOOST_TEST((*unseal() == content));
  interrupt(kChunkBytes + 1);
  FakeRoots others(3);
  BOOST_TEST(outcome(FileWriter::resume(path, others)) == kWrongKeyOutcome);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::sealed::test
