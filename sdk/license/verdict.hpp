// Verdict: the immutable answer to "may this application run, and why".
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/device.hpp"
#include "license/license_code.hpp"

namespace tessera {

struct Reason {
  LicenseCode code;
  bool denies;       // a failure, not a warning
  std::string text;  // one sentence with the particulars
};

struct Entitlement {
  std::variant<bool, int64_t, std::string> value;
  int64_t expires_at_ms = 0;  // 0: no end of its own
  std::string per;            // "", "day", "month", "total": how a metered integer resets
};

struct Verdict {
  LicenseCode code = LicenseCode::kNO_LICENSE;
  std::string_view state = "NONE";  // static text
  std::vector<Reason> reasons;      // validation order
  bool usable() const { return license_usable(code); }

  std::string license_id, subject, product, sku, edition, kind;
  std::map<std::string, Entitlement, std::less<>> entitlements;
  int64_t seats = 0;
  int64_t expires_at_ms = 0;
  int64_t usable_until_ms = 0;
  int64_t next_check_ms = 0;
  int64_t effective_time_ms = 0;  // max(wall clock, floor) that the verdict was reached with
  int64_t clock_floor_ms = 0;
  std::optional<HardwareMatch> hardware;
  Environment environment;

  /// OK, FEATURE_MISSING, FEATURE_EXPIRED, or this verdict's code when it is not usable.
  LicenseCode entitlement_code(std::string_view name) const;
  /// The entitlement when entitlement_code() is OK, else null.
  const Entitlement* usable_entitlement(std::string_view name) const;
};

/// A few lines for people.
std::string explain_verdict(const Verdict& verdict);
/// The whole verdict; the shape is in docs/reference/verdict.md.
std::string verdict_json(const Verdict& verdict);

}  // namespace tessera
