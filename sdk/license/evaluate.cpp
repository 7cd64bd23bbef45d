#include "license/evaluate.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "text/utf8.hpp"

namespace tessera {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

std::string days_text(int64_t span_ms) {
  const int64_t hours = span_ms / (3600 * 1000);
  if (hours < 1) return std::to_string(span_ms / 60000) + " minutes";
  if (hours < 48) return std::to_string(hours) + (hours == 1 ? " hour" : " hours");
  return std::to_string(hours / 24) + " days";
}

std::string_view denied_state(LicenseCode code) {
  switch (code) {
    case LicenseCode::kNO_LICENSE:
    case LicenseCode::kDEACTIVATED:
      return "NONE";
    case LicenseCode::kEXPIRED:
    case LicenseCode::kTRIAL_EXPIRED:
      return "EXPIRED";
    case LicenseCode::kNOT_YET_VALID:
      return "NOT_YET_VALID";
    case LicenseCode::kSYNC_GRACE_OVER:
      return "SYNC_LOST";
    case LicenseCode::kHW_MISMATCH:
    case LicenseCode::kHW_GRACE_OVER:
    case LicenseCode::kHW_NO_COMPONENTS:
    case LicenseCode::kHW_TOO_WEAK:
    case LicenseCode::kINSTALL_KEY_MISMATCH:
      return "HW_LOST";
    case LicenseCode::kLEASE_EXPIRED:
    case LicenseCode::kLEASE_UNAVAILABLE:
      return "LEASE_LOST";
    case LicenseCode::kSUSPENDED:
      return "SUSPENDED";
    case LicenseCode::kREVOKED:
      return "REVOKED";
    case LicenseCode::kCLONE_DETECTED:
      return "CLONED";
    case LicenseCode::kCLOCK_ROLLBACK:
    case LicenseCode::kCLOCK_UNAVAILABLE:
    case LicenseCode::kSTATE_ROLLBACK:
      return "CLOCK_SUSPECT";
    default:
      return "INVALID";
  }
}

struct WarningRow {
  LicenseCode code;
  std::string_view state;  // empty: does not move the licence out of ACTIVE or TRIAL
};

/// Gravest first: decides the primary code when nothing denies.
constexpr std::array kWarnings{
    WarningRow{LicenseCode::kWARN_CLOCK, "CLOCK_SUSPECT"},
    WarningRow{LicenseCode::kWARN_EXPIRY_GRACE, "EXPIRY_GRACE"},
    WarningRow{LicenseCode::kWARN_REBIND_DUE, "REBIND_DUE"},
    WarningRow{LicenseCode::kWARN_HW_DRIFT, "HW_DRIFT"},
    WarningRow{LicenseCode::kWARN_HW_UNVERIFIABLE, "HW_DRIFT"},
    WarningRow{LicenseCode::kWARN_SYNC_DUE, "SYNC_DUE"},
    WarningRow{LicenseCode::kWARN_CRL_STALE, ""},
    WarningRow{LicenseCode::kWARN_EXPIRES_SOON, ""},
    WarningRow{LicenseCode::kWARN_ENV, ""},
    WarningRow{LicenseCode::kWARN_HW_WEAK, ""},
};

class Evaluation {
 public:
  Evaluation(const AuthenticLicense& license, const LicenseFacts& facts, const Now& now)
      : license_(license), claims_(license.claims), facts_(facts), now_(now), time_ms_(now.effective_ms()) {}

  Verdict run() {
    copy_claims();
    check_revocation();
    check_clock();
    check_period();
    check_install_key();
    check_hardware();
    check_lease_and_sync();
    check_environment();
    check_version();
    conclude();
    return std::move(verdict_);
  }

 private:
  void deny(LicenseCode code, std::string text) { verdict_.reasons.push_back({code, true, std::move(text)}); }
  void deny(LicenseCode code) { deny(code, std::string(license_code_text(code))); }
  void warn(LicenseCode code, std::string text) {
    verdict_.reasons.push_back({code, false, std::move(text)});
  }
  void warn(LicenseCode code) { warn(code, std::string(license_code_text(code))); }

  /// A moment at which the verdict may change by itself.
  void boundary(int64_t at_ms) {
    if (at_ms > time_ms_) next_ = std::min(next_, at_ms);
  }
  /// A moment at which use ends.
  void ends(int64_t at_ms) {
    boundary(at_ms);
    until_ = std::min(until_, at_ms);
  }

