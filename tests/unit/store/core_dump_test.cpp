// What a crash writes to disk: a core file of unlimited size holds no data key and nothing of a page.
#include <boost/test/unit_test.hpp>
#include <cctype>

#include "child_process.hpp"
#include "core_file.hpp"
#include "store_fixture.hpp"

namespace tessera::store_test {
namespace {

constexpr uint32_t kKeySeed = 2026;

/// Opens a store, writes and reads a canary that SQLite itself computes, and crashes.
int crash(const std::string& folder) {
  SecretBytes key(32);
  SecretBytes salt(16);
  test::fill_secret(key.writable().data(), key.size(), kKeySeed);
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
  test::dump_core(folder);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(core_dump)

BOOST_AUTO_TEST_CASE(a_core_file_holds_no_key_and_no_page,
                     *boost::unit_test::precondition(test::writes_core_files)) {
  const test::TempDir dir;
  test::ChildProcess child([&] { return crash(dir.path()); });
  BOOST_REQUIRE_EQUAL(child.wait(), -SIGABRT);
  const std::string core = test::core_in(dir.path());
  BOOST_TEST(test::holds(core, "control-" + std::to_string(123457 * int64_t{654331})));

  std::string key(32, '\0');
  test::fill_secret(reinterpret_cast<uint8_t*>(key.data()), key.size(), kKeySeed);
  BOOST_TEST(!test::holds(core, key));
  std::string hex = test::hex_of(key);
  BOOST_TEST(!test::holds(core, hex));
  std::ranges::transform(hex, hex.begin(), [](unsigned char c) { return std::toupper(c); });
  BOOST_TEST(!test::holds(core, hex));
  BOOST_TEST(!test::holds(core, "page-" + std::to_string(123457 * int64_t{654323})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::store_test
