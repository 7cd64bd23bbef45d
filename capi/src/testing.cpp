// Implements tests/support/tessera_testing.h; compiled only into a TESSERA_TESTING build.
#include "base/testing.hpp"

#include <csignal>

#include "guard.hpp"
#include "tessera_testing.h"

using tessera::Files;

namespace {

constinit std::atomic<uint64_t> swallowed{0};

/// The machine's files, with a point in the sequence of durable operations where the process dies.
class MortalFiles final : public Files {
 public:
  explicit MortalFiles(Files& files) : files_(files) {}

  void die_before(int64_t count) { left_ = count; }

  tessera::Result<tessera::Bytes> read(const std::string& path, size_t limit) override {
    return files_.read(path, limit);
  }
  tessera::Result<tessera::Bytes> read_secret(const std::string& path, size_t limit) override {
    return files_.read_secret(path, limit);
  }
  tessera::Status write(const std::string& path, tessera::ByteView content) override {
    step();
    return files_.write(path, content);
  }
  tessera::Status overwrite(const std::string& path, tessera::ByteView content) override {
    step();
    return files_.overwrite(path, content);
  }
  tessera::Status sync(const std::string& path) override {
    step();
    return files_.sync(path);
  }
  tessera::Status rename(const std::string& from, const std::string& to) override {
    step();
    return files_.rename(from, to);
  }
  tessera::Status sync_directory(const std::string& directory) override {
    step();
    return files_.sync_directory(directory);
  }
  tessera::Status remove(const std::string& path) override {
    step();
    return files_.remove(path);
  }

 private:
  void step() {
    if (left_ < 0) return;
    if (left_-- == 0) std::raise(SIGKILL);
  }

  Files& files_;
  std::atomic<int64_t> left_{-1};
};

MortalFiles& mortal_files() {
  static MortalFiles* const files = [] {
    auto* made = new MortalFiles(tessera::system_files());  // never destroyed, like the files it wraps
    tessera::testing::set_files(made);
    return made;
  }();
  return *files;
}

}  // namespace

namespace tessera::capi {

void enter(const char* function) { testing::maybe_throw(function); }
void note_swallowed() noexcept { swallowed.fetch_add(1); }

}  // namespace tessera::capi

void tsr_testing_set_clock(int64_t wall_ms, int64_t boot_ms) noexcept {
  tessera::testing::set_clock(wall_ms, boot_ms);
}

void tsr_testing_reset_clock() noexcept { tessera::testing::reset_clock(); }

void tsr_testing_set_hardware_root(tsr_str root) noexcept {
  tessera::testing::set_hardware_root(std::string(root.data, root.len));
}

void tsr_testing_set_network(int is_network) noexcept { tessera::testing::set_network(is_network != 0); }

void tsr_testing_throw_in(tsr_str function) noexcept {
  tessera::testing::throw_in(std::string(function.data, function.len), tessera::testing::Fault::kDefect);
}

void tsr_testing_exhaust_memory_in(tsr_str function) noexcept {
  tessera::testing::throw_in(std::string(function.data, function.len), tessera::testing::Fault::kNoMemory);
}

uint64_t tsr_testing_swallowed() noexcept { return swallowed.load(); }

void tsr_testing_kill_before_file_operation(int64_t count) noexcept { mortal_files().die_before(count); }
