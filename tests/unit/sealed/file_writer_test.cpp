#include "sealed/file_writer.hpp"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>

#include "child_process.hpp"
#include "sealed_fixture.hpp"

namespace tessera::sealed::test {
namespace {

using tessera::test::ChildProcess;

/// Growth of this process's peak memory while it seals `bytes`, in KiB.
long peak_growth_kib(const std::string& path, Roots& roots, uint64_t bytes) {
  const auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const Bytes piece = content_of(100'000);
  auto writer = FileWriter::create(path, roots);
  if (!writer || !(*writer)->write(piece).ok()) return -1;
  const long before = peak();
  while ((*writer)->position() < bytes) {
    if (!(*writer)->write(piece).ok()) return -1;
  }
  return (*writer)->finish().ok() ? peak() - before : -1;
}

BOOST_FIXTURE_TEST_SUITE(file_writer, Folder)

BOOST_AUTO_TEST_CASE(content_of_every_size_comes_back) {
  for (const size_t size : {size_t{0}, size_t{1}, kChunkBytes - 1, kChunkBytes, kChunkBytes + 1,
                            2 * kChunkBytes, 3 * kChunkBytes + 17, size_t{5'000'000}}) {
    for (const bool resumable : {false, true}) {
      BOOST_TEST_CONTEXT(size << " bytes, resumable " << resumable) {
        const Bytes content = content_of(size);
        BOOST_TEST(outcome(seal(content, {.resumable = resumable})) == "ok");
        const auto found = unseal();
        BOOST_REQUIRE(found.ok());
        BOOST_TEST((*found == content));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(pieces_of_any_size_make_the_same_content) {
  const Bytes content = content_of(300'000);
  for (const size_t piece : {size_t{1000}, size_t{65'536}, size_t{65'537}, size_t{200'000}}) {
    auto writer = FileWriter::create(path, roots);
    BOOST_REQUIRE(writer.ok());
    for (size_t at = 0; at < content.size(); at += piece) {
      BOOST_TEST((*writer)->position() == at);
      BOOST_TEST((*writer)->write(ByteView(content).subspan(at, std::min(piece, content.size() - at))).ok());
    }
    BOOST_TEST((*writer)->finish().ok());
    BOOST_TEST((*unseal() == content));
  }
}

BOOST_AUTO_TEST_CASE(old_content_stays_until_finish) {
  BOOST_REQUIRE(seal(as_bytes("old")).ok());
  {
    auto writer = FileWriter::create(path, roots);
    BOOST_REQUIRE(writer.ok());
    BOOST_TEST((*writer)->write(content_of(200'000)).ok());
    BOOST_TEST(as_text(*unseal()) == "old");
  }
  BOOST_TEST(as_text(*unseal()) == "old");
  BOOST_TEST(!exists(path + ".part"));
}

BOOST_AUTO_TEST_CASE(only_the_owner_may_read_it) {
  const mode_t before = umask(0);
  BOOST_REQUIRE(seal(as_bytes("private")).ok());
  umask(before);
  struct stat status{};
  BOOST_REQUIRE(stat(path.c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 07777) == 0600);
}

BOOST_AUTO_TEST_CASE(links_are_not_followed) {
  const std::string victim = dir / "victim";
  write_plain_file(victim, as_bytes("untouched"));
  std::filesystem::create_symlink(victim, path + ".part");
  BOOST_TEST(outcome(seal(as_bytes("new"))) == "io");
  BOOST_TEST(as_text(read_plain_file(victim)) == "untouched");

  std::filesystem::remove(path + ".part");
  std::filesystem::create_symlink(victim, path);
  BOOST_TEST(outcome(unseal()) == "io");
  BOOST_TEST(outcome(seal(as_bytes("new"))) == "ok");
  BOOST_TEST(as_text(read_plain_file(victim)) == "untouched");
  BOOST_TEST(as_text(*unseal()) == "new");
}

BOOST_AUTO_TEST_CASE(a_second_writer_waits_its_turn) {
  auto first = FileWriter::create(path, roots, {.resumable = true});
  BOOST_REQUIRE(first.ok());
  BOOST_TEST(outcome(FileWriter::create(path, roots)) == "busy");
  BOOST_TEST(outcome(FileWriter::resume(path, roots)) == "busy");
  BOOST_TEST((*first)->write(as_bytes("first")).ok());
  BOOST_TEST((*first)->finish().ok());
  BOOST_TEST(outcome(FileWriter::create(path, roots)) == "ok");
  BOOST_TEST(as_text(*unseal()) == "first");
}

BOOST_AUTO_TEST_CASE(nothing_can_be_added_after_the_end) {
  auto writer = FileWriter::create(path, roots);
  BOOST_REQUIRE(writer.ok());
  BOOST_TEST((*writer)->finish().ok());
  BOOST_TEST(outcome((*writer)->write(as_bytes("more"))) == "state");
  BOOST_TEST(outcome((*writer)->finish()) == "state");
  BOOST_TEST(unseal()->empty());
}

BOOST_AUTO_TEST_CASE(errors_of_the_folder_and_the_roots_are_passed_on) {
  BOOST_TEST(outcome(FileWriter::create(dir / "missing/file", roots)) == "not_found");
  roots.error = Error{ErrorCode::kBUSY, "store", "the store is closing", {}};
  BOOST_TEST(outcome(FileWriter::create(path, roots)) == "busy");
  BOOST_TEST(!exists(path + ".part"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_reported_and_writing_goes_on_later) {
  constexpr rlim_t kRoom = 150'000;
  const Bytes content = content_of(500'000);
  ChildProcess child([&] {
    signal(SIGXFSZ, SIG_IGN);
    auto writer = FileWriter::create(path, roots);
    if (!writer) return 1;
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit tight{kRoom, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
    const Status refused = (*writer)->write(content);
    if (refused.ok() || refused.error().code != ErrorCode::kIO) return 2;
    if ((*writer)->position() != 3 * kChunkBytes) return 3;
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!(*writer)->write(ByteView(content).subspan((*writer)->position())).ok()) return 4;
    setrlimit(RLIMIT_FSIZE, &tight);
    if ((*writer)->finish().ok()) return 5;
    // The last chunk may be on the disk by now, so its nonce is taken.
    if ((*writer)->write(as_bytes("more")).ok()) return 6;
    setrlimit(RLIMIT_FSIZE, &limit);
    return (*writer)->finish().ok() ? 0 : 7;
  });
  BOOST_TEST(child.wait() == 0);
  const auto found = unseal();
  BOOST_REQUIRE(found.ok());
  BOOST_TEST((*found == content));
}

BOOST_AUTO_TEST_CASE(a_full_disk_has_its_own_code) {
  ChildProcess child([&] {
    if (!mount_small_disk(dir.path().string(), 1)) return kNotPermitted;
    const Bytes content = content_of(2 << 20);
    auto writer = FileWriter::create(path, roots);
    if (!writer) return 1;
    if (outcome((*writer)->write(content)) != "disk_full") return 2;
    writer->reset();  // frees the space
    if (outcome(seal(ByteView(content).first(500'000))) != "ok") return 3;
    return unseal()->size() == 500'000 ? 0 : 4;
  });
  const int status = child.wait();
  BOOST_TEST((status == 0 || status == kNotPermitted), "the child ended with " << status);
}

BOOST_AUTO_TEST_CASE(memory_does_not_grow_with_the_content) {
  constexpr uint64_t kContent = uint64_t{256} << 20;
  constexpr long kLimitKib = 8 << 10;
  ChildProcess child([&] {
    const long growth = peak_growth_kib(path, roots, kContent);
    return growth < 0 ? 1 : growth >= kLimitKib ? 2 : 0;
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(std::filesystem::file_size(path) > kContent);
}

BOOST_AUTO_TEST_CASE(a_forked_child_is_refused_and_leaves_the_file_alone) {
  auto writer = FileWriter::create(path, roots);
  BOOST_REQUIRE(writer.ok());
  ChildProcess child([&] {
    const bool refused =
        outcome((*writer)->write(as_bytes("x"))) == "forked" && outcome((*writer)->finish()) == "forked";
    writer->reset();
    return refused ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST((*writer)->write(as_bytes("parent")).ok());
  BOOST_TEST((*writer)->finish().ok());
  BOOST_TEST(as_text(*unseal()) == "parent");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::sealed::test
