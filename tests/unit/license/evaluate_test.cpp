// The state machine of the design, row by row.
#include "license/evaluate.hpp"

#include <functional>

#include "installation.hpp"

namespace tessera {
namespace {

using namespace license_test;

constexpr int64_t kStart = 1'780'000'000;  // seconds
constexpr int64_t kStartMs = kStart * 1000;

HardwareMatch match_of(MatchOutcome outcome, int score = 500) {
  HardwareMatch match;
  match.outcome = outcome;
  match.score = score;
  match.factors = {{"disk", FactorClass::kUnique, 5, FactorState::kMatch},
                   {"cpu", FactorClass::kModel, 1, FactorState::kMismatch}};
  return match;
}

HardwareMatch unreadable() {
  HardwareMatch match = match_of(MatchOutcome::kMismatch, 0);
  for (FactorMatch& factor : match.factors) factor.state = FactorState::kUnknown;
  return match;
}

/// A licence of 30 days for this installation with every check passing, to be broken by a case.
struct Bench {
  Bench() {
    config.product = "player";
    config.user = "ana";
    config.expires_soon_s = 7 * kDaySeconds;
    claims.id = "L1";
    claims.issuer = "acme";
    claims.product = "player";
    claims.subject = "ana";
    claims.sku = "pro";
    claims.kind = "node";
    claims.issued_at = kStart;
    claims.not_before = kStart;
    claims.expires_at = kStart + 30 * kDaySeconds;
    facts.config = &config;
    facts.install_key = "key";
    facts.last_sync_ms = kStartMs;
    lease.license_id = "L1";
    lease.install_key = "key";
    lease.expires_at = kStart + kDaySeconds;
  }
  Bench(const Bench&) = delete;

  void bind(MatchOutcome outcome) { bind(match_of(outcome)); }
  void bind(HardwareMatch match) {
    claims.hardware.emplace();
    claims.hardware->factors = {{"disk", FactorClass::kUnique, 5, {"12345678"}}};
    facts.hardware = std::move(match);
  }
  void use_crl() { facts.crl = &crl; }
  void make_trial() {
    license.origin = LicenseOrigin::kTrial;
    claims.kind = "trial";
    claims.expires_at = 0;
    claims.trial_days = 14;
    facts.trial_started_ms = kStartMs;
  }
  Verdict at(int64_t after_start_ms) const {
    return evaluate_license(license, facts, {kStartMs + after_start_ms, floor_ms});
  }

