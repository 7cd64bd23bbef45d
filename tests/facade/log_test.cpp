#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "vendor_and_machine.hpp"

namespace tessera::facade_test {
namespace {

struct Logged : VendorAndMachine {
  License license = License::open(config());
  std::vector<std::string> events;

  LogSink collector() {
    return [this](const LogRecord& record) { events.emplace_back(record.event); };
  }
  void cause_a_record() { BOOST_TEST(!license.try_import_bundle("no licence").has_value()); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log, Logged)

BOOST_AUTO_TEST_CASE(records_are_complete) {
  std::vector<nlohmann::json> fields;
  const Subscription subscription = license.on_log(LogLevel::kTrace, [&](const LogRecord& record) {
    BOOST_TEST(!record.area.empty());
    BOOST_TEST(!record.message.empty());
    events.emplace_back(record.event);
    fields.push_back(nlohmann::json::parse(record.fields));
  });
  cause_a_record();
  BOOST_TEST((std::ranges::find(events, "import_refused") != events.end()));
  BOOST_TEST(fields.back().is_object());
}

BOOST_AUTO_TEST_CASE(level_is_a_threshold) {
  std::vector<LogLevel> levels;
  const Subscription subscription =
      license.on_log(LogLevel::kWarn, [&](const LogRecord& record) { levels.push_back(record.level); });
  license.import_bundle(license_file(license.request()));
  cause_a_record();
  BOOST_TEST(!levels.empty());
  BOOST_TEST(std::ranges::all_of(levels, [](LogLevel level) { return level >= LogLevel::kWarn; }));
}

BOOST_AUTO_TEST_CASE(ends_with_its_subscription_and_frees_the_sink) {
  auto held = std::make_shared<int>(1);
  {
    const Subscription subscription = license.on_log(
        LogLevel::kTrace, [this, held](const LogRecord& record) { events.emplace_back(record.event); });
    BOOST_TEST(held.use_count() == 2);
  }
  BOOST_TEST(held.use_count() == 1);
  cause_a_record();
  BOOST_TEST(events.empty());
}

BOOST_AUTO_TEST_CASE(can_be_cancelled_and_moved) {
  Subscription first = license.on_log(LogLevel::kTrace, collector());
  Subscription second = std::move(first);
  first.cancel();
  cause_a_record();
  BOOST_TEST(!events.empty());
  events.clear();
  second.cancel();
  cause_a_record();
  BOOST_TEST(events.empty());
}

BOOST_AUTO_TEST_CASE(an_exception_of_the_sink_stays_inside) {
  const Subscription throwing =
      license.on_log(LogLevel::kTrace, [](const LogRecord&) { throw std::runtime_error("sink"); });
  const Subscription other = license.on_log(LogLevel::kTrace, collector());
  BOOST_TEST(
      (license.try_import_bundle("no licence").error().license_code() == LicenseCode::kTokenMalformed));
  BOOST_TEST(!events.empty());
}

BOOST_AUTO_TEST_CASE(may_end_itself_from_within) {
  std::optional<Subscription> subscription;
  subscription = license.on_log(LogLevel::kTrace, [&](const LogRecord& record) {
    events.emplace_back(record.event);
    subscription->cancel();
  });
  cause_a_record();
  cause_a_record();
  BOOST_TEST(events.size() == 1U);
}

BOOST_AUTO_TEST_CASE(keeps_the_licence_alive) {
  std::optional<Subscription> subscription = license.on_log(LogLevel::kTrace, collector());
  {
    const License gone = std::move(license);
  }
  BOOST_CHECK_NO_THROW(subscription.reset());
}

BOOST_AUTO_TEST_CASE(a_failed_registration_frees_the_sink) {
  const License taken = std::move(license);
  auto held = std::make_shared<int>(1);
  BOOST_TEST(!license.try_on_log(LogLevel::kTrace, [held](const LogRecord&) {}).has_value());
  BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(an_application_logs_for_its_areas) {
  App app = App::open(config());
  const Subscription subscription = app.on_log(LogLevel::kTrace, collector());
  BOOST_TEST(!app.license().try_import_bundle("no licence").has_value());
  BOOST_TEST(!events.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera::facade_test
