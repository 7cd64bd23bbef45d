// Power fails before each durable operation of each step that writes. After a reboot the state is the one
// before the step or the one after it, whatever the file system kept of the unsynced data.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <ostream>
#include <vector>

#include "fragile_machine.hpp"

namespace tessera::test {
namespace {

namespace data = boost::unit_test::data;

struct Step {
  std::string name;
  std::function<std::string(FragileMachine&)> prepare;  // gives the text that `run` takes
  std::function<Status(FragileMachine&, LicenseService&, const std::string&)> run;
};
std::ostream& operator<<(std::ostream& out, const Step& step) { return out << step.name; }

template <class T>
Status status_of(Result<T> result) {
  return result.ok() ? Status() : Status(result.error());
}

std::string fresh(FragileMachine&) { return {}; }
std::string answered_request(FragileMachine& machine) {
  return machine.site->vendor.license_file(need(machine.open()->request({})));
}
std::string activated(FragileMachine& machine) {
  const std::string license = answered_request(machine);
  need(machine.open()->import_bundle(license));
  return license;
}

const std::vector<Step>& steps() {
  static const std::vector<Step> all{
      {"first_request", fresh,
       [](FragileMachine&, LicenseService& service, const std::string&) {
         return status_of(service.request({}));
       }},
      {"request", activated,
       [](FragileMachine&, LicenseService& service, const std::string&) {
         return status_of(service.request({}));
       }},
      {"import", answered_request,
       [](FragileMachine&, LicenseService& service, const std::string& license) {
         return status_of(service.import_bundle(license));
       }},
      {"deactivation", activated,
       [](FragileMachine&, LicenseService& service, const std::string&) {
         return status_of(service.deactivate());
       }},
      {"clock_mark", activated,
       [](FragileMachine& machine, LicenseService& service, const std::string&) {
         machine.clock.pass(2 * 3600 * 1000);
         return status_of(service.refresh());
       }},
      {"meter", activated,
       [](FragileMachine&, LicenseService& service, const std::string&) {
         return status_of(service.meter_add("copies", 1));
       }},
  };
  return all;
}

std::vector<LicenseCode> codes(FragileMachine machine) {
  const auto verdict = need(machine.open()->check());
  std::vector<LicenseCode> out{verdict->code};
  for (const Reason& reason : verdict->reasons) out.push_back(reason.code);
  return out;
}

struct Outcome {
  bool acknowledged = false;
  bool is_old = false;
  bool is_new = false;
  bool fits_verdict = false;  // the verdict is that of the old or new state
  bool goes_on = false;       // the step can be repeated, or is refused as already done

  bool safe() const { return (is_new || (is_old && !acknowledged)) && fits_verdict && goes_on; }
};

/// A step on copies of one machine.
class Interruption {
 public:
  explicit Interruption(const Step& step) : step_(step), before_(site_), after_(site_) {
    text_ = step.prepare(before_);
    need(before_.open()->refresh());  // bookkeeping of the preparation is over
  }

  void ignore_syncs() { before_.disk.ignore_syncs(); }

  std::vector<Outcome> at_every_point(Survivors survivors) {
    after_ = before_;
    const auto service = after_.open();
    const int64_t first = after_.disk.operations();
    if (!step_.run(after_, *service, text_).ok()) throw std::runtime_error(step_.name + " doesn't work");
    const int64_t operations = after_.disk.operations() - first;
    std::vector<Outcome> outcomes;
    for (int64_t point = 0; point <= operations; ++point) outcomes.push_back(at(point, survivors));
    return outcomes;
  }

 private:
  Outcome at(int64_t point, Survivors survivors) {
    FragileMachine machine = before_;
    Outcome outcome;
    try {
      const auto service = machine.open();
      machine.disk.cut_before(point);
      outcome.acknowledged = step_.run(machine, *service, text_).ok();
    } catch (const PowerCut&) {
      outcome.acknowledged = false;
    }
    machine.disk.reboot(survivors);
    const auto stored = machine.stored();
    if (!stored.ok()) return outcome;
    outcome.is_old = *stored == need(before_.stored());
    outcome.is_new = *stored == need(after_.stored());
    FragileMachine& same = outcome.is_new ? after_ : before_;
    outcome.fits_verdict = codes(machine) == codes(same);
    outcome.goes_on = repeat(machine) == repeat(same);
    return outcome;
  }

  /// What doing the step (again) answers.
  std::string repeat(FragileMachine machine) {
    const Status again = step_.run(machine, *machine.open(), text_);
    return again.ok() ? "done" : again.error().text;
  }

  const Step& step_;
  Site site_;
  FragileMachine before_, after_;
  std::string text_;
};

BOOST_AUTO_TEST_SUITE(power_cut)

BOOST_DATA_TEST_CASE(leaves_the_old_or_the_new_state, data::make(steps()) * data::make({0, 1, 2, 3}), step,
                     survivors) {
  const std::vector<Outcome> outcomes = Interruption(step).at_every_point(static_cast<Survivors>(survivors));
  BOOST_TEST(outcomes.size() > 4u);  // a state write alone has four points
  BOOST_TEST(outcomes.front().is_old);
  BOOST_TEST(!outcomes.front().is_new);
  BOOST_TEST(outcomes.back().acknowledged);
  for (size_t point = 0; point < outcomes.size(); ++point) {
    BOOST_TEST_CONTEXT("cut before operation " << point) { BOOST_TEST(outcomes[point].safe()); }
  }
}

// The control: on a disk that never syncs the same checks must find losses.
BOOST_DATA_TEST_CASE(notices_a_disk_that_does_not_sync, data::make(steps()) * data::make({0, 1, 2}), step,
                     survivors) {
  Interruption interruption(step);
  interruption.ignore_syncs();
  const std::vector<Outcome> outcomes = interruption.at_every_point(static_cast<Survivors>(survivors));
  BOOST_TEST(outcomes.back().acknowledged);
  BOOST_TEST(!outcomes.back().safe());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tessera::test
