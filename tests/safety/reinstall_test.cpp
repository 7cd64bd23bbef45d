// The operating system is installed anew: the licence state is gone, the hardware is the same.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "machine.hpp"

namespace tessera::test {
namespace {

BOOST_FIXTURE_TEST_SUITE(reinstall, Machine)

BOOST_AUTO_TEST_CASE(same_licence_is_rebound_to_the_new_installation) {
  const std::string license_file = vendor.license_file(request(open()), kSpec);
  import(open(), license_file);
  BOOST_TEST(tsr_verdict_code(check(open()).get()) == TSR_LICENSE_OK);

  root.reinstall_os();
  std::filesystem::remove_all(folder / "data");
  std::filesystem::remove_all(folder / "memory");
  const License license = open();
  BOOST_TEST(tsr_verdict_code(check(license).get()) == TSR_LICENSE_NO_LICENSE);

  const Verdict rebind = import(license, license_file);
  BOOST_TEST(tsr_verdict_usable(rebind.get()) == 1);
  BOOST_TEST(tsr_verdict_code(rebind.get()) == TSR_LICENSE_WARN_REBIND_DUE);
  BOOST_TEST(tsr_verdict_state(rebind.get()) == "REBIND_DUE");
  BOOST_TEST(tsr_verdict_entitlement_int(rebind.get(), str("export")) == 1);
  BOOST_TEST(tsr_verdict_hardware_score(rebind.get()) >= 600);
  BOOST_TEST(tsr_verdict_hardware_score(rebind.get()) < 1000);

  const Verdict rebound = import(license, vendor.license_file(request(license), kSpec));
  BOOST_TEST(tsr_verdict_code(rebound.get()) == TSR_LICENSE_OK);
  BOOST_TEST(tsr_verdict_state(rebound.get()) == "ACTIVE");
  BOOST_TEST(tsr_verdict_hardware_score(rebound.get()) == 1000);
  BOOST_TEST(tsr_verdict_code(check(open()).get()) == TSR_LICENSE_OK);
}

BOOST_AUTO_TEST_CASE(rebind_ends_with_its_grace) {
  const std::string license_file = vendor.license_file(request(open()), kSpec);
  import(open(), license_file);
  root.reinstall_os();
  std::filesystem::remove_all(folder / "data");
  std::filesystem::remove_all(folder / "memory");
  const Verdict rebind = import(open(), license_file);
  set_time(tsr_verdict_usable_until_ms(rebind.get()) + 1000);
  BOOST_TEST(tsr_verdict_code(check(open()).get()) == TSR_LICENSE_HW_GRACE_OVER);
}

BOOST_AUTO_TEST_CASE(copied_licence_is_refused_on_another_machine) {
  const std::string license_file = vendor.license_file(request(open()), kSpec);
  import(open(), license_file);
  const FakeRoot other("server");
  tsr_testing_set_hardware_root(str(other.path()));
  const TempDir elsewhere;
  const License license = vendor.open_license(elsewhere.path().string());
  Verdict verdict;
  Failure failure;
  BOOST_TEST(tsr_license_import(license.get(), license_file.data(), license_file.size(), verdict.out(),
                                failure.out()) == TSR_E_LICENSE);
  BOOST_TEST(license_code(failure) == TSR_LICENSE_INSTALL_KEY_MISMATCH);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
