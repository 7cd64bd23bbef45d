/// @file tessera/cpp/issuer_spec.hpp  What the vendor says about a document. docs/reference/issuer.md has the
/// members' meaning and defaults.
#ifndef TESSERA_CPP_ISSUER_SPEC_HPP
#define TESSERA_CPP_ISSUER_SPEC_HPP

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tessera/cpp/detail/json_writer.hpp"

namespace tessera::inline v1 {

/// Who or what a licence counts.  @since 1.0
enum class LicenseKind : std::int32_t { kNode, kFloating, kSite, kUser };

/// As documents spell it.  @threads any  @since 1.0
constexpr std::string_view name(LicenseKind kind) noexcept {
  switch (kind) {
    case LicenseKind::kFloating:
      return "floating";
    case LicenseKind::kSite:
      return "site";
    case LicenseKind::kUser:
      return "user";
    case LicenseKind::kNode:
      break;
  }
  return "node";
}

/// How a metered entitlement starts anew.  @since 1.0
enum class MeterPeriod : std::int32_t { kDay, kMonth, kTotal };

/// As documents spell it.  @threads any  @since 1.0
constexpr std::string_view name(MeterPeriod period) noexcept {
  switch (period) {
    case MeterPeriod::kDay:
      return "day";
    case MeterPeriod::kMonth:
      return "month";
    case MeterPeriod::kTotal:
      break;
  }
  return "total";
}

/// What to do in a virtual machine or a container.  @since 1.0
enum class EnvironmentRule : std::int32_t { kAllow, kWarn, kDeny };

/// As documents spell it.  @threads any  @since 1.0
constexpr std::string_view name(EnvironmentRule rule) noexcept {
  switch (rule) {
    case EnvironmentRule::kWarn:
      return "warn";
    case EnvironmentRule::kDeny:
      return "deny";
    case EnvironmentRule::kAllow:
      break;
  }
  return "allow";
}

/// What a key of a key set may do.  @since 1.0
enum class KeyUse : std::int32_t { kSign, kVerifyOnly, kRevoked };

/// As documents spell it.  @threads any  @since 1.0
constexpr std::string_view name(KeyUse use) noexcept {
  switch (use) {
    case KeyUse::kVerifyOnly:
      return "verify-only";
    case KeyUse::kRevoked:
      return "revoked";
    case KeyUse::kSign:
      break;
  }
  return "sign";
}

/// The value of an entitlement: a truth value, an integer or text, converted from any of them.  @since 1.0
class EntitlementSpec {
 public:
  template <typename T>
    requires std::same_as<T, bool>
  EntitlementSpec(T value) : value_(value) {}
  /// Any integer type that fits an int64; a wider one would wrap.
  template <std::integral T>
    requires(!std::same_as<T, bool> && (std::signed_integral<T> || sizeof(T) < sizeof(std::int64_t)))
  EntitlementSpec(T value) : value_(static_cast<std::int64_t>(value)) {}
  template <std::convertible_to<std::string_view> T>
  EntitlementSpec(const T& value) : value_(std::string(std::string_view(value))) {}

  /// Makes an integer the limit of a meter.
  EntitlementSpec per(MeterPeriod period) && {
    period_ = period;
    return std::move(*this);
  }
  /// Lets the entitlement end before the licence.
  EntitlementSpec until(TimePoint expires_at) && {
    expires_at_ = expires_at;
    return std::move(*this);
  }

  std::string to_json() const {
    return detail::JsonObject()
        .add("value", value_)
        .add("expires_at", expires_at_)
        .add("per", period_)
        .text();
  }

 private:
  std::variant<bool, std::int64_t, std::string> value_;
  std::optional<TimePoint> expires_at_;
  std::optional<MeterPeriod> period_;
};

/// How long a licence goes on working after it should be renewed, confirmed or rebound.  @since 1.0
struct GraceSpec {
  std::optional<std::chrono::seconds> expiry{};
  std::optional<std::chrono::seconds> sync{};
  std::optional<std::chrono::seconds> hardware{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("expiry_s", expiry)
        .add("sync_s", sync)
        .add("hardware_s", hardware)
        .text();
  }
};

/// How often the licence must be confirmed.  @since 1.0
struct SyncSpec {
  std::chrono::seconds every{};  ///< Required.
  std::optional<std::chrono::seconds> max{};

  std::string to_json() const { return detail::JsonObject().add("every_s", every).add("max_s", max).text(); }
};

/// Where the licence may run.  @since 1.0
struct EnvironmentSpec {
  std::optional<EnvironmentRule> vm{};
  std::optional<EnvironmentRule> container{};

