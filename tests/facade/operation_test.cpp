// Calls in the background, through the facade.
#include <boost/test/unit_test.hpp>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>

#include "given.hpp"
#include "vendor_and_machine.hpp"

namespace tessera::facade_test {
namespace {

/// Keeps `license` busy in a completion function.
class Busy {
 public:
  explicit Busy(License& license)
      : operation_(license.refresh_async([this](Expected<Verdict>) {
          entered_.set_value();
          go_on_.get_future().wait();
        })) {
    entered_.get_future().wait();
  }
  ~Busy() {
    go_on_.set_value();
    operation_.wait();
  }

 private:
  std::promise<void> entered_, go_on_;
  Operation operation_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(operation, VendorAndMachine)

BOOST_AUTO_TEST_CASE(a_licence_lives_in_the_background) {
  License license = *result_of<License>([&](auto done) { return License::open_async(config(), done); });
  const std::string request =
      *result_of<std::string>([&](auto done) { return license.request_async({}, done); });
  const std::string file = license_file(request);
  BOOST_TEST(
      result_of<Verdict>([&](auto done) { return license.verify_bundle_async(file, done); })->usable());
  BOOST_TEST(!license.check().usable());
  BOOST_TEST(result_of<Verdict>([&](auto done) { return license.import_bundle_async(file, done); })->sku() ==
             "pro");
  BOOST_TEST(result_of<Verdict>([&](auto done) { return license.refresh_async(done); })->usable());
  const MeterReading reading =
      *result_of<MeterReading>([&](auto done) { return license.meter_add_async("copies", 3, done); });
  BOOST_TEST(reading.used == 3);
  BOOST_TEST(reading.limit == 50);
  const std::string proof =
      *result_of<std::string>([&](auto done) { return license.deactivate_async(done); });
  BOOST_TEST(!issuer.read_deactivation(proof).empty());
  BOOST_TEST(result_of<void>([&](auto done) { return license.close_async(1s, done); }).has_value());
  BOOST_TEST((license.try_check().error().code() == ErrorCode::kState));
}

BOOST_AUTO_TEST_CASE(an_application_its_trial_a_probe_and_a_key) {
  App app = *result_of<App>([&](auto done) { return App::open_async(config(), done); });
  License license = app.license();
  license.import_bundle(key_set());
  const std::string token = issuer.trial({.days = 14, .sku = "pro"});
  BOOST_TEST(result_of<Verdict>([&](auto done) { return license.start_trial_async(token, done); })->state() ==
             "TRIAL");
  BOOST_TEST(result_of<void>([&](auto done) { return app.close_async(1s, done); }).has_value());
  BOOST_TEST(!app.try_license().has_value());
  const Hwid hwid = *result_of<Hwid>([&](auto done) { return Hwid::probe_async({}, done); });
  BOOST_TEST((hwid.strength() == Strength::kStrong));
  const Key key = *result_of<Key>([&](auto done) { return Key::generate_async(KeyType::kRs256, done); });
  BOOST_TEST((key.type() == KeyType::kRs256));
}

BOOST_AUTO_TEST_CASE(a_refusal_arrives_as_the_error_of_the_call) {
  License license = License::open(config());
  const Expected<Verdict> refused =
      result_of<Verdict>([&](auto done) { return license.import_bundle_async("no licence", done); });
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code() == ErrorCode::kLicense));
  BOOST_TEST((refused.error().license_code() == LicenseCode::kTokenMalformed));
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_throws_and_frees_the_completion) {
  License license = License::open(config());
  const auto held = std::make_shared<int>();
  const auto completion = [held](Expected<MeterReading>) { BOOST_ERROR("nothing was started"); };
  BOOST_CHECK_EXCEPTION(license.meter_add_async("copies", -1, completion), Error,
                        [](const Error& error) { return error.code() == ErrorCode::kArg; });
  BOOST_TEST(!license.try_meter_add_async("copies", -1, completion).has_value());
  BOOST_TEST(held.use_count() == 2);  // this and the lambda above
}

BOOST_AUTO_TEST_CASE(one_that_waits_is_cancelled_and_frees_its_completion) {
  License license = License::open(config());
  const auto held = std::make_shared<int>();
  std::optional<ErrorCode> code;
  const Busy busy(license);
  Operation waiting = license.refresh_async([&code, held](Expected<Verdict> result) {
    if (!result) code = result.error().code();
  });
  BOOST_TEST(!waiting.ended());
  BOOST_TEST((waiting.try_wait(0ms).error().code() == ErrorCode::kTimeout));
  waiting.cancel();
  waiting.wait();
  BOOST_TEST((code == ErrorCode::kCancelled));
  BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(goes_on_without_its_operation_and_its_licence) {
  std::promise<void> gone;
  auto tells_its_end = std::shared_ptr<void>(nullptr, [&](void*) { gone.set_value(); });
  std::optional<License> license = License::open(config());
  std::optional<Busy> busy(*license);
  bool refreshed = false;
  license->refresh_async([&refreshed, end = std::move(tells_its_end)](Expected<Verdict> verdict) {
    refreshed = verdict.has_value();
  });
  license.reset();
  busy.reset();
  gone.get_future().wait();
  BOOST_TEST(refreshed);
}

BOOST_AUTO_TEST_CASE(an_exception_of_the_completion_is_dropped) {
  License license = License::open(config());
  license.refresh_async([](Expected<Verdict>) { throw std::runtime_error("of the application"); }).wait();
  license.refresh_async(nullptr).wait();
  BOOST_TEST(result_of<Verdict>([&](auto done) { return license.refresh_async(done); }).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
