// The key of the licence state in the desktop's keyring. Run by with_keyring, in two processes: the second
// has no session bus and finds what the first left behind.
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "vendor.hpp"

namespace tessera::test {
namespace {

std::string folder() { return std::getenv("TESSERA_TEST_FOLDER"); }

License open(const std::string& name, const std::string& keystore, nlohmann::json config) {
  config["data_dir"] = folder() + "/" + name;
  config["memory_dir"] = folder() + "/memory-" + name;
  config["keystore"] = keystore;
  License license;
  Failure failure;
  require_ok(tsr_license_open(str(config.dump()), license.out(), failure.out()), failure);
  return license;
}

bool has_key_file(const std::string& name) {
  return std::filesystem::exists(folder() + "/" + name + "/license.key");
}

/// The configuration of the first process, for the second.
std::string saved_config() { return folder() + "/config.json"; }

}  // namespace

BOOST_AUTO_TEST_SUITE(with_keyring)

BOOST_AUTO_TEST_CASE(keeps_the_key_in_the_keyring) {
  const Vendor vendor;
  const nlohmann::json config = vendor.config(folder());
  for (const std::string keystore : {"os", "auto"}) {
    {
      const License license = open(keystore, keystore, config);
      const Verdict verdict = import(license, vendor.license_file({}, {{"sku", "pro"}}));
      BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
    }
    BOOST_TEST(!has_key_file(keystore));
    BOOST_TEST(tsr_verdict_usable(check(open(keystore, keystore, config)).get()) == 1);
  }
  std::ofstream(saved_config()) << config.dump();
}

BOOST_AUTO_TEST_CASE(each_data_folder_has_its_own_key) {
  const Vendor vendor;
  const nlohmann::json config = vendor.config(folder());
  import(open("one", "os", config), vendor.license_file({}, {{"sku", "one"}}));
  import(open("two", "os", config), vendor.license_file({}, {{"sku", "two"}}));
  BOOST_TEST(tsr_verdict_sku(check(open("one", "os", config)).get()) == "one");
  BOOST_TEST(tsr_verdict_sku(check(open("two", "os", config)).get()) == "two");
}

BOOST_AUTO_TEST_CASE(a_file_is_used_when_asked_for) {
  const Vendor vendor;
  import(open("file", "file", vendor.config(folder())), vendor.license_file({}, {{"sku", "pro"}}));
  BOOST_TEST(has_key_file("file"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(without_session)

BOOST_AUTO_TEST_CASE(says_that_the_state_is_locked_and_keeps_it) {
  const nlohmann::json config = nlohmann::json::parse(std::ifstream(saved_config()));
  const License license = open("os", "os", config);
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_STORE_LOCKED);
  Buffer out;
  Failure failure;
  BOOST_TEST(tsr_license_request(license.get(), nullptr, out.out(), failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_STORE_LOCKED);
  BOOST_TEST(!has_key_file("os"));
}

BOOST_AUTO_TEST_CASE(falls_back_to_an_owner_only_file) {
  const Vendor vendor;
  import(open("fallback", "auto", vendor.config(folder())), vendor.license_file({}, {{"sku", "pro"}}));
  struct stat status{};
  BOOST_TEST(stat((folder() + "/fallback/license.key").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777) == 0600u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
