#include <boost/test/unit_test.hpp>
#include <optional>

#include "vendor_and_machine.hpp"

namespace tessera::facade_test {

BOOST_FIXTURE_TEST_SUITE(app, VendorAndMachine)

BOOST_AUTO_TEST_CASE(gives_its_licence) {
  const App app = App::open(config());
  License license = app.license();
  license.import_bundle(license_file(license.request()));
  BOOST_TEST(app.license().check().entitlement("copies").as_int() == 50);
}

BOOST_AUTO_TEST_CASE(licence_keeps_it_alive) {
  std::optional<License> license;
  {
    const App app = App::open(JsonText(config().to_json()));
    license = app.license();
  }
  BOOST_TEST((license->check().code() == LicenseCode::kNoLicense));
}

BOOST_AUTO_TEST_CASE(close_ends_what_came_from_it) {
  App app = App::open(config());
  const License license = app.license();
  app.close(100ms);
  BOOST_CHECK_NO_THROW(app.close());
  BOOST_TEST((license.try_check().error().code() == ErrorCode::kState));
  BOOST_TEST((app.try_license().error().code() == ErrorCode::kState));
}

BOOST_AUTO_TEST_CASE(a_bad_configuration_is_an_error) {
  BOOST_TEST((App::try_open({.product = "Not A Product"}).error().code() == ErrorCode::kArg));
  BOOST_CHECK_THROW(App::open(JsonText("[]")), Error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
