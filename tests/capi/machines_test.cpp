// From request to a running licence on every kind of machine.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "machine.hpp"

namespace tessera::test {
namespace {

namespace data = boost::unit_test::data;

const char* const kRoots[] = {"desktop", "server", "arm", "kvm", "wsl2", "container", "microvm"};

struct AnyMachine : Machine {
  static void become(const FakeRoot& machine) { tsr_testing_set_hardware_root(str(machine.path())); }
  nlohmann::json spec() const { return {{"sku", "pro"}, {"days", 30}, {"allow_weak", true}}; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(machines)

BOOST_DATA_TEST_CASE_F(AnyMachine, runs_the_licence_that_answers_its_request, data::make(kRoots), name) {
  const FakeRoot machine(name);
  become(machine);
  const License license = open();
  import(license, vendor.license_file(request(license), spec()));
  const Verdict verdict = check(license);
  BOOST_TEST(tsr_verdict_usable(verdict.get()) == 1);
  BOOST_TEST(tsr_verdict_hardware_score(verdict.get()) == 1000);
}

BOOST_DATA_TEST_CASE_F(AnyMachine, refuses_the_licence_of_every_other_machine,
                       data::make(kRoots) * data::make(kRoots), bound, here) {
  if (std::string_view(bound) == here) return;
  const FakeRoot first(bound);
  const FakeRoot second(here);
  become(first);
  const License license = open();
  import(license, vendor.license_file(request(license), spec()));
  become(second);
  const Verdict moved = refresh(license);
  BOOST_TEST(tsr_verdict_usable(moved.get()) == 0);
  BOOST_TEST(tsr_verdict_code(moved.get()) == TSR_LICENSE_HW_MISMATCH);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
