/// @file tessera/cpp/verdict.hpp  The answer to "may this application run here, and why".
#ifndef TESSERA_CPP_VERDICT_HPP
#define TESSERA_CPP_VERDICT_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tessera/cpp/detail/call.hpp"
#include "tessera/cpp/time.hpp"
#include "tessera/license.h"

namespace tessera::inline v1 {

/// One failure or warning of a Verdict.  @since 1.0
struct Reason {
  LicenseCode code;
  std::string text;  ///< One sentence with the particulars.
};

/// What the licence says about one feature: a value of its own, independent of the Verdict. What may not be
/// used reads as false, 0 and "", so that asking for the value is enough.  @since 1.0
class Entitlement {
 public:
  using Value = std::variant<std::monostate, bool, std::int64_t, std::string>;

  Entitlement(LicenseCode code, Value value, std::optional<TimePoint> expires_at)
      : code_(code), value_(std::move(value)), expires_at_(expires_at) {}

  /// LicenseCode::kOk, kFeatureMissing, kFeatureExpired, or the verdict's own code when it is not usable.
  LicenseCode code() const noexcept { return code_; }

  /// Whether the feature may be used.
  explicit operator bool() const noexcept { return is_usable(code_); }

  /// True for a usable feature, except an integer 0.
  bool as_bool() const noexcept {
    const auto* const number = std::get_if<std::int64_t>(&value_);
    return is_usable(code_) && (number == nullptr || *number != 0);
  }
  /// An integer, or 1 for true; 0 for text.
  std::int64_t as_int() const noexcept {
    if (const auto* const flag = std::get_if<bool>(&value_)) return *flag ? 1 : 0;
    const auto* const number = std::get_if<std::int64_t>(&value_);
    return number != nullptr ? *number : 0;
  }
  /// Text; "" for the other types.
  std::string as_string() const {
    const auto* const text = std::get_if<std::string>(&value_);
    return text != nullptr ? *text : std::string();
  }
  /// std::monostate when the feature may not be used.
  const Value& value() const noexcept { return value_; }

  /// When the feature itself ends; absent when it ends with the licence.
  std::optional<TimePoint> expires_at() const noexcept { return expires_at_; }

 private:
  LicenseCode code_;
  Value value_;
  std::optional<TimePoint> expires_at_;
};

/// The answer to one check: immutable, independent of its License, cheap to move, converts to whether the
/// application may run. Getters cannot fail.  @threads any  @since 1.0
class Verdict {
 public:
  using Owner = detail::Handle<tsr_verdict, &tsr_verdict_free>;

  /// For the facade's own use.
  explicit Verdict(Owner owner) noexcept : owner_(std::move(owner)) {}

  bool usable() const noexcept { return tsr_verdict_usable(owner_.get()) != 0; }
  explicit operator bool() const noexcept { return usable(); }

  /// The first failure in validation order, else the gravest warning, else LicenseCode::kOk.
  LicenseCode code() const noexcept { return static_cast<LicenseCode>(tsr_verdict_code(owner_.get())); }

  /// "ACTIVE", "TRIAL", "EXPIRY_GRACE", "NONE", ... Static.
  std::string_view state() const noexcept { return tsr_verdict_state(owner_.get()); }

  /// Every failure and warning in validation order; empty when all is well.
  std::vector<Reason> reasons() const {
    std::vector<Reason> reasons;
    const tsr_verdict* const verdict = owner_.get();
    const std::size_t count = tsr_verdict_reason_count(verdict);
    reasons.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      reasons.push_back({.code = static_cast<LicenseCode>(tsr_verdict_reason_code(verdict, i)),
                         .text = tsr_verdict_reason_text(verdict, i)});
    }
    return reasons;
  }

  /// When use ends without renewal, grace included; absent when there is no end or no licence.
  std::optional<TimePoint> usable_until() const noexcept {
    return detail::to_time(tsr_verdict_usable_until_ms(owner_.get()));
  }
  /// When the licence or trial expires, grace excluded; absent when perpetual or there is no licence.
  std::optional<TimePoint> expires_at() const noexcept {
    return detail::to_time(tsr_verdict_expires_at_ms(owner_.get()));
  }
  /// When the verdict can change by time alone.
  std::optional<TimePoint> next_check() const noexcept {
    return detail::to_time(tsr_verdict_next_check_ms(owner_.get()));
  }
  /// 0 to 1000; absent when the licence is not bound to hardware.
  std::optional<std::int32_t> hardware_score() const noexcept {
    const std::int32_t score = tsr_verdict_hardware_score(owner_.get());
    return score < 0 ? std::nullopt : std::optional(score);
  }

  /// Claims of the licence; "" when there is none or it lacks the claim.
  std::string license_id() const { return tsr_verdict_license_id(owner_.get()); }
  /// The licensee. See license_id().
  std::string subject() const { return tsr_verdict_subject(owner_.get()); }
  /// See license_id().
  std::string product() const { return tsr_verdict_product(owner_.get()); }
  /// The stock-keeping unit or plan. See license_id().
  std::string sku() const { return tsr_verdict_sku(owner_.get()); }
  /// See license_id().
  std::string edition() const { return tsr_verdict_edition(owner_.get()); }
  /// "node", "floating", "site", "trial" or "user". See license_id().
  std::string kind() const { return tsr_verdict_kind(owner_.get()); }

  /// Names of all entitlements in byte order, expired ones included.
  std::vector<std::string> entitlements() const {
    std::vector<std::string> names;
    const tsr_verdict* const verdict = owner_.get();
    const std::size_t count = tsr_verdict_entitlement_count(verdict);
    names.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      names.emplace_back(tsr_verdict_entitlement_name(verdict, i));
    }
    return names;
  }

  /// What the licence says about a feature; one that it lacks reads as LicenseCode::kFeatureMissing.
  Entitlement entitlement(std::string_view name) const {
    const tsr_verdict* const verdict = owner_.get();
    const tsr_str borrowed = detail::borrow(name);
    const auto code = static_cast<LicenseCode>(tsr_verdict_entitlement_code(verdict, borrowed));
    Entitlement::Value value;
    if (is_usable(code)) {
      switch (tsr_verdict_entitlement_type(verdict, borrowed)) {
        case TSR_ENTITLEMENT_BOOL:
          value = tsr_verdict_entitlement_int(verdict, borrowed) != 0;
          break;
        case TSR_ENTITLEMENT_INT:
          value = tsr_verdict_entitlement_int(verdict, borrowed);
          break;
        case TSR_ENTITLEMENT_STR:
          value = std::string(tsr_verdict_entitlement_str(verdict, borrowed));
          break;
        default:
          break;
      }
    }
    return {code, std::move(value),
            detail::to_time(tsr_verdict_entitlement_expires_at_ms(verdict, borrowed))};
  }

  /// A few lines for people: state, licence, time left, hardware, every reason, what to do next.
  /// @errors ErrorCode::kArg (moved from)  @threads any  @since 1.0
  std::string explain() const { return try_explain().value(); }
  Expected<std::string> try_explain() const noexcept {
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_verdict_explain(owner_.get(), out, error); });
  }

  /// The whole verdict as JSON: docs/reference/verdict.md.  @errors as explain()  @threads any  @since 1.0
  std::string json() const { return try_json().value(); }
  Expected<std::string> try_json() const noexcept {
    return detail::obtain_text(
        [&](tsr_buf* out, tsr_error** error) { return tsr_verdict_json(owner_.get(), out, error); });
  }

 private:
  friend class License;
  Owner owner_;
};

}  // namespace tessera::inline v1

#endif
