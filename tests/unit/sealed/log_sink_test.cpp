#include "sealed/log_sink.hpp"

#include <sys/resource.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "child_process.hpp"
#include "log_fixture.hpp"

namespace tessera::sealed::test {
namespace {

using tessera::test::ChildProcess;

namespace fs = std::filesystem;

/// False at the end of the pipe.
bool read_number(int pipe_end, int* number) {
  return ::read(pipe_end, number, sizeof(*number)) == sizeof(*number);
}

BOOST_FIXTURE_TEST_SUITE(log_sink, LogFolder)

BOOST_AUTO_TEST_CASE(records_come_back_in_their_order) {
  const std::vector<std::string> records{"first", "", std::string(3000, 'x'), std::string("nul\0inside", 10)};
  BOOST_REQUIRE(append(records).ok());
  const auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST(content->records == records);
  BOOST_TEST(content->damage.empty());
}

BOOST_AUTO_TEST_CASE(goes_on_after_it_was_closed) {
  for (int i = 0; i < 10; ++i) BOOST_REQUIRE(append(numbered(i * 3, 3)).ok());
  BOOST_TEST(read()->records == numbered(0, 30));
  BOOST_TEST(!exists(path + ".1"));
}

BOOST_AUTO_TEST_CASE(records_are_batched_until_flush) {
  auto sink = open();
  BOOST_REQUIRE(sink.ok());
  BOOST_TEST((*sink)->append(as_bytes("kept back")).ok());
  BOOST_TEST(fs::file_size(path) == kLogHeader);
  BOOST_TEST((*sink)->flush(true).ok());
  BOOST_TEST(fs::file_size(path) == kLogHeader + kFrameBytes + 9);
  BOOST_TEST((*sink)->append(as_bytes("left to the end")).ok());
  sink->reset();
  BOOST_TEST(read()->records.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_full_batch_is_written_by_itself) {
  options.max_file_bytes = 8 << 20;
  auto sink = open();
  BOOST_REQUIRE(sink.ok());
  for (int i = 0; i < 3000; ++i) BOOST_REQUIRE((*sink)->append(Bytes(100, 'x')).ok());
  BOOST_TEST(fs::file_size(path) > 300'000u);
}

BOOST_AUTO_TEST_CASE(rotation_is_bounded_and_keeps_the_newest) {
  options.max_files = 3;
  const std::vector<std::string> records = numbered(0, 500);
  BOOST_REQUIRE(append(records).ok());
  for (const std::string& name : {path, path + ".1", path + ".2"}) {
    BOOST_TEST(fs::file_size(name) <= options.max_file_bytes);
    struct stat status{};
    BOOST_TEST(stat(name.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 07777) == 0600);
  }
  BOOST_TEST(!exists(path + ".3"));
  BOOST_TEST(!exists(path + ".new"));
  const auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST(content->damage.empty());
  const size_t kept = content->records.size();
  BOOST_TEST(kept > 100u);
  BOOST_TEST(content->records == numbered(500 - static_cast<int>(kept), static_cast<int>(kept)));

  options.max_files = 1;
  BOOST_REQUIRE(append(numbered(500, 200)).ok());
  BOOST_TEST(!exists(path + ".1"));
  BOOST_TEST(!exists(path + ".2"));
  BOOST_TEST(read()->records.back() == "record 699");
}

BOOST_AUTO_TEST_CASE(limits_are_kept) {
  BOOST_TEST(outcome(LogSink::open(path, roots, {.max_file_bytes = 4095})) == "arg");
  BOOST_TEST(outcome(LogSink::open(path, roots, {.max_files = 0})) == "arg");
  BOOST_TEST(outcome(LogSink::open(path, roots, {.max_files = 101})) == "arg");
  auto sink = open();
  BOOST_REQUIRE(sink.ok());
  const size_t largest = 4096 - kLogHeader - 2 * kFrameBytes;
  BOOST_TEST(outcome((*sink)->append(Bytes(largest + 1))) == "limit");
  BOOST_TEST(outcome((*sink)->append(Bytes(largest))) == "ok");
  BOOST_TEST(outcome((*sink)->append(Bytes(largest))) == "ok");
  sink->reset();
  BOOST_TEST(fs::file_size(path + ".1") == 4096u);
  options.max_file_bytes = 8 << 20;
  sink = open();
  BOOST_REQUIRE(sink.ok());
  BOOST_TEST(outcome((*sink)->append(Bytes(kMaxRecordBytes + 1))) == "limit");
  BOOST_TEST(outcome((*sink)->append(Bytes(kMaxRecordBytes))) == "ok");
}

BOOST_AUTO_TEST_CASE(a_log_has_one_sink) {
  const auto sink = open();
  BOOST_REQUIRE(sink.ok());
  BOOST_TEST(outcome(open()) == "busy");
}

BOOST_AUTO_TEST_CASE(a_torn_frame_is_cut_off_at_every_length) {
  BOOST_REQUIRE(append(numbered(0, 3)).ok());
  const Bytes file = read_plain_file(path);
  const size_t frame = kFrameBytes + 8;
  for (size_t torn = 1; torn < frame; ++torn) {
    write_plain_file(path, ByteView(file).first(file.size() - torn));
    BOOST_REQUIRE(append({"after"}).ok());
    const auto content = read();
    BOOST_TEST_CONTEXT("torn by " << torn) {
      BOOST_REQUIRE(content.ok());
      BOOST_TEST((content->records == std::vector<std::string>{"record 0", "record 1", "after"}));
      BOOST_TEST(content->damage.empty());
      BOOST_TEST(!exists(path + ".1"));
      BOOST_TEST(fs::file_size(path) == kLogHeader + 2 * frame + kFrameBytes + 5);
    }
  }
  // A power cut can leave zeros where a frame was to be.
  Bytes zeros = file;
  zeros.resize(file.size() + 500);
  write_plain_file(path, zeros);
  BOOST_REQUIRE(append({"after"}).ok());
  BOOST_TEST(read()->records.size() == 4u);
  BOOST_TEST(read()->damage.empty());
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_rotated_away_and_reported) {
  BOOST_REQUIRE(append(numbered(0, 3)).ok());
  const Bytes file = read_plain_file(path);
  for (size_t i = 0; i < file.size(); ++i) {
    fs::remove(path + ".1");
    Bytes flipped = file;
    flipped[i] ^= static_cast<uint8_t>(1 << i % 8);
    write_plain_file(path, flipped);
    BOOST_TEST_CONTEXT("byte " << i) {
      BOOST_REQUIRE_EQUAL(outcome(append({"after"})), "ok");
      BOOST_TEST((read_plain_file(path + ".1") == flipped));
      const auto content = read();
      BOOST_REQUIRE(content.ok());
      const size_t intact = i < kLogHeader ? 0 : (i - kLogHeader) / (kFrameBytes + 8);
      std::vector<std::string> expected = numbered(0, static_cast<int>(intact));
      expected.emplace_back("after");
      BOOST_TEST(content->records == expected);
      BOOST_REQUIRE(content->damage.size() == 1u);
      BOOST_TEST(content->damage[0].path == path + ".1");
      BOOST_TEST(content->damage[0].offset == (i < kLogHeader ? 0 : kLogHeader + intact * (kFrameBytes + 8)));
      BOOST_TEST(outcome(content->damage[0].error) == kDamagedOutcome);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_log_of_another_store_is_left_alone) {
  BOOST_REQUIRE(append({"theirs"}).ok());
  const Bytes file = read_plain_file(path);
  FakeRoots others(2);
  BOOST_TEST(outcome(LogSink::open(path, others, options)) == kWrongKeyOutcome);
  Bytes newer = file;
  newer[9] = 2;
  fix_checksum(&newer);
  write_plain_file(path, newer);
  BOOST_TEST(outcome(open()) == kNewerOutcome);
  BOOST_TEST((read_plain_file(path) == newer));
}

BOOST_AUTO_TEST_CASE(a_new_root_begins_a_new_file) {
  BOOST_REQUIRE(append({"old root"}).ok());
  roots.add(2);
  BOOST_REQUIRE(append({"new root"}).ok());
  BOOST_TEST(exists(path + ".1"));
  const auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST((content->records == std::vector<std::string>{"old root", "new root"}));
  BOOST_TEST(content->damage.empty());
}

BOOST_AUTO_TEST_CASE(links_are_not_followed) {
  const std::string victim = dir / "victim";
  write_plain_file(victim, as_bytes("untouched"));
  for (const std::string& name : {path, path + ".new"}) {
    fs::create_symlink(victim, name);
    BOOST_TEST(outcome(open()) == "io");
    fs::remove(name);
  }
  BOOST_TEST(as_text(read_plain_file(victim)) == "untouched");
}

BOOST_AUTO_TEST_CASE(a_crash_between_two_files_loses_nothing) {
  BOOST_REQUIRE(append(numbered(0, 100)).ok());
  BOOST_REQUIRE(exists(path + ".1"));
  const std::vector<std::string> records = read()->records;

  // All names were shifted, and the new file was not begun.
  fs::rename(path + ".1", path + ".2");
  fs::rename(path, path + ".1");
  write_plain_file(path + ".new", as_bytes("half a header"));
  BOOST_REQUIRE(append({"after"}).ok());
  auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST(content->records.size() == records.size() + 1);
  // The file being written had no end frame: no rotation leaves it like that.
  BOOST_TEST(content->damage.size() == 1u);

  // The end frame was written, and no name was shifted.
  const TempDir second;
  path = second / "app.log";
  roots.add(2);
  BOOST_REQUIRE(append({"one"}).ok());
  roots.add(3);
  BOOST_REQUIRE(append({"two"}).ok());
  fs::rename(path + ".1", path);
  BOOST_REQUIRE(append({"three"}).ok());
  content = read();
  BOOST_TEST((content->records == std::vector<std::string>{"one", "three"}));
  BOOST_TEST(content->damage.empty());
}

BOOST_AUTO_TEST_CASE(threads_append_at_once) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  options.max_file_bytes = 32 << 10;
  options.max_files = 100;
  auto sink = open();
  BOOST_REQUIRE(sink.ok());
  std::atomic<int> failures = 0;
  {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const std::string record = std::to_string(t) + ' ' + std::to_string(i);
          if (!(*sink)->append(as_bytes(record)).ok()) ++failures;
          if (i % 50 == 0 && !(*sink)->flush(false).ok()) ++failures;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  sink->reset();
  BOOST_TEST(failures == 0);
  const auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST(content->damage.empty());
  BOOST_TEST(content->records.size() == size_t{kThreads} * kEach);
  int next[kThreads] = {};
  for (const std::string& record : content->records) {
    const auto thread = static_cast<size_t>(record[0] - '0');
    BOOST_REQUIRE_EQUAL(record.substr(2), std::to_string(next[thread]++));
  }
}

BOOST_AUTO_TEST_CASE(killed_while_appending_loses_nothing_flushed) {
  constexpr int kRounds = 30;
  options.max_file_bytes = 16 << 10;
  options.max_files = 100;
  std::mt19937 random(20260602);
  int first = 0;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    BOOST_REQUIRE(pipe(ends) == 0);
    ChildProcess child([&] {
      auto sink = open();
      if (!sink) return 1;
      for (int i = first;; ++i) {
        if (!(*sink)->append(as_bytes("record " + std::to_string(i))).ok()) return 2;
        if (!(*sink)->flush(i % 16 == 0).ok()) return 3;
        if (write(ends[1], &i, sizeof(i)) != sizeof(i)) return 4;
      }
    });
    close(ends[1]);
    int flushed = first - 1;
    BOOST_TEST(read_number(ends[0], &flushed));  // the sink is open
    usleep(static_cast<useconds_t>(random() % 8000));
    child.kill_now();
    while (read_number(ends[0], &flushed)) {
    }
    close(ends[0]);

    const auto content = read();
    BOOST_REQUIRE(content.ok());
    BOOST_TEST(content->damage.empty());
    const int found = static_cast<int>(content->records.size());
    BOOST_TEST(found > flushed);  // numbers begin at 0
    BOOST_TEST(content->records == numbered(0, found));
    first = found;
  }
  BOOST_TEST(exists(path + ".1"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_reported_and_the_sink_works_again) {
  options.max_file_bytes = 1 << 20;
  ChildProcess child([&] {
    signal(SIGXFSZ, SIG_IGN);
    auto sink = open();
    if (!sink) return 1;
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit tight{100'000, limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
    int taken = 0;
    bool refused = false;
    for (; taken < 10'000; ++taken) {
      const Status appended = (*sink)->append(as_bytes("record " + std::to_string(taken)));
      if (appended.ok()) continue;
      if (appended.error().code != ErrorCode::kIO) return 2;
      refused = true;
      break;
    }
    if (!refused) return 3;
    for (int i = 0; i < 100; ++i) {  // takes no more, however often it is asked
      if ((*sink)->append(as_bytes("refused")).ok()) return 4;
    }
    if ((*sink)->flush(true).ok()) return 5;
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!(*sink)->append(as_bytes("record " + std::to_string(taken))).ok()) return 6;
    return (*sink)->flush(true).ok() ? 0 : 7;
  });
  BOOST_TEST(child.wait() == 0);
  const auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST(content->damage.empty());
  BOOST_TEST(content->records.size() > 1000u);
  BOOST_TEST(content->records == numbered(0, static_cast<int>(content->records.size())));
}

BOOST_AUTO_TEST_CASE(a_full_disk_has_its_own_code_and_space_for_it_is_enough) {
  options.max_file_bytes = 8 << 20;
  ChildProcess child([&] {
    if (!mount_small_disk(dir.path().string(), 1)) return kNotPermitted;
    auto sink = open();
    if (!sink) return 1;
    const std::string filler = dir / "filler";
    write_plain_file(filler, Bytes(500'000));
    size_t taken = 0;
    Status appended;
    while (taken < 2000 && (appended = (*sink)->append(Bytes(1000, 'x'))).ok()) ++taken;
    if (outcome(appended) != "disk_full") return 2;
    fs::remove(filler);
    if (!(*sink)->append(Bytes(1000, 'x')).ok() || !(*sink)->flush(true).ok()) return 3;
    const auto content = read();
    return content.ok() && content->damage.empty() && content->records.size() == taken + 1 ? 0 : 4;
  });
  const int status = child.wait();
  BOOST_TEST((status == 0 || status == kNotPermitted), "the child ended with " << status);
}

BOOST_AUTO_TEST_CASE(a_folder_that_takes_no_new_file_is_reported_and_the_sink_works_again) {
  auto sink = open();
  BOOST_REQUIRE(sink.ok());
  fs::create_directory(path + ".new");  // where the next file is to begin
  int taken = 0;
  while (taken < 1000 && (*sink)->append(as_bytes("record " + std::to_string(taken))).ok()) ++taken;
  BOOST_TEST(taken > 10);
  BOOST_TEST(taken < 100);
  BOOST_TEST(outcome((*sink)->append(as_bytes("refused"))) == "io");
  BOOST_TEST(outcome((*sink)->flush(true)) == "ok");
  fs::remove(path + ".new");
  BOOST_TEST(outcome((*sink)->append(as_bytes("record " + std::to_string(taken)))) == "ok");
  sink->reset();
  const auto content = read();
  BOOST_REQUIRE(content.ok());
  BOOST_TEST(content->damage.empty());
  BOOST_TEST(content->records == numbered(0, taken + 1));
}

BOOST_AUTO_TEST_CASE(a_forked_child_is_refused_and_writes_nothing) {
  auto sink = open();
  BOOST_REQUIRE(sink.ok());
  BOOST_TEST((*sink)->append(as_bytes("parent")).ok());
  ChildProcess child([&] {
    const bool refused =
        outcome((*sink)->append(as_bytes("child"))) == "forked" && outcome((*sink)->flush(false)) == "forked";
    sink->reset();
    return refused && fs::file_size(path) == kLogHeader ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST((*sink)->append(as_bytes("again")).ok());
  sink->reset();
  BOOST_TEST((read()->records == std::vector<std::string>{"parent", "again"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::sealed::test