  /// A start that was recorded under a clock which ran ahead would never end. The service pulls it back to
  /// the present when it can write; until then it counts as over.
  bool lies_ahead(int64_t start_ms) const { return start_ms > time_ms_ + kClockToleranceMs; }

  void copy_claims() {
    verdict_.license_id = claims_.id;
    verdict_.subject = claims_.subject;
    verdict_.product = claims_.product;
    verdict_.sku = claims_.sku;
    verdict_.edition = claims_.edition;
    verdict_.kind = claims_.kind;
    verdict_.seats = claims_.seats;
    verdict_.entitlements = claims_.entitlements;
    verdict_.hardware = facts_.hardware;
    verdict_.environment = facts_.environment;
    verdict_.effective_time_ms = time_ms_;
    verdict_.clock_floor_ms = now_.floor_ms;
    for (const auto& [name, entitlement] : claims_.entitlements) boundary(entitlement.expires_at_ms);
  }

  void check_revocation() {
    if (facts_.crl == nullptr) return;
    if (facts_.crl->revokes(claims_)) deny(LicenseCode::kREVOKED);
    if (facts_.crl->suspends(claims_)) deny(LicenseCode::kSUSPENDED);
  }

  void check_clock() {
    const bool unavailable = now_.wall_ms < 0;
    const bool behind = now_.wall_ms < now_.floor_ms - kClockToleranceMs;
    if (!unavailable && !behind && !facts_.state_rolled_back) return;
    // The clock may catch up by itself.
    if (unavailable) next_ = 1;
    if (behind) next_ = std::min(next_, std::max<int64_t>(now_.floor_ms - kClockToleranceMs, 1));
    if (!facts_.config->deny_clock_rollback) warn(LicenseCode::kWARN_CLOCK);
    const auto report = [this](LicenseCode code, std::string text) {
      verdict_.reasons.push_back({code, facts_.config->deny_clock_rollback, std::move(text)});
    };
    if (unavailable) {
      report(LicenseCode::kCLOCK_UNAVAILABLE,
             std::string(license_code_text(LicenseCode::kCLOCK_UNAVAILABLE)));
    } else if (behind) {
      report(LicenseCode::kCLOCK_ROLLBACK, "the system clock is " + days_text(now_.floor_ms - now_.wall_ms) +
                                               " behind a time already seen");
    }
    if (facts_.state_rolled_back)
      report(LicenseCode::kSTATE_ROLLBACK, std::string(license_code_text(LicenseCode::kSTATE_ROLLBACK)));
  }

  void check_period() {
    const bool is_trial = license_.origin == LicenseOrigin::kTrial;
    const int64_t expires_ms = is_trial ? facts_.trial_started_ms + claims_.trial_days * kDaySeconds * 1000
                                        : claims_.expires_at * 1000;
    verdict_.expires_at_ms = expires_ms;
    boundary(claims_.not_before * 1000);
    if (time_ms_ < claims_.not_before * 1000) deny(LicenseCode::kNOT_YET_VALID);
    if (expires_ms == 0) return;
    const int64_t grace_end_ms = is_trial ? expires_ms : expires_ms + claims_.grace_expiry * 1000;
    const int64_t soon_ms = expires_ms - facts_.config->expires_soon_s * 1000;
    boundary(soon_ms);
    boundary(expires_ms);
    ends(grace_end_ms);
    if (time_ms_ >= grace_end_ms || (is_trial && lies_ahead(facts_.trial_started_ms))) {
      const LicenseCode code = is_trial ? LicenseCode::kTRIAL_EXPIRED : LicenseCode::kEXPIRED;
      std::string text(license_code_text(code));
      if (time_ms_ >= expires_ms) text.append(" ").append(days_text(time_ms_ - expires_ms)).append(" ago");
      deny(code, std::move(text));
    } else if (time_ms_ >= expires_ms) {
      warn(LicenseCode::kWARN_EXPIRY_GRACE,
           "the licence has expired; its grace period ends in " + days_text(grace_end_ms - time_ms_));
    } else if (time_ms_ >= soon_ms) {
      warn(LicenseCode::kWARN_EXPIRES_SOON, std::string(is_trial ? "the trial" : "the licence") +
                                                " expires in " + days_text(expires_ms - time_ms_));
    }
  }