  std::string to_json() const {
    return detail::JsonObject().add("vm", vm).add("container", container).text();
  }
};

/// Entitlements by name.  @since 1.0
using EntitlementSpecs = std::map<std::string, EntitlementSpec>;

/// What Issuer::issue() takes.  @since 1.0
struct LicenseSpec {
  std::string sku{};  ///< Required.
  std::string subject{};
  std::string edition{};
  std::optional<LicenseKind> kind{};
  std::optional<std::int64_t> seats{};
  std::optional<std::int64_t> days{};  ///< Or expires_at; neither makes it perpetual.
  std::optional<TimePoint> expires_at{};
  std::optional<TimePoint> not_before{};
  EntitlementSpecs entitlements{};
  std::optional<TimePoint> maintenance_until{};
  std::string version_min{};
  std::string version_max{};
  std::optional<GraceSpec> grace{};
  std::optional<SyncSpec> sync{};
  std::optional<EnvironmentSpec> environment{};
  std::optional<std::int64_t> epoch{};
  std::string license_id{};
  std::optional<bool> allow_weak{};  ///< Binds to a machine that has few identifiers of its own.
  std::optional<std::int64_t> import_within_days{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("sku", sku)
        .add_if_any("subject", subject)
        .add_if_any("edition", edition)
        .add("kind", kind)
        .add("seats", seats)
        .add("days", days)
        .add("expires_at", expires_at)
        .add("not_before", not_before)
        .add_if_any("entitlements", entitlements)
        .add("maintenance_until", maintenance_until)
        .add_if_any("version_min", version_min)
        .add_if_any("version_max", version_max)
        .add("grace", grace)
        .add("sync", sync)
        .add("environment", environment)
        .add("epoch", epoch)
        .add_if_any("license_id", license_id)
        .add("allow_weak", allow_weak)
        .add("import_within_days", import_within_days)
        .text();
  }
};

/// What Issuer::trial() takes.  @since 1.0
struct TrialSpec {
  std::int64_t days = 0;  ///< Required.
  std::string sku{};      ///< Required.
  std::string edition{};
  EntitlementSpecs entitlements{};
  std::string license_id{};
  std::optional<bool> allow_weak{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("days", days)
        .add("sku", sku)
        .add_if_any("edition", edition)
        .add_if_any("entitlements", entitlements)
        .add_if_any("license_id", license_id)
        .add("allow_weak", allow_weak)
        .text();
  }
};

/// What Issuer::lease() takes.  @since 1.0
struct LeaseSpec {
  std::string license_id{};    ///< Required.
  std::chrono::seconds ttl{};  ///< Required.

  std::string to_json() const {
    return detail::JsonObject().add("license_id", license_id).add("ttl_s", ttl).text();
  }
};

/// One key of a key set.  @since 1.0
struct KeySpec {
  std::string public_key{};  ///< Required: as Key::public_key() gives it.
  KeyUse use = KeyUse::kSign;
  std::optional<TimePoint> not_before{};
  std::optional<TimePoint> expires_at{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("public", public_key)
        .add("use", use)
        .add("not_before", not_before)
        .add("expires_at", expires_at)
        .text();
  }
};

/// What Issuer::keyset() takes. To change roots, issue the same spec with the same issued_at under old and
/// new root keys and ship the lines together.  @since 1.0
struct KeysetSpec {
  std::int64_t seq = 0;  ///< Required; greater than that of the key set before.
  std::vector<KeySpec> keys{};
  std::vector<std::string> roots{};
  std::optional<std::int32_t> root_threshold{};
  std::optional<TimePoint> issued_at{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("seq", seq)
        .add("keys", keys)
        .add_if_any("roots", roots)
        .add("root_threshold", root_threshold)
        .add("issued_at", issued_at)
        .text();
  }
};

/// What Issuer::crl() takes.  @since 1.0
struct CrlSpec {
  std::int64_t seq = 0;                  ///< Required; greater than that of the list before.
  std::vector<std::string> revoked{};    ///< Licence ids.
  std::vector<std::string> suspended{};  ///< Licence ids.
  std::optional<std::int64_t> min_epoch{};
  std::optional<TimePoint> next_update{};  ///< Or days.
  std::optional<std::int64_t> days{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("seq", seq)
        .add_if_any("revoked", revoked)
        .add_if_any("suspended", suspended)
        .add("min_epoch", min_epoch)
        .add("next_update", next_update)
        .add("days", days)
        .text();
  }
};

/// What Issuer::rs256() takes.  @since 1.0
struct Rs256Spec {
  std::string subject{};        ///< Required.
  std::string legacy_digest{};  ///< Required: as Hwid::legacy_digest() gives it.
  std::string plan{};           ///< Required.
  std::optional<std::chrono::seconds> ttl{};
  std::string audience{};

  std::string to_json() const {
    return detail::JsonObject()
        .add("sub", subject)
        .add("hwid", legacy_digest)
        .add("plan", plan)
        .add("ttl_s", ttl)
        .add_if_any("audience", audience)
        .text();
  }
};

}  // namespace tessera::inline v1

#endif
