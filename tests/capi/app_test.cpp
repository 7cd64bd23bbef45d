#include <boost/test/unit_test.hpp>
#include <string>

#include "machine.hpp"

namespace tessera::test {
namespace {

struct Opened : Machine {
  Opened() {
    const std::string config = vendor.config(folder.path().string()).dump();
    Failure failure;
    require_ok(tsr_app_open(str(config), app.out(), failure.out()), failure);
  }
  License license() const {
    License made;
    Failure failure;
    require_ok(tsr_app_license(app.get(), made.out(), failure.out()), failure);
    return made;
  }
  App app;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(app, Opened)

BOOST_AUTO_TEST_CASE(handles_of_one_application_share_its_licence) {
  const License first = license();
  const License second = license();
  BOOST_TEST(first.get() != second.get());
  import(first, vendor.license_file(request(first), kSpec));
  BOOST_TEST(tsr_verdict_usable(check(second).get()) == 1);
}

BOOST_AUTO_TEST_CASE(close_ends_every_handle_and_may_be_repeated) {
  const License child = license();
  BOOST_TEST(tsr_app_close(app.get(), 1000, nullptr) == TSR_OK);
  BOOST_TEST(tsr_app_close(app.get(), 1000, nullptr) == TSR_OK);
  Verdict verdict;
  License after;
  Failure failure;
  BOOST_TEST(tsr_license_check(child.get(), verdict.out(), failure.out()) == TSR_E_STATE);
  BOOST_TEST(tsr_license_refresh(child.get(), nullptr, nullptr) == TSR_E_STATE);
  BOOST_TEST(tsr_app_license(app.get(), after.out(), failure.out()) == TSR_E_STATE);
  BOOST_TEST(!after);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::test