  LicenseConfig config;
  AuthenticLicense license;
  LicenseClaims& claims = license.claims;
  RevocationList crl;
  LeaseClaims lease;
  LicenseFacts facts;
  int64_t floor_ms = kStartMs;
};

struct Row {
  const char* name;
  std::function<void(Bench&)> prepare;
  int64_t after_ms;
  Code code;
  std::string_view state;
};

/// Both sides of every edge of the state table.
const std::vector<Row>& rows() {
  using B = Bench&;
  constexpr int64_t kExp = 30 * kDayMs;
  static const std::vector<Row> table{
      {"fresh", [](B) {}, 0, Code::kOK, "ACTIVE"},
      {"not before", [](B b) { b.claims.not_before += 60; }, 59'999, Code::kNOT_YET_VALID, "NOT_YET_VALID"},
      {"not before passed", [](B b) { b.claims.not_before += 60; }, 60'000, Code::kOK, "ACTIVE"},
      {"before the last week", [](B) {}, kExp - 7 * kDayMs - 1, Code::kOK, "ACTIVE"},
      {"in the last week", [](B) {}, kExp - 7 * kDayMs, Code::kWARN_EXPIRES_SOON, "ACTIVE"},
      {"last moment", [](B) {}, kExp - 1, Code::kWARN_EXPIRES_SOON, "ACTIVE"},
      {"expired", [](B) {}, kExp, Code::kEXPIRED, "EXPIRED"},
      {"perpetual", [](B b) { b.claims.expires_at = 0; }, 36500 * kDayMs, Code::kOK, "ACTIVE"},
      {"expiry grace starts", [](B b) { b.claims.grace_expiry = 10; }, kExp, Code::kWARN_EXPIRY_GRACE,
       "EXPIRY_GRACE"},
      {"expiry grace ends", [](B b) { b.claims.grace_expiry = 10; }, kExp + 9'999, Code::kWARN_EXPIRY_GRACE,
       "EXPIRY_GRACE"},
      {"expiry grace is over", [](B b) { b.claims.grace_expiry = 10; }, kExp + 10'000, Code::kEXPIRED,
       "EXPIRED"},

      {"trial", [](B b) { b.make_trial(); }, 0, Code::kOK_TRIAL, "TRIAL"},
      {"trial ends soon", [](B b) { b.make_trial(); }, 13 * kDayMs, Code::kOK_TRIAL, "TRIAL"},
      {"trial is over", [](B b) { b.make_trial(); }, 14 * kDayMs, Code::kTRIAL_EXPIRED, "EXPIRED"},
      {"trial on changed hardware", [](B b) { b.make_trial(), b.bind(MatchOutcome::kDrift); }, 0,
       Code::kWARN_HW_DRIFT, "HW_DRIFT"},

      {"sync not due", [](B b) { b.claims.sync_every = 100; }, 99'999, Code::kOK, "ACTIVE"},
      {"sync due", [](B b) { b.claims.sync_every = 100; }, 100'000, Code::kWARN_SYNC_DUE, "SYNC_DUE"},
      {"sync grace", [](B b) { b.claims.sync_every = 100, b.claims.grace_sync = 50; }, 149'999,
       Code::kWARN_SYNC_DUE, "SYNC_DUE"},
      {"sync lost", [](B b) { b.claims.sync_every = 100, b.claims.grace_sync = 50; }, 150'000,
       Code::kSYNC_GRACE_OVER, "SYNC_LOST"},
      {"sync max replaces the grace", [](B b) { b.claims.sync_every = 100, b.claims.sync_max = 120; },
       120'000, Code::kSYNC_GRACE_OVER, "SYNC_LOST"},
      {"synced again", [](B b) { b.claims.sync_every = 100, b.facts.last_sync_ms += 60'000; }, 159'999,
       Code::kOK, "ACTIVE"},

      {"same hardware", [](B b) { b.bind(MatchOutcome::kOk); }, 0, Code::kOK, "ACTIVE"},
      {"drift", [](B b) { b.bind(MatchOutcome::kDrift); }, 0, Code::kWARN_HW_DRIFT, "HW_DRIFT"},
      {"drift in grace", [](B b) { b.bind(MatchOutcome::kDrift), b.facts.drift_since_ms = kStartMs; },
       kDefaultHardwareGrace * 1000 - 1, Code::kWARN_HW_DRIFT, "HW_DRIFT"},
      {"drift for too long", [](B b) { b.bind(MatchOutcome::kDrift), b.facts.drift_since_ms = kStartMs; },
       kDefaultHardwareGrace * 1000, Code::kHW_GRACE_OVER, "HW_LOST"},
      {"unverifiable", [](B b) { b.bind(MatchOutcome::kUnverifiable); }, 0, Code::kWARN_HW_UNVERIFIABLE,
       "HW_DRIFT"},
      {"nothing readable is not another machine", [](B b) { b.bind(unreadable()); }, 0,
       Code::kWARN_HW_UNVERIFIABLE, "HW_DRIFT"},
      {"unreadable for too long", [](B b) { b.bind(unreadable()), b.facts.drift_since_ms = kStartMs; },
       kDefaultHardwareGrace * 1000, Code::kHW_GRACE_OVER, "HW_LOST"},
      {"another machine", [](B b) { b.bind(MatchOutcome::kMismatch); }, 0, Code::kHW_MISMATCH, "HW_LOST"},
      {"weak binding", [](B b) { b.bind(MatchOutcome::kOk), b.claims.hardware->factors[0].weight = 1; }, 0,
       Code::kHW_TOO_WEAK, "HW_LOST"},
      {"weak binding allowed",
       [](B b) {
         b.bind(MatchOutcome::kOk), b.claims.hardware->factors[0].weight = 1, b.claims.allow_weak = true;
       },
       0, Code::kWARN_HW_WEAK, "ACTIVE"},

      {"own installation", [](B b) { b.claims.install_key = "key"; }, 0, Code::kOK, "ACTIVE"},
      {"another installation", [](B b) { b.claims.install_key = "other"; }, 0, Code::kINSTALL_KEY_MISMATCH,
       "HW_LOST"},
      {"rebind due", [](B b) { b.claims.install_key = "other", b.bind(MatchOutcome::kOk); }, 0,
       Code::kWARN_REBIND_DUE, "REBIND_DUE"},
      {"rebind due on changed hardware",
       [](B b) { b.claims.install_key = "other", b.bind(MatchOutcome::kDrift); }, 0, Code::kWARN_REBIND_DUE,
       "REBIND_DUE"},
      {"rebind too late",
       [](B b) {
         b.claims.install_key = "other", b.bind(MatchOutcome::kOk), b.facts.rebind_since_ms = kStartMs;
       },
       kDefaultHardwareGrace * 1000, Code::kHW_GRACE_OVER, "HW_LOST"},
      {"rebind on another machine",
       [](B b) { b.claims.install_key = "other", b.bind(MatchOutcome::kMismatch); }, 0,
       Code::kINSTALL_KEY_MISMATCH, "HW_LOST"},
      {"rebind where nothing can be read", [](B b) { b.claims.install_key = "other", b.bind(unreadable()); },
       0, Code::kINSTALL_KEY_MISMATCH, "HW_LOST"},
      {"an accepted rebind outlives a failing probe",
       [](B b) { b.claims.install_key = "other", b.bind(unreadable()), b.facts.rebind_since_ms = kStartMs; },
       0, Code::kWARN_REBIND_DUE, "REBIND_DUE"},

      {"no lease", [](B b) { b.claims.kind = "floating"; }, 0, Code::kLEASE_EXPIRED, "LEASE_LOST"},
      {"lease", [](B b) { b.claims.kind = "floating", b.facts.lease = &b.lease; }, kDayMs - 1, Code::kOK,
       "ACTIVE"},
      {"lease ended", [](B b) { b.claims.kind = "floating", b.facts.lease = &b.lease; }, kDayMs,
       Code::kLEASE_EXPIRED, "LEASE_LOST"},
      {"lease of another licence",
       [](B b) { b.claims.kind = "floating", b.lease.license_id = "L2", b.facts.lease = &b.lease; }, 0,
       Code::kLEASE_EXPIRED, "LEASE_LOST"},
      {"lease of another installation",
       [](B b) { b.claims.kind = "floating", b.lease.install_key = "other", b.facts.lease = &b.lease; }, 0,
       Code::kLEASE_EXPIRED, "LEASE_LOST"},

      {"suspended", [](B b) { b.use_crl(), b.crl.suspended = {"L1"}; }, 0, Code::kSUSPENDED, "SUSPENDED"},
      {"revoked", [](B b) { b.use_crl(), b.crl.revoked = {"L1"}; }, 0, Code::kREVOKED, "REVOKED"},
      {"old epoch", [](B b) { b.use_crl(), b.crl.min_epoch = 1; }, 0, Code::kREVOKED, "REVOKED"},
      {"list up to date", [](B b) { b.use_crl(), b.crl.next_update = kStart + 60; }, 59'999, Code::kOK,
       "ACTIVE"},
      {"stale list", [](B b) { b.use_crl(), b.crl.next_update = kStart + 60; }, 60'000, Code::kWARN_CRL_STALE,
       "ACTIVE"},
      {"stale list denied",
       [](B b) { b.use_crl(), b.crl.next_update = kStart + 60, b.config.deny_stale_crl = true; }, 60'000,
       Code::kSYNC_GRACE_OVER, "SYNC_LOST"},

      {"clock back within tolerance", [](B) {}, -kClockToleranceMs, Code::kOK, "ACTIVE"},
      {"clock back", [](B) {}, -kClockToleranceMs - 1, Code::kWARN_CLOCK, "CLOCK_SUSPECT"},
      {"clock back denied", [](B b) { b.config.deny_clock_rollback = true; }, -kClockToleranceMs - 1,
       Code::kCLOCK_ROLLBACK, "CLOCK_SUSPECT"},
      {"clock at zero", [](B) {}, -kStartMs, Code::kWARN_CLOCK, "CLOCK_SUSPECT"},
      {"clock at zero denied", [](B b) { b.config.deny_clock_rollback = true; }, -kStartMs,
       Code::kCLOCK_ROLLBACK, "CLOCK_SUSPECT"},
      {"clock before 1970 denied", [](B b) { b.config.deny_clock_rollback = true; }, -kStartMs - 1,
       Code::kCLOCK_UNAVAILABLE, "CLOCK_SUSPECT"},
      {"clock at 2^31", [](B b) { b.claims.expires_at = 0; }, ((int64_t{1} << 31) - kStart) * 1000, Code::kOK,
       "ACTIVE"},
      {"clock at year 9999", [](B) {}, 253'402'300'799'000 - kStartMs, Code::kEXPIRED, "EXPIRED"},
      {"restored state", [](B b) { b.facts.state_rolled_back = true; }, 0, Code::kWARN_CLOCK,
       "CLOCK_SUSPECT"},
      {"restored state denied",
       [](B b) { b.facts.state_rolled_back = true, b.config.deny_clock_rollback = true; }, 0,
       Code::kSTATE_ROLLBACK, "CLOCK_SUSPECT"},

      {"vm allowed", [](B b) { b.facts.environment.vm = "kvm"; }, 0, Code::kOK, "ACTIVE"},
      {"vm warned", [](B b) { b.facts.environment.vm = "kvm", b.claims.vm = EnvironmentPolicy::kWarn; }, 0,
       Code::kWARN_ENV, "ACTIVE"},
      {"vm denied", [](B b) { b.facts.environment.vm = "kvm", b.claims.vm = EnvironmentPolicy::kDeny; }, 0,
       Code::kENV_VM_DENIED, "INVALID"},
      {"bare metal", [](B b) { b.claims.vm = b.claims.container = EnvironmentPolicy::kDeny; }, 0, Code::kOK,
       "ACTIVE"},
      {"container warned",
       [](B b) { b.facts.environment.container = "docker", b.claims.container = EnvironmentPolicy::kWarn; },
       0, Code::kWARN_ENV, "ACTIVE"},
      {"container denied",
       [](B b) { b.facts.environment.container = "docker", b.claims.container = EnvironmentPolicy::kDeny; },
       0, Code::kENV_CONTAINER_DENIED, "INVALID"},

      {"version covered",
       [](B b) {
         b.config.app_version = "2.5", b.claims.version_min = "2.5", b.claims.version_max = "2.5.0";
       },
       0, Code::kOK, "ACTIVE"},
      {"version too old", [](B b) { b.config.app_version = "2.4.9", b.claims.version_min = "2.5"; }, 0,
       Code::kVERSION_NOT_COVERED, "INVALID"},
      {"version too new", [](B b) { b.config.app_version = "2.5.1", b.claims.version_max = "2.5"; }, 0,
       Code::kVERSION_NOT_COVERED, "INVALID"},
      {"version unknown", [](B b) { b.claims.version_min = "2.5"; }, 0, Code::kOK, "ACTIVE"},
      {"built within maintenance",
       [](B b) { b.config.build_date_s = kStart, b.claims.maintenance_until = kStart; }, 0, Code::kOK,
       "ACTIVE"},
      {"built after maintenance",
       [](B b) { b.config.build_date_s = kStart + 1, b.claims.maintenance_until = kStart; }, 0,
       Code::kMAINTENANCE_ENDED, "INVALID"},

      {"user", [](B b) { b.claims.kind = "user"; }, 0, Code::kOK, "ACTIVE"},
      {"another user", [](B b) { b.claims.kind = "user", b.config.user = "bob"; }, 0, Code::kUSER_MISMATCH,
       "INVALID"},
      {"no user", [](B b) { b.claims.kind = "user", b.config.user = ""; }, 0, Code::kUSER_MISMATCH,
       "INVALID"},

      {"own legacy hwid", [](B b) { b.claims.legacy_hwid = "ABCD", b.facts.legacy_digest = "abcd"; }, 0,
       Code::kOK, "ACTIVE"},
      {"foreign legacy hwid", [](B b) { b.claims.legacy_hwid = "ef", b.facts.legacy_digest = "abcd"; }, 0,
       Code::kHW_MISMATCH, "HW_LOST"},
      {"legacy hwid and a failing probe", [](B b) { b.claims.legacy_hwid = "ef"; }, 0,
       Code::kWARN_HW_UNVERIFIABLE, "HW_DRIFT"},
  };
  return table;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(evaluate, Bench)

BOOST_AUTO_TEST_CASE(every_state_is_entered_and_left_as_designed) {
  for (const Row& row : rows()) {
    BOOST_TEST_CONTEXT(row.name) {
      Bench bench;
      row.prepare(bench);
      const Verdict verdict = bench.at(row.after_ms);
      BOOST_TEST(verdict.code == row.code);
      BOOST_TEST(verdict.state == row.state);
      BOOST_TEST(verdict.usable() == (static_cast<int>(row.code) < 20));
      BOOST_TEST((verdict.reasons.empty() || row.code != Code::kOK || verdict.state == "ACTIVE"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_verdict_holds_until_its_next_check) {
  for (const Row& row : rows()) {
    BOOST_TEST_CONTEXT(row.name) {
      Bench bench;
      row.prepare(bench);
      const Verdict verdict = bench.at(row.after_ms);
      // A clock before 1970 is asked again at once: no moment before its epoch can be named.
      if (verdict.next_check_ms == 0 || row.after_ms < -kStartMs) continue;
      BOOST_TEST(verdict.next_check_ms > kStartMs + row.after_ms);
      const Verdict same = bench.at(verdict.next_check_ms - 1 - kStartMs);
      BOOST_TEST(same.code == verdict.code);
      BOOST_TEST(same.state == verdict.state);
    }
  }
}

BOOST_AUTO_TEST_CASE(use_ends_when_it_was_said_to_end) {
  for (const Row& row : rows()) {
    BOOST_TEST_CONTEXT(row.name) {
      Bench bench;
      row.prepare(bench);
      // What this run has not written down yet starts with the first look.
      const Verdict first = bench.at(row.after_ms);
      if (!first.usable() || first.usable_until_ms == 0) continue;
      if (first.state == "HW_DRIFT" && bench.facts.drift_since_ms == 0)
        bench.facts.drift_since_ms = first.effective_time_ms;
      if (first.state == "REBIND_DUE" && bench.facts.rebind_since_ms == 0)
        bench.facts.rebind_since_ms = bench.facts.drift_since_ms = first.effective_time_ms;
      BOOST_TEST(bench.at(first.usable_until_ms - 1 - kStartMs).usable());
      BOOST_TEST(!bench.at(first.usable_until_ms - kStartMs).usable());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_first_failure_is_primary_and_all_reasons_are_listed_in_order) {
  make_trial();
  claims.not_before = kStart + 400 * kDaySeconds;
  claims.install_key = "other";
  claims.kind = "user";
  config.user = "bob";
  bind(MatchOutcome::kMismatch);
  claims.hardware->factors[0].weight = 1;
  claims.legacy_hwid = "aa";
  facts.legacy_digest = "bb";
  claims.sync_every = 1;
  claims.grace_sync = 0;
  claims.vm = claims.container = EnvironmentPolicy::kDeny;
  facts.environment = {"kvm", "docker"};
  use_crl();
  crl.revoked = crl.suspended = {"L1"};
  crl.next_update = kStart;
  config.deny_stale_crl = config.deny_clock_rollback = true;
  config.app_version = "1";
  claims.version_min = "2";
  config.build_date_s = kStart;
  claims.maintenance_until = kStart - 1;
  facts.state_rolled_back = true;
  floor_ms = kStartMs + 100 * kDayMs;

  const std::vector<Code> expected{Code::kREVOKED,          Code::kSUSPENDED,
                                   Code::kCLOCK_ROLLBACK,   Code::kSTATE_ROLLBACK,
                                   Code::kNOT_YET_VALID,    Code::kTRIAL_EXPIRED,
                                   Code::kUSER_MISMATCH,    Code::kINSTALL_KEY_MISMATCH,
                                   Code::kHW_MISMATCH,      Code::kHW_MISMATCH,
                                   Code::kHW_TOO_WEAK,      Code::kSYNC_GRACE_OVER,
                                   Code::kENV_VM_DENIED,    Code::kENV_CONTAINER_DENIED,
                                   Code::kSYNC_GRACE_OVER,  Code::kVERSION_NOT_COVERED,
                                   Code::kMAINTENANCE_ENDED};
  const Verdict verdict = at(0);
  BOOST_TEST(reason_codes(verdict) == expected, boost::test_tools::per_element());
  BOOST_TEST(verdict.code == Code::kREVOKED);
  BOOST_TEST(verdict.usable_until_ms == 0);
  for (const Reason& reason : verdict.reasons) {
    BOOST_TEST(reason.denies);
    BOOST_TEST(!reason.text.empty());
  }
}

BOOST_AUTO_TEST_CASE(the_gravest_warning_is_primary) {
  // In the order of docs/reference/verdict.md; each round takes the gravest away.
  struct Warning {
    Code code;
    std::function<void()> end;
  };
  floor_ms = kStartMs + 3 * kHourMs;
  claims.expires_at = kStart;
  claims.grace_expiry = 30 * kDaySeconds;
  claims.install_key = "other";
  bind(MatchOutcome::kDrift);
  claims.hardware->factors[0].weight = 1;
  claims.allow_weak = true;
  claims.sync_every = 1;
  facts.last_sync_ms -= 1000;
  use_crl();
  crl.next_update = kStart;
  facts.environment.vm = "kvm";
  claims.vm = EnvironmentPolicy::kWarn;
  const std::vector<Warning> order{
      {Code::kWARN_CLOCK, [&] { floor_ms = kStartMs; }},
      {Code::kWARN_EXPIRY_GRACE, [&] { claims.expires_at = kStart + kDaySeconds; }},
      {Code::kWARN_REBIND_DUE, [&] { claims.install_key = "key"; }},
      {Code::kWARN_HW_DRIFT, [&] { facts.hardware = unreadable(); }},
      {Code::kWARN_HW_UNVERIFIABLE, [&] { facts.hardware = match_of(MatchOutcome::kOk); }},
      {Code::kWARN_SYNC_DUE, [&] { claims.sync_every = 0; }},
      {Code::kWARN_CRL_STALE, [&] { facts.crl = nullptr; }},
      {Code::kWARN_EXPIRES_SOON, [&] { claims.expires_at = 0; }},
      {Code::kWARN_ENV, [&] { facts.environment.vm.clear(); }},
      {Code::kWARN_HW_WEAK, [&] { claims.hardware->factors[0].weight = 5; }},
      {Code::kOK, [] {}},
  };
  for (const Warning& warning : order) {
    const Verdict verdict = at(0);
    BOOST_TEST(verdict.code == warning.code);
    BOOST_TEST(verdict.usable());
    warning.end();
  }
}

BOOST_AUTO_TEST_CASE(setting_the_clock_back_never_buys_time) {
  floor_ms = kStartMs + 40 * kDayMs;  // past the end
  for (const int64_t wall_ms : {int64_t{0}, kDayMs, 39 * kDayMs, 40 * kDayMs - 1}) {
    const Verdict verdict = at(wall_ms);
    BOOST_TEST(verdict.code == Code::kEXPIRED);
    BOOST_TEST(verdict.state == "EXPIRED");
    BOOST_TEST(verdict.effective_time_ms == floor_ms);
    BOOST_TEST(verdict.clock_floor_ms == floor_ms);
  }
  BOOST_TEST(has_reason(at(0), Code::kCLOCK_ROLLBACK));
  BOOST_TEST(has_reason(at(0), Code::kWARN_CLOCK));
  // Also inside the tolerance, where nobody is accused.
  BOOST_TEST(!has_reason(at(40 * kDayMs - kHourMs), Code::kWARN_CLOCK));

  config.deny_clock_rollback = true;
  BOOST_TEST(at(0).code == Code::kCLOCK_ROLLBACK);
  BOOST_TEST(has_reason(at(0), Code::kEXPIRED));
}

BOOST_AUTO_TEST_CASE(a_valid_licence_with_the_clock_set_back_is_denied_by_policy_only) {
  floor_ms = kStartMs + 3 * kDayMs;
  BOOST_TEST(at(0).code == Code::kWARN_CLOCK);
  BOOST_TEST(at(0).usable());
  config.deny_clock_rollback = true;
  BOOST_TEST(at(0).code == Code::kCLOCK_ROLLBACK);
  BOOST_TEST(!at(0).usable());
  // Right again: the clock caught up, without any document.
  BOOST_TEST(at(0).next_check_ms == floor_ms - kClockToleranceMs);
  BOOST_TEST(at(3 * kDayMs - kClockToleranceMs).code == Code::kOK);
}

BOOST_AUTO_TEST_CASE(extreme_times_do_not_overflow) {
  claims.expires_at = kMaxTime;
  claims.not_before = 0;
  claims.grace_expiry = 100 * 366 * kDaySeconds;
  claims.sync_every = claims.sync_max = 100 * 366 * kDaySeconds;
  facts.last_sync_ms = kMaxTime * 1000;
  facts.drift_since_ms = facts.rebind_since_ms = kMaxTime * 1000;
  config.expires_soon_s = 3660 * kDaySeconds;
  bind(MatchOutcome::kDrift);
  for (const int64_t wall : {INT64_MIN, int64_t{-1}, int64_t{0}, (int64_t{1} << 31) * 1000,
                             int64_t{253'402'300'799'000}, int64_t{1} << 62, INT64_MAX}) {
    for (const int64_t floor : {int64_t{0}, kStartMs, kMaxTime * 1000}) {
      const Verdict verdict = evaluate_license(license, facts, {wall, floor});
      BOOST_TEST(verdict.effective_time_ms == std::max(wall, floor));
      BOOST_TEST(!explain_verdict(verdict).empty());
      BOOST_TEST(!verdict_json(verdict).empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(usable_until_is_the_earliest_end) {
  BOOST_TEST(at(0).usable_until_ms == kStartMs + 30 * kDayMs);
  BOOST_TEST(at(0).expires_at_ms == kStartMs + 30 * kDayMs);
  claims.grace_expiry = 3600;
  BOOST_TEST(at(0).usable_until_ms == kStartMs + 30 * kDayMs + kHourMs);
  BOOST_TEST(at(0).expires_at_ms == kStartMs + 30 * kDayMs);
  claims.sync_every = 3600;
  claims.grace_sync = 3600;
  BOOST_TEST(at(0).usable_until_ms == kStartMs + 2 * kHourMs);
  claims.kind = "floating";
  lease.expires_at = kStart + 60;
  facts.lease = &lease;
  BOOST_TEST(at(0).usable_until_ms == kStartMs + 60'000);
  BOOST_TEST(at(0).next_check_ms == kStartMs + 60'000);

  Bench perpetual;
  perpetual.claims.expires_at = 0;
  BOOST_TEST(perpetual.at(0).usable_until_ms == 0);
  BOOST_TEST(perpetual.at(0).next_check_ms == 0);
}

BOOST_AUTO_TEST_CASE(entitlements_have_types_and_ends_of_their_own) {
  claims.entitlements = {{"export", {true, kStartMs + 1000, ""}},
                         {"off", {false, 0, ""}},
                         {"seats", {int64_t{5}, 0, ""}},
                         {"none", {int64_t{0}, 0, ""}},
                         {"region", {std::string("eu"), 0, ""}}};
  const Verdict verdict = at(0);
  BOOST_TEST(verdict.next_check_ms == kStartMs + 1000);
  BOOST_TEST(verdict.entitlement_code("export") == Code::kOK);
  BOOST_TEST(std::get<bool>(verdict.usable_entitlement("export")->value));
  BOOST_TEST(std::get<int64_t>(verdict.usable_entitlement("seats")->value) == 5);
  BOOST_TEST(std::get<std::string>(verdict.usable_entitlement("region")->value) == "eu");
  BOOST_TEST(verdict.entitlement_code("none") == Code::kOK);
  BOOST_TEST(verdict.entitlement_code("off") == Code::kFEATURE_MISSING);
  BOOST_TEST(verdict.entitlement_code("") == Code::kFEATURE_MISSING);
  BOOST_TEST(verdict.entitlement_code("Export") == Code::kFEATURE_MISSING);

  const Verdict later = at(1000);
  BOOST_TEST(later.code == Code::kOK);
  BOOST_TEST(later.entitlement_code("export") == Code::kFEATURE_EXPIRED);
  BOOST_TEST(later.usable_entitlement("export") == nullptr);
  BOOST_TEST(later.entitlement_code("seats") == Code::kOK);

  const Verdict expired = at(30 * kDayMs);
  BOOST_TEST(expired.entitlement_code("seats") == Code::kEXPIRED);
  BOOST_TEST(expired.entitlement_code("missing") == Code::kEXPIRED);
  BOOST_TEST(expired.usable_entitlement("seats") == nullptr);
}

BOOST_AUTO_TEST_CASE(explanations_name_reasons_and_kinds_but_no_tag) {
  bind(MatchOutcome::kDrift);
  claims.hardware->factors[0].tags = {"TAGBYTES"};
  claims.hardware->salt = to_bytes("SALTSALTSALT");
  claims.entitlements = {{"export", {true, kStartMs, ""}}, {"credits", {int64_t{9}, 0, "month"}}};
  const Verdict verdict = at(0);
  const std::string text = explain_verdict(verdict);
  for (const std::string_view expected :
       {"HW DRIFT", "player pro for ana", "30 days left", "500/1000", "hardware: disk match, weight 5",
        "hardware: cpu mismatch", "credits = 9 per month", "export = true, expired", "next: "})
    BOOST_TEST(text.find(expected) != std::string::npos, text << " lacks " << expected);

  const std::string json_text = verdict_json(verdict);
  const Json json = parse_json(json_text).value();
  BOOST_TEST(json["code"] == 4);
  BOOST_TEST(json["name"] == "WARN_HW_DRIFT");
  BOOST_TEST(json["state"] == "HW_DRIFT");
  BOOST_TEST(json["usable"] == true);
  BOOST_TEST(json["reasons"].size() == 1U);
  BOOST_TEST(json["hardware"]["score"] == 500);
  BOOST_TEST(json["hardware"]["factors"][0]["kind"] == "disk");
  BOOST_TEST(json["license"]["entitlements"]["export"]["code"] == "FEATURE_EXPIRED");
  for (const std::string& secret :
       {std::string("TAGBYTES"), std::string("SALT"), base64url_encode(as_bytes("TAGBYTES")),
        base64url_encode(claims.hardware->salt)}) {
    BOOST_TEST(text.find(secret) == std::string::npos);
    BOOST_TEST(json_text.find(secret) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_denial_without_a_licence_has_one_reason) {
  const Verdict verdict = denial(Code::kNO_LICENSE, {}, {5, 10});
  BOOST_TEST(verdict.state == "NONE");
  BOOST_TEST(verdict.reasons.size() == 1);
  BOOST_TEST(verdict.effective_time_ms == 10);
  BOOST_TEST(explain_verdict(verdict).starts_with("NO LICENSE"));
  BOOST_TEST(denial(Code::kDEACTIVATED, {}, {0, 0}).state == "NONE");
  BOOST_TEST(denial(Code::kSIGNATURE_INVALID, {}, {0, 0}).state == "INVALID");
  BOOST_TEST(denial(Code::kSTORE_CORRUPT, {}, {0, 0}).state == "INVALID");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tessera