  void check_install_key() {
    if (claims_.kind == "user" && claims_.subject != facts_.config->user) deny(LicenseCode::kUSER_MISMATCH);
    if (claims_.install_key.empty() || claims_.install_key == facts_.install_key) return;
    const auto outcome = hardware_outcome();
    const bool fits = outcome == MatchOutcome::kOk || outcome == MatchOutcome::kDrift;
    // A probe that fails later takes nothing back.
    const bool fitted = outcome == MatchOutcome::kUnverifiable && facts_.rebind_since_ms != 0;
    if (!fits && !fitted) return deny(LicenseCode::kINSTALL_KEY_MISMATCH);
    within_hardware_grace(facts_.rebind_since_ms, LicenseCode::kWARN_REBIND_DUE);
  }

  void within_hardware_grace(int64_t since_ms, LicenseCode warning) {
    const int64_t end_ms = (since_ms == 0 ? time_ms_ : since_ms) + claims_.grace_hardware * 1000;
    ends(end_ms);
    if (time_ms_ >= end_ms || lies_ahead(since_ms)) {
      deny(LicenseCode::kHW_GRACE_OVER);
    } else {
      warn(warning,
           std::string(license_code_text(warning)) + "; " + days_text(end_ms - time_ms_) + " of grace left");
    }
  }

  /// Nothing when the licence is unbound.
  std::optional<MatchOutcome> hardware_outcome() const {
    if (!facts_.hardware) return std::nullopt;
    return nothing_readable(*facts_.hardware) ? MatchOutcome::kUnverifiable : facts_.hardware->outcome;
  }

  void check_legacy_hwid() {
    if (claims_.legacy_hwid.empty()) return;
    if (facts_.legacy_digest.empty()) {
      within_hardware_grace(facts_.drift_since_ms, LicenseCode::kWARN_HW_UNVERIFIABLE);
    } else if (to_lower_ascii(claims_.legacy_hwid) != facts_.legacy_digest) {
      deny(LicenseCode::kHW_MISMATCH, "the token's hwid is not this machine's; it may be shared");
    }
  }

  void check_hardware() {
    check_legacy_hwid();
    const auto outcome = hardware_outcome();
    if (!outcome) return;
    switch (*outcome) {
      case MatchOutcome::kOk:
        break;
      case MatchOutcome::kDrift:
        within_hardware_grace(facts_.drift_since_ms, LicenseCode::kWARN_HW_DRIFT);
        break;
      case MatchOutcome::kUnverifiable:
        within_hardware_grace(facts_.drift_since_ms, LicenseCode::kWARN_HW_UNVERIFIABLE);
        break;
      case MatchOutcome::kMismatch:
        deny(LicenseCode::kHW_MISMATCH, std::string(license_code_text(LicenseCode::kHW_MISMATCH)) +
                                            " (score " + std::to_string(facts_.hardware->score) +
                                            " of 1000)");
        break;
    }
    const BoundHardware* bound = claims_.hardware ? &*claims_.hardware : nullptr;
    if (bound != nullptr && strength_of(bound->factors) <= Strength::kWeak) {
      if (claims_.allow_weak) {
        warn(LicenseCode::kWARN_HW_WEAK);
      } else {
        deny(LicenseCode::kHW_TOO_WEAK);
      }
    }
  }

  void check_lease_and_sync() {
    if (claims_.kind == "floating") {
      const LeaseClaims* lease = facts_.lease;
      const bool ours =
          lease != nullptr && lease->license_id == claims_.id && lease->install_key == facts_.install_key;
      if (!ours || time_ms_ >= lease->expires_at * 1000) {
        deny(LicenseCode::kLEASE_EXPIRED);
      } else {
        ends(lease->expires_at * 1000);
      }
    }
    if (claims_.sync_every == 0) return;
    const int64_t due_ms = facts_.last_sync_ms + claims_.sync_every * 1000;
    const int64_t lost_ms = claims_.sync_max != 0 ? facts_.last_sync_ms + claims_.sync_max * 1000
                                                  : due_ms + claims_.grace_sync * 1000;
    boundary(due_ms);
    ends(lost_ms);
    if (time_ms_ >= lost_ms) {
      deny(LicenseCode::kSYNC_GRACE_OVER);
    } else if (time_ms_ >= due_ms) {
      warn(LicenseCode::kWARN_SYNC_DUE);
    }
  }

