// Two processes on one data folder.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "child_process.hpp"
#include "machine.hpp"

namespace tessera::test {

BOOST_FIXTURE_TEST_SUITE(processes, Machine)

BOOST_AUTO_TEST_CASE(a_check_sees_what_another_process_imported) {
  const License license = open();
  BOOST_TEST(tsr_verdict_usable(check(license).get()) == 0);
  ChildProcess child([&] {
    const License own = licensed();
    return tsr_verdict_usable(check(own).get()) == 1 ? 0 : 1;
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(tsr_verdict_usable(check(license).get()) == 1);
}

BOOST_AUTO_TEST_CASE(meters_of_several_processes_add_up) {
  const License license = licensed();
  constexpr int kProcesses = 4, kEach = 5;
  std::vector<std::unique_ptr<ChildProcess>> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(std::make_unique<ChildProcess>([&] {
      const License own = open();
      for (int n = 0; n < kEach; ++n) {
        if (tsr_license_meter_add(own.get(), TSR_LIT("copies"), 1, nullptr, nullptr, nullptr) != TSR_OK)
          return 1;
      }
      return 0;
    }));
  }
  for (const auto& child : children) BOOST_TEST(child->wait() == 0);
  int64_t used = 0;
  BOOST_TEST(tsr_license_meter_add(license.get(), TSR_LIT("copies"), 0, &used, nullptr, nullptr) == TSR_OK);
  BOOST_TEST(used == kProcesses * kEach);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
