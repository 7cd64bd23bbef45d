// What a crash writes to disk: a core file of unlimited size holds no data key and nothing of a page.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>

#include "child_process.hpp"
#include "store_fixture.hpp"

namespace tessera::store_test {
namespace {

// The sanitizers write no core files: their shadow memory is terabytes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

/// Computed where it is needed, so that neither the program nor its memory holds it before.
void fill_key(std::span<uint8_t> key) {
  volatile uint32_t state = 2026;
  for (uint8_t& byte : key) {
    state = state * 1103515245 + 12345;
    byte = static_cast<uint8_t>(state >> 16);
  }
}

std::string hex_of(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

/// Opens a store, writes and reads a canary that SQLite itself computes, and crashes.
int crash(const std::string& folder) {
  const struct rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (chdir(folder.c_str()) != 0 || setrlimit(RLIMIT_CORE, &unlimited) != 0) return 1;
  SecretBytes key(32);
  SecretBytes salt(16);
  fill_key(key.writable());
  test::FakeClock clock;
  test::FakeRandom random;
  Logger logger;
  DatabaseConfig config;
  config.path = folder + "/app.tdb";
  auto database = require(Database::open(config, {key.view(), salt.view()},
                                         {.clock = &clock, .random = &random, .logger = &logger}, nullptr));
  require(
      database->execute_script("create table t(a); insert into t values('page-' || (123457 * 654323));", {}));
  require(database->execute("insert into t select a || '-' || rowid from t", {}, {}));
  auto rows = require(database->query("select a from t", {}, {}));
  if (require(rows->next()) == nullptr) return 2;
  // A program's own memory is in the core: proof that it is a whole one.
  std::string control = "control-";
  control += std::to_string(123457 * int64_t{654331});
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

/// The core file in `folder`; nothing where the kernel pipes or drops it.
std::optional<std::string> core_in(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().filename().string().starts_with("core")) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  return std::nullopt;
}

bool holds(const std::string& core, const std::string& wanted) {
  return std::search(core.begin(), core.end(),
                     std::boyer_moore_horspool_searcher(wanted.begin(), wanted.end())) != core.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(core_dump)

BOOST_AUTO_TEST_CASE(a_core_file_holds_no_key_and_no_page) {
  if (kSanitized) {
    BOOST_TEST_MESSAGE("the sanitizers write no core files; arena_test looks at the mappings");
    return;
  }
  const test::TempDir dir;
  test::ChildProcess child([&] { return crash(dir.path()); });
  BOOST_REQUIRE_EQUAL(child.wait(), -SIGABRT);
  const std::optional<std::string> core = core_in(dir.path());
  if (!core) {
    BOOST_TEST_MESSAGE("core_pattern puts core files elsewhere; arena_test looks at the mappings");
    return;
  }
  BOOST_TEST(holds(*core, "control-" + std::to_string(123457 * int64_t{654331})));

  Bytes key(32);
  fill_key(key);
  BOOST_TEST(!holds(*core, std::string(as_text(key))));
  BOOST_TEST(!holds(*core, hex_of(key)));
  std::string upper = hex_of(key);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  BOOST_TEST(!holds(*core, upper));
  BOOST_TEST(!holds(*core, "page-" + std::to_string(123457 * int64_t{654323})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store_test