  void check_environment() {
    check_place("virtual machine", facts_.environment.vm, claims_.vm, LicenseCode::kENV_VM_DENIED);
    check_place("container", facts_.environment.container, claims_.container,
                LicenseCode::kENV_CONTAINER_DENIED);
    if (facts_.crl == nullptr) {
      // Otherwise leaving the list out of a file would be the way around it. RS256 tokens have none.
      if (facts_.config->deny_stale_crl && license_.origin != LicenseOrigin::kRs256)
        deny(LicenseCode::kSYNC_GRACE_OVER, "no revocation list is installed");
      return;
    }
    if (facts_.crl->next_update == 0) return;
    const int64_t stale_ms = facts_.crl->next_update * 1000;
    const bool denies = facts_.config->deny_stale_crl;
    denies ? ends(stale_ms) : boundary(stale_ms);
    if (time_ms_ < stale_ms) return;
    if (denies) {
      deny(LicenseCode::kSYNC_GRACE_OVER, "the revocation list is out of date");
    } else {
      warn(LicenseCode::kWARN_CRL_STALE);
    }
  }

  void check_place(std::string_view place, const std::string& found, EnvironmentPolicy policy,
                   LicenseCode denied) {
    if (found.empty() || policy == EnvironmentPolicy::kAllow) return;
    if (policy == EnvironmentPolicy::kDeny) return deny(denied);
    warn(LicenseCode::kWARN_ENV, "the application runs in a " + std::string(place) + " (" + found + ")");
  }

  void check_version() {
    const std::string& version = facts_.config->app_version;
    if (!version.empty()) {
      const bool below = !claims_.version_min.empty() && compare_versions(version, claims_.version_min) < 0;
      const bool above = !claims_.version_max.empty() && compare_versions(version, claims_.version_max) > 0;
      if (below || above) deny(LicenseCode::kVERSION_NOT_COVERED);
    }
    if (claims_.maintenance_until != 0 && facts_.config->build_date_s > claims_.maintenance_until)
      deny(LicenseCode::kMAINTENANCE_ENDED);
  }

  void conclude() {
    const auto denial = std::find_if(verdict_.reasons.begin(), verdict_.reasons.end(),
                                     [](const Reason& reason) { return reason.denies; });
    if (denial != verdict_.reasons.end()) {
      verdict_.code = denial->code;
      verdict_.state = denied_state(denial->code);
    } else {
      conclude_usable();
    }
    verdict_.next_check_ms = next_ == kNever ? 0 : next_;
    verdict_.usable_until_ms = verdict_.usable() && until_ != kNever ? until_ : 0;
  }

  void conclude_usable() {
    const bool is_trial = license_.origin == LicenseOrigin::kTrial;
    verdict_.code = is_trial ? LicenseCode::kOK_TRIAL : LicenseCode::kOK;
    verdict_.state = is_trial ? "TRIAL" : "ACTIVE";
    for (const WarningRow& row : kWarnings) {
      const bool present = std::any_of(verdict_.reasons.begin(), verdict_.reasons.end(),
                                       [&row](const Reason& reason) { return reason.code == row.code; });
      // A running trial stays a trial unless a warning changes its state.
      if (!present || (is_trial && row.state.empty())) continue;
      verdict_.code = row.code;
      if (!row.state.empty()) verdict_.state = row.state;
      return;
    }
  }

  const AuthenticLicense& license_;
  const LicenseClaims& claims_;
  const LicenseFacts& facts_;
  const Now now_;
  const int64_t time_ms_;
  Verdict verdict_;
  int64_t next_ = kNever;
  int64_t until_ = kNever;
};

}  // namespace

Verdict evaluate_license(const AuthenticLicense& license, const LicenseFacts& facts, const Now& now) {
  return Evaluation(license, facts, now).run();
}

Verdict denial(LicenseCode code, std::string text, const Now& now) {
  Verdict verdict;
  verdict.code = code;
  verdict.state = denied_state(code);
  if (text.empty()) text = license_code_text(code);
  verdict.reasons.push_back({code, true, std::move(text)});
  verdict.effective_time_ms = now.effective_ms();
  verdict.clock_floor_ms = now.floor_ms;
  return verdict;
}

Error refusal(const Verdict& verdict) {
  for (const Reason& reason : verdict.reasons) {
    if (reason.denies) return license_error(reason.code, reason.text);
  }
  return license_error(verdict.code);
}

bool nothing_readable(const HardwareMatch& match) {
  return std::all_of(match.factors.begin(), match.factors.end(),
                     [](const FactorMatch& factor) { return factor.state == FactorState::kUnknown; });
}

}  // namespace tessera
