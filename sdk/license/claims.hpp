// The contents of every Tessera document, read strictly from verified JSON and written by the issuer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/device.hpp"
#include "crypto/ed25519.hpp"
#include "license/license_code.hpp"
#include "license/verdict.hpp"
#include "text/json.hpp"

namespace tessera {

inline constexpr int64_t kMaxInteger = (int64_t{1} << 53) - 1;  // exact in every JSON reader
inline constexpr int64_t kMaxTime = kMaxInteger / 1000;         // seconds; milliseconds stay exact too
inline constexpr int64_t kDaySeconds = 24 * 60 * 60;
// Times that an issuer may leave out.
inline constexpr int64_t kDefaultSyncGrace = 7 * kDaySeconds;
inline constexpr int64_t kDefaultHardwareGrace = 14 * kDaySeconds;
inline constexpr int64_t kDefaultImportWithin = 30 * kDaySeconds;
inline constexpr size_t kMaxEntitlements = 256;
inline constexpr size_t kMaxTagsPerKind = 64;
inline constexpr size_t kMaxFactors = 64;

/// Members that every document has. Times in seconds since the epoch.
struct DocumentClaims {
  std::string issuer;
  std::string product;
  int64_t issued_at = 0;
};

enum class EnvironmentPolicy { kAllow, kWarn, kDeny };

/// A licence; trials and foreign RS256 tokens are read into the same shape.
struct LicenseClaims : DocumentClaims {
  std::string id, subject;
  int64_t not_before = 0;
  int64_t expires_at = 0;  // 0: perpetual
  std::string sku, edition, kind;
  int64_t seats = 0;
  std::map<std::string, Entitlement, std::less<>> entitlements;
  int64_t maintenance_until = 0;
  std::string version_min, version_max;
  std::optional<BoundHardware> hardware;
  bool allow_weak = false;
  std::string install_key;  // thumbprint; empty: any installation
  int64_t grace_expiry = 0, grace_sync = kDefaultSyncGrace, grace_hardware = kDefaultHardwareGrace;
  int64_t sync_every = 0, sync_max = 0;
  EnvironmentPolicy vm = EnvironmentPolicy::kAllow, container = EnvironmentPolicy::kAllow;
  int64_t epoch = 0;
  std::string nonce;
  int64_t import_by = 0;
  int64_t trial_days = 0;   // trials only
  std::string legacy_hwid;  // RS256 tokens only
};

struct LeaseClaims : DocumentClaims {
  std::string license_id, install_key, nonce;
  int64_t expires_at = 0;
};

struct TimeClaims : DocumentClaims {
  std::string nonce;
};

/// Made and signed by an installation. `product` is the audience; the issuer member is absent.
struct RequestClaims : DocumentClaims {
  std::string nonce, license_key, note, renews, sdk;
  Ed25519Public install_key{};
  BoundHardware hardware;
  Environment environment;
};

struct DeactivationClaims : DocumentClaims {
  std::string license_id;
  Ed25519Public install_key{};
};

// Readers refuse with CLAIM_INVALID, SCHEMA_UNSUPPORTED or HW_SCHEME_UNSUPPORTED; unknown members are
// ignored.
Result<LicenseClaims> read_license_claims(const Json& claims);
Result<LicenseClaims> read_trial_claims(const Json& claims);
Result<LeaseClaims> read_lease_claims(const Json& claims);
Result<TimeClaims> read_time_claims(const Json& claims);
Result<RequestClaims> read_request_claims(const Json& claims);
Result<DeactivationClaims> read_deactivation_claims(const Json& claims);

Json write_claims(const LicenseClaims& claims);
Json write_trial_claims(const LicenseClaims& claims);
Json write_claims(const LeaseClaims& claims);
Json write_claims(const TimeClaims& claims);
Json write_claims(const RequestClaims& claims);
Json write_claims(const DeactivationClaims& claims);

/// Shared with the state file, which keeps a trial's binding.
Json write_hardware(const BoundHardware& hardware);
Result<BoundHardware> read_hardware(const Json& value);

/// The member "ent" of a document.
Result<std::map<std::string, Entitlement, std::less<>>> read_entitlements(const Json& object);

/// A dotted version: up to four numbers. Negative, zero or positive like strcmp; missing parts are 0.
bool is_version(std::string_view text);
int compare_versions(std::string_view a, std::string_view b);

}  // namespace tessera
