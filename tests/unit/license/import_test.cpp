#include "license/import.hpp"

#include <functional>

#include "installation.hpp"

namespace tessera {
namespace {

using namespace license_test;

const Json kSpec{{"sku", "pro"}, {"license_id", "L1"}, {"days", 365}};
const Json kFloating{{"sku", "pro"}, {"license_id", "L1"}, {"kind", "floating"}};

/// A desktop that keeps `kept` of its parts and has others for the rest.
test::FakeDevice::Parts desktop_with(std::initializer_list<const char*> kept) {
  auto parts = test::FakeDevice::desktop("two");
  for (const char* kind : kept) parts[kind] = test::FakeDevice::desktop().at(kind);
  return parts;
}
test::FakeDevice::Parts unreadable_desktop() {
  auto parts = test::FakeDevice::desktop();
  for (auto& [kind, part] : parts) part.value.clear();
  return parts;
}

struct Fixture : Installation {
  Fixture() { BOOST_REQUIRE(import(vendor.key_set()) == Code::kOK); }

  void activate(const Json& spec = kSpec) {
    BOOST_REQUIRE(import(vendor.license(request(), spec)) == Code::kOK);
  }
  /// A clock that ran ahead left its marks.
  void mark_ahead(int64_t span_ms) { state.mark_ms = memory.floor_ms = clock.wall + span_ms; }
  int64_t floor_ahead_ms() const { return snapshot().floor_ms - clock.wall; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bundle, Fixture)

BOOST_AUTO_TEST_CASE(documents_come_in_any_order) {
  reinstall();
  std::vector<std::string> lines{vendor.key_set(), vendor.crl({{"seq", 1}}), vendor.license("", kFloating),
                                 vendor.lease(request(), "L1")};
  const LicenseState before = state;
  std::sort(lines.begin(), lines.end());
  do {
    std::string bundle;
    for (const std::string& line : lines) bundle += "\r\n " + line + "\t\n";
    state = before;
    BOOST_REQUIRE(import(bundle) == Code::kOK);
    BOOST_TEST(verdict().usable());
    BOOST_TEST(snapshot().crl->seq == 1);
  } while (std::next_permutation(lines.begin(), lines.end()));
}

BOOST_AUTO_TEST_CASE(one_licence_a_file) {
  const std::string one = vendor.license("", kSpec);
  BOOST_TEST(import(one + "\n" + one) == Code::kTOKEN_MALFORMED);
}

BOOST_AUTO_TEST_CASE(key_sets_of_a_bundle_build_on_each_other) {
  const std::string newer = vendor.key_set(2), newest = vendor.key_set(3);
  BOOST_TEST(import(newest + "\n" + newer) == Code::kKEYSET_ROLLBACK);
  BOOST_TEST(import(newer + "\n" + newest) == Code::kOK);
  BOOST_TEST(snapshot().keys->seq == 3);
}

BOOST_AUTO_TEST_CASE(documents_of_another_step_are_refused) {
  const std::string asked = request();
  activate();
  const std::string proof = require(make_deactivation(snapshot(), context(), clock.wall, &state));
  for (const std::string& document : {asked, proof}) BOOST_TEST(import(document) == Code::kKEY_UNKNOWN);
  BOOST_TEST(import(vendor.trial({{"days", 14}, {"sku", "pro"}})) == Code::kTOKEN_TYPE);
}

BOOST_AUTO_TEST_CASE(a_signed_document_raises_the_floor) {
  const std::string crl = [&] {
    test::FakeClock later = clock;
    later.pass(10 * kDayMs);
    return Vendor(later).crl({{"seq", 1}});
  }();
  BOOST_REQUIRE(import(crl) == Code::kOK);
  BOOST_TEST(floor_ahead_ms() == 10 * kDayMs);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(nonce, Fixture)

BOOST_AUTO_TEST_CASE(a_response_answers_its_request_once) {
  const std::string response = vendor.license(request(), kSpec);
  BOOST_TEST(import(response) == Code::kOK);
  BOOST_TEST(import(response) == Code::kREQ_NONCE_MISMATCH);
  activate();
  BOOST_TEST(import(response) == Code::kREQ_NONCE_MISMATCH);
  BOOST_TEST(verdict().code == Code::kOK);
}

BOOST_AUTO_TEST_CASE(a_request_stays_open_for_90_days) {
  const Json spec{{"sku", "pro"}, {"import_within_days", 400}};
  const std::string first = vendor.license(request(), spec), second = vendor.license(request(), spec);
  clock.pass(90 * kDayMs);
  BOOST_TEST(import(first) == Code::kOK);
  clock.pass(1);
  BOOST_TEST(import(second) == Code::kREQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(requests_are_answered_in_any_order) {
  const std::string first = vendor.license(request(), kSpec), second = vendor.license(request(), kSpec);
  BOOST_TEST(import(second) == Code::kOK);
  BOOST_TEST(import(first) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(an_unasked_licence_for_this_installation_is_refused) {
  const std::string response = vendor.license(request(), kSpec);
  state.open_nonces.clear();
  BOOST_TEST(import(response) == Code::kREQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(a_licence_without_a_nonce_is_imported_again_and_again) {
  const std::string site = vendor.license("", kSpec);
  for (int i = 0; i < 3; ++i) BOOST_TEST(import(site) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(row_response_on_another_machine) {
  const std::string response = vendor.license(request(), kSpec);
  move_to(test::FakeDevice::desktop("two"));
  BOOST_TEST(import(response) == Code::kHW_MISMATCH);  // the folder was copied along
  reinstall();
  BOOST_TEST(import(vendor.key_set() + "\n" + response) == Code::kINSTALL_KEY_MISMATCH);
}

BOOST_AUTO_TEST_CASE(where_nothing_can_be_read_nothing_bound_is_imported) {
  const std::string response = vendor.license(request(), kSpec);
  move_to(unreadable_desktop());
  BOOST_TEST(import(response) == Code::kHW_NO_COMPONENTS);
  device = nullptr;
  BOOST_TEST(import(response) == Code::kHW_NO_COMPONENTS);
  BOOST_TEST(import(vendor.license("", kSpec)) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(a_changed_machine_imports_with_a_grace) {
  const std::string response = vendor.license(request(), kSpec);
  move_to(desktop_with({"disk", "cpu"}));
  BOOST_REQUIRE(import(response) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kWARN_HW_DRIFT);
  BOOST_TEST(state.drift_since_ms == clock.wall);
  clock.pass(kDefaultHardwareGrace * 1000);
  BOOST_TEST(verdict().code == Code::kHW_GRACE_OVER);
  // A new request binds the new hardware and ends the drift.
  activate();
  BOOST_TEST(verdict().code == Code::kOK);
  BOOST_TEST(state.drift_since_ms == 0);
}

BOOST_AUTO_TEST_CASE(the_grace_of_a_changed_machine_is_not_won_by_importing_again) {
  const Json spec{{"sku", "pro"}, {"license_id", "L1"}};
  activate(spec);
  move_to(desktop_with({"disk", "cpu"}));
  state.drift_since_ms = clock.wall - 20 * kDayMs;
  BOOST_TEST(import(vendor.license("", spec)) == Code::kOK);  // unbound now, same licence
  BOOST_TEST(state.drift_since_ms == clock.wall - 20 * kDayMs);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(import_date, Fixture)

BOOST_AUTO_TEST_CASE(row_response_after_its_import_date) {
  const Json spec{{"sku", "pro"}, {"import_within_days", 5}};
  const std::string first = vendor.license(request(), spec), second = vendor.license(request(), spec);
  clock.pass(5 * kDayMs);
  BOOST_TEST(import(first) == Code::kOK);
  clock.pass(1);
  BOOST_TEST(import(second) == Code::kRESPONSE_EXPIRED);
  // Not under a clock that was set back either.
  mark_ahead(0);
  clock.wall -= 2 * kDayMs;
  BOOST_TEST(import(second) == Code::kRESPONSE_EXPIRED);
}

BOOST_AUTO_TEST_CASE(thirty_days_unless_said_otherwise) {
  const std::string first = vendor.license(request(), kSpec), second = vendor.license(request(), kSpec);
  clock.pass(30 * kDayMs);
  BOOST_TEST(import(first) == Code::kOK);
  clock.pass(1);
  BOOST_TEST(import(second) == Code::kRESPONSE_EXPIRED);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(rebind, Fixture)

BOOST_AUTO_TEST_CASE(the_same_licence_runs_on_for_the_grace_of_the_hardware) {
  const std::string file = license_file(kSpec);
  BOOST_REQUIRE(import(file) == Code::kOK);
  clock.pass(100 * kDayMs);  // long after its import date
  reinstall();
  BOOST_REQUIRE(import(file) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kWARN_REBIND_DUE);
  BOOST_TEST(state.rebind_since_ms == clock.wall);
  clock.pass(kDefaultHardwareGrace * 1000 - 1);
  BOOST_TEST(verdict().code == Code::kWARN_REBIND_DUE);
  clock.pass(1);
  BOOST_TEST(verdict().code == Code::kHW_GRACE_OVER);
  BOOST_TEST(import(file) == Code::kREQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(an_answer_ends_it) {
  const std::string file = license_file(kSpec);
  reinstall();
  BOOST_REQUIRE(import(file) == Code::kOK);
  activate();
  BOOST_TEST(verdict().code == Code::kOK);
  BOOST_TEST(state.rebind_since_ms == 0);
  BOOST_TEST(import(file) == Code::kREQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(its_grace_goes_on_where_the_state_was_deleted) {
  const std::string file = license_file(kSpec);
  memory.rebinds["L1"] = clock.wall - 10 * kDayMs;
  reinstall();
  BOOST_REQUIRE(import(file) == Code::kOK);
  BOOST_TEST(verdict().usable_until_ms == clock.wall + 4 * kDayMs);
  memory.rebinds["L1"] = clock.wall - 14 * kDayMs;
  reinstall();
  BOOST_TEST(import(file) == Code::kHW_GRACE_OVER);
  // Remembered under a clock that ran ahead: it began by now.
  memory.rebinds["L1"] = clock.wall + 400 * kDayMs;
  BOOST_REQUIRE(import(file) == Code::kOK);
  BOOST_TEST(state.rebind_since_ms == clock.wall);
  BOOST_TEST(verdict().code == Code::kWARN_REBIND_DUE);
}

BOOST_AUTO_TEST_CASE(only_on_hardware_that_fits) {
  const std::string file = license_file(kSpec);
  struct Row {
    const char* name;
    test::FakeDevice::Parts parts;
    Code code;
  };
  for (const auto& [name, parts, code] :
       {Row{"same", test::FakeDevice::desktop(), Code::kOK},
        Row{"new operating system", desktop_with({"disk", "mac", "cpu"}), Code::kOK},
        Row{"changed", desktop_with({"disk", "cpu"}), Code::kOK},
        Row{"another", desktop_with({"cpu"}), Code::kINSTALL_KEY_MISMATCH},
        Row{"unreadable", unreadable_desktop(), Code::kINSTALL_KEY_MISMATCH}}) {
    BOOST_TEST_CONTEXT(name) {
      reinstall();
      move_to(parts);
      BOOST_TEST(import(file) == code);
    }
  }
  device = nullptr;
  BOOST_TEST(import(file) == Code::kINSTALL_KEY_MISMATCH);
}

BOOST_AUTO_TEST_CASE(a_rebind_on_changed_hardware_has_both_graces_from_now) {
  const std::string file = license_file(kSpec);
  reinstall();
  move_to(desktop_with({"disk", "cpu"}));
  BOOST_REQUIRE(import(file) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kWARN_REBIND_DUE);
  BOOST_TEST(has_reason(verdict(), Code::kWARN_HW_DRIFT));
  BOOST_TEST(state.drift_since_ms == clock.wall);
}

BOOST_AUTO_TEST_CASE(a_licence_that_was_given_back_does_not_return) {
  const std::string file = license_file(kSpec);
  BOOST_REQUIRE(import(file) == Code::kOK);
  const LicenseState activated = state;
  require(make_deactivation(snapshot(), context(), clock.wall, &state));
  BOOST_TEST(import(file) == Code::kDEACTIVATED);
  BOOST_TEST(code_of(judge_bundle(file, context(), snapshot(), {clock.wall, 0})) == Code::kDEACTIVATED);

  // Nor with a state that is new, or one from before.
  memory.tombstones = {"L1"};
  reinstall();
  BOOST_TEST(import(file) == Code::kDEACTIVATED);
  BOOST_TEST(code_of(judge_bundle(file, context(), snapshot(), {clock.wall, 0})) == Code::kDEACTIVATED);
  state = activated;
  BOOST_TEST(verdict().code == Code::kDEACTIVATED);
  BOOST_TEST(verdict().state == "NONE");
}

BOOST_AUTO_TEST_CASE(an_answer_to_a_later_request_brings_it_back) {
  const std::string file = license_file(kSpec);
  BOOST_REQUIRE(import(file) == Code::kOK);
  const std::string hoarded = vendor.license(request(), kSpec);
  const std::string first = require(make_deactivation(snapshot(), context(), clock.wall, &state));
  memory.tombstones = {"L1"};
  BOOST_TEST(import(hoarded) == Code::kDEACTIVATED);
  BOOST_TEST(import(vendor.license("", kSpec)) == Code::kDEACTIVATED);

  const std::string again = vendor.license(request(), kSpec);
  BOOST_TEST(require(judge_bundle(again, context(), snapshot(), {clock.wall, 0})).usable());
  BOOST_REQUIRE(import(again) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK);
  BOOST_TEST(import(file) == Code::kREQ_NONCE_MISMATCH);
  state = require(read_state(write_state(state)));
  BOOST_TEST(verdict().code == Code::kOK);

  // It can be given back again, and a state from before is no way around that.
  clock.pass(1000);
  LicenseState activated = state;
  BOOST_TEST(require(make_deactivation(snapshot(), context(), clock.wall, &state)) != first);
  BOOST_TEST(verdict().code == Code::kDEACTIVATED);
  BOOST_TEST(import(again) == Code::kDEACTIVATED);
  state = std::move(activated);
  memory.installations[snapshot().install_key_id] = {state.generation + 1, 0};
  BOOST_TEST(verdict().code == Code::kDEACTIVATED);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(signed_time, Fixture)

BOOST_AUTO_TEST_CASE(a_fresh_answer_sets_the_floor_down) {
  activate(kFloating);
  const std::vector<std::function<std::string(const std::string&)>> documents{
      [&](const std::string& asked) { return vendor.time(asked); },
      [&](const std::string& asked) { return vendor.license(asked, kSpec); },
      [&](const std::string& asked) { return vendor.lease(asked, "L1"); }};
  for (const auto& document : documents) {
    activate(kFloating);
    mark_ahead(100 * kDayMs);
    const std::string asked = request();
    LicenseState changed = state;
    const auto result = require(import_documents(document(asked), context(), memory, clock.wall, &changed));
    BOOST_TEST(result.time_proven);
    BOOST_TEST(changed.mark_ms == clock.wall / 1000 * 1000);
  }
}

BOOST_AUTO_TEST_CASE(only_an_answer_does) {
  mark_ahead(100 * kDayMs);
  const std::string asked = request();
  for (const std::string& document :
       {vendor.key_set(2), vendor.crl({{"seq", 1}}), vendor.license("", {{"sku", "pro"}})}) {
    BOOST_REQUIRE(import(document) == Code::kOK);
    BOOST_TEST(floor_ahead_ms() == 100 * kDayMs);
  }
  Installation other(2);
  BOOST_TEST(import(vendor.time(other.request())) == Code::kREQ_NONCE_MISMATCH);
  const std::string time = vendor.time(asked);
  BOOST_TEST(import(time) == Code::kOK);
  BOOST_TEST(import(time) == Code::kREQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(an_answer_older_than_three_days_does_not) {
  const auto import_after = [this](int64_t span_ms) {
    const LicenseState before = state;
    const std::string time = vendor.time(request());
    state.mark_ms = clock.wall + span_ms;  // what the clock went to since
    BOOST_REQUIRE(import(time) == Code::kOK);
    const int64_t ahead_ms = floor_ahead_ms();
    state = before;
    return ahead_ms;
  };
  BOOST_TEST(import_after(3 * kDayMs) == 0);
  BOOST_TEST(import_after(3 * kDayMs + 1) == 3 * kDayMs + 1);
}

BOOST_AUTO_TEST_CASE(nothing_comes_down_while_the_clock_is_not_behind) {
  mark_ahead(kClockToleranceMs);
  BOOST_REQUIRE(import(vendor.time(request())) == Code::kOK);
  BOOST_TEST(floor_ahead_ms() == kClockToleranceMs);
  mark_ahead(kClockToleranceMs + 1);
  memory.floor_ms = 0;
  BOOST_REQUIRE(import(vendor.time(request())) == Code::kOK);
  BOOST_TEST(floor_ahead_ms() == 0);
}

BOOST_AUTO_TEST_CASE(the_floor_stays_at_the_newest_signed_time) {
  const std::string answer = vendor.time(request());
  clock.pass(2 * kDayMs);
  BOOST_REQUIRE(import(vendor.crl({{"seq", 1}})) == Code::kOK);
  clock.wall -= 2 * kDayMs;
  BOOST_REQUIRE(import(answer) == Code::kOK);
  BOOST_TEST(floor_ahead_ms() == 2 * kDayMs);
}

BOOST_AUTO_TEST_CASE(hoarded_answers_are_void_once_the_time_came_down) {
  mark_ahead(100 * kDayMs);
  const std::string first = vendor.time(request()), second = vendor.time(request());
  const std::string response = vendor.license(request(), kSpec);
  BOOST_REQUIRE(import(first) == Code::kOK);
  BOOST_TEST(state.open_nonces.empty());
  BOOST_TEST(import(second) == Code::kREQ_NONCE_MISMATCH);
  BOOST_TEST(import(response) == Code::kREQ_NONCE_MISMATCH);
  activate();
}

BOOST_AUTO_TEST_CASE(answers_stay_good_where_no_time_came_down) {
  const std::string first = vendor.time(request()), second = vendor.license(request(), kSpec);
  BOOST_REQUIRE(import(first) == Code::kOK);
  BOOST_TEST(import(second) == Code::kOK);
}

BOOST_AUTO_TEST_CASE(an_answer_to_a_later_request_clears_a_restored_state) {
  activate();
  config.deny_clock_rollback = true;
  const auto roll_back = [this] {
    memory.installations[snapshot().install_key_id] = {state.generation + 5, 0};
    BOOST_TEST(verdict().code == Code::kSTATE_ROLLBACK);
    BOOST_REQUIRE(notice_rollback(memory, &state));
    BOOST_TEST(state.open_nonces.empty());
  };
  const std::string before = vendor.time(request());
  roll_back();
  BOOST_TEST(import(before) == Code::kREQ_NONCE_MISMATCH);
  // However long it took: what was open before is void, so the vendor has seen the restored state.
  const std::string late = vendor.license(request(), kSpec);
  clock.pass(10 * kDayMs);
  BOOST_REQUIRE(import(late) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK);
  BOOST_TEST(!notice_rollback(memory, &state));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(lease, Fixture)

BOOST_AUTO_TEST_CASE(a_floating_licence_waits_for_its_lease) {
  activate(kFloating);
  BOOST_TEST(verdict().code == Code::kLEASE_EXPIRED);
  BOOST_REQUIRE(import(vendor.lease(request(), "L1", 3600)) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK);
  BOOST_TEST(verdict().usable_until_ms == clock.wall + kHourMs);
  clock.pass(kHourMs);
  BOOST_TEST(verdict().code == Code::kLEASE_EXPIRED);
  BOOST_TEST(verdict().state == "LEASE_LOST");
  BOOST_REQUIRE(import(vendor.lease(request(), "L1")) == Code::kOK);
  BOOST_TEST(verdict().usable());
}

BOOST_AUTO_TEST_CASE(a_lease_needs_its_licence_installation_and_request) {
  BOOST_TEST(import(vendor.lease(request(), "L1")) == Code::kACTIVATION_NOT_FOUND);
  activate(kFloating);
  BOOST_TEST(import(vendor.lease(request(), "L2")) == Code::kACTIVATION_NOT_FOUND);
  Installation other(2);
  BOOST_TEST(import(vendor.lease(other.request(), "L1")) == Code::kINSTALL_KEY_MISMATCH);
  const std::string lease = vendor.lease(request(), "L1");
  BOOST_TEST(import(lease) == Code::kOK);
  BOOST_TEST(import(lease) == Code::kREQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(a_lease_is_given_back_with_its_licence) {
  activate(kFloating);
  BOOST_REQUIRE(import(vendor.lease(request(), "L1")) == Code::kOK);
  require(make_deactivation(snapshot(), context(), clock.wall, &state));
  BOOST_TEST(state.lease.empty());
  BOOST_TEST(import(vendor.lease(request(), "L1")) == Code::kACTIVATION_NOT_FOUND);
}

BOOST_AUTO_TEST_CASE(one_request_is_answered_by_several_documents_of_one_file) {
  const std::string asked = request();
  const std::string file =
      vendor.time(asked) + "\n" + vendor.license(asked, kFloating) + "\n" + vendor.lease(asked, "L1");
  BOOST_TEST(import(file) == Code::kOK);
  BOOST_TEST(verdict().code == Code::kOK);
  BOOST_TEST(import(file) == Code::kREQ_NONCE_MISMATCH);
  BOOST_TEST(import(vendor.lease(asked, "L1")) == Code::kREQ_NONCE_MISMATCH);
}

BOOST_AUTO_TEST_CASE(verifying_counts_the_leases_and_lists_of_the_file) {
  const auto judged = [this](const std::string& file) {
    return require(judge_bundle(file, context(), snapshot(), {clock.wall, 0})).code;
  };
  const std::string license = vendor.license("", kFloating), asked = request();
  BOOST_TEST(judged(license) == Code::kLEASE_EXPIRED);
  BOOST_TEST(judged(license + "\n" + vendor.lease(asked, "L1")) == Code::kOK);
  BOOST_TEST(judged(license + "\n" + vendor.lease(asked, "L2")) == Code::kLEASE_EXPIRED);
  BOOST_TEST(judged(license + "\n" + vendor.crl({{"seq", 1}, {"revoked", {"L1"}}})) == Code::kREVOKED);
  // A root rotated by one document of a file signs the next.
  const Ed25519Key next_root = key_of(40);
  KeySet rotation = *snapshot().keys;
  rotation.seq = 2;
  rotation.next_roots = {{next_root.public_key()}, 1};
  KeySet after = rotation;
  after.seq = 3;
  after.next_roots = {};
  const auto signed_by = [](const KeySet& set, const Ed25519Key& root) {
    return sign_jws(DocumentType::kKeySet, write_claims(set), root) + "\n";
  };
  const std::string chain = signed_by(rotation, vendor.root()) + signed_by(rotation, next_root) +
                            signed_by(after, next_root) + vendor.license("", kSpec);
  BOOST_TEST(judged(chain) == Code::kOK);
  BOOST_TEST(state.license.empty());
  BOOST_TEST(import(chain) == Code::kOK);
  BOOST_TEST(code_of(judge_bundle(vendor.key_set(), context(), snapshot(), {clock.wall, 0})) ==
             Code::kTOKEN_TYPE);
  BOOST_TEST(code_of(judge_bundle(vendor.trial({{"days", 1}, {"sku", "pro"}}), context(), snapshot(),
                                  {clock.wall, 0})) == Code::kTOKEN_TYPE);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(hostile_clock, Fixture)

// The vendor's clock is right, the machine's is not; later it is set right.
BOOST_AUTO_TEST_CASE(row_clock_at_zero_2038_or_9999_locks_nobody_out) {
  const int64_t truth_ms = clock.wall;
  struct Row {
    const char* name;
    int64_t wall_ms;
    Code refused;  // OK: imported under the wrong clock already
  };
  for (const auto& [name, wall_ms, refused] : {Row{"before 1970", -1, Code::kOK}, Row{"1970", 0, Code::kOK},
                                               Row{"two days behind", truth_ms - 2 * kDayMs, Code::kOK},
                                               Row{"2038", (int64_t{1} << 31) * 1000, Code::kEXPIRED},
                                               Row{"9999", 253'402'300'799'000, Code::kEXPIRED}}) {
    BOOST_TEST_CONTEXT(name) {
      Fixture machine;
      machine.clock.wall = wall_ms;
      const std::string asked = machine.request();
      const std::string response = vendor.license(asked, kSpec);
      BOOST_TEST(machine.import(response) == refused);
      if (refused == Code::kOK) {
        BOOST_TEST(machine.verdict().code == Code::kWARN_CLOCK);
        BOOST_TEST(machine.verdict().usable());
      }
      machine.clock.wall = truth_ms + kHourMs;
      if (refused != Code::kOK) BOOST_TEST(machine.import(response) == Code::kOK);
      BOOST_TEST(machine.verdict().code == Code::kOK);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
