/// @file tessera/cpp/license_code.hpp  What a licence is: an answer, never an error of a call.
#ifndef TESSERA_CPP_LICENSE_CODE_HPP
#define TESSERA_CPP_LICENSE_CODE_HPP

#include <cstdint>
#include <string_view>

#include "tessera/license.h"

namespace tessera::inline v1 {

/// The codes of tsr_license_code: 0 to 19 leave the licence usable. A newer library may answer with a number
/// that has no name here. docs/reference/license-codes.md explains each.  @since 1.0
enum class LicenseCode : std::int32_t {
  kOk = TSR_LICENSE_OK,
  kOkTrial = TSR_LICENSE_OK_TRIAL,
  kWarnSyncDue = TSR_LICENSE_WARN_SYNC_DUE,
  kWarnExpiryGrace = TSR_LICENSE_WARN_EXPIRY_GRACE,
  kWarnHwDrift = TSR_LICENSE_WARN_HW_DRIFT,
  kWarnHwUnverifiable = TSR_LICENSE_WARN_HW_UNVERIFIABLE,
  kWarnClock = TSR_LICENSE_WARN_CLOCK,
  kWarnCrlStale = TSR_LICENSE_WARN_CRL_STALE,
  kWarnEnv = TSR_LICENSE_WARN_ENV,
  kWarnExpiresSoon = TSR_LICENSE_WARN_EXPIRES_SOON,
  kWarnHwWeak = TSR_LICENSE_WARN_HW_WEAK,
  kWarnRebindDue = TSR_LICENSE_WARN_REBIND_DUE,
  kNoLicense = TSR_LICENSE_NO_LICENSE,
  kExpired = TSR_LICENSE_EXPIRED,
  kNotYetValid = TSR_LICENSE_NOT_YET_VALID,
  kTrialExpired = TSR_LICENSE_TRIAL_EXPIRED,
  kTrialUsed = TSR_LICENSE_TRIAL_USED,
  kSuspended = TSR_LICENSE_SUSPENDED,
  kRevoked = TSR_LICENSE_REVOKED,
  kSyncGraceOver = TSR_LICENSE_SYNC_GRACE_OVER,
  kWrongProduct = TSR_LICENSE_WRONG_PRODUCT,
  kWrongIssuer = TSR_LICENSE_WRONG_ISSUER,
  kVersionNotCovered = TSR_LICENSE_VERSION_NOT_COVERED,
  kMaintenanceEnded = TSR_LICENSE_MAINTENANCE_ENDED,
  kFeatureMissing = TSR_LICENSE_FEATURE_MISSING,
  kFeatureExpired = TSR_LICENSE_FEATURE_EXPIRED,
  kUserMismatch = TSR_LICENSE_USER_MISMATCH,
  kEnvVmDenied = TSR_LICENSE_ENV_VM_DENIED,
  kEnvContainerDenied = TSR_LICENSE_ENV_CONTAINER_DENIED,
  kDeactivated = TSR_LICENSE_DEACTIVATED,
  kTokenMalformed = TSR_LICENSE_TOKEN_MALFORMED,
  kTokenTooLarge = TSR_LICENSE_TOKEN_TOO_LARGE,
  kTokenType = TSR_LICENSE_TOKEN_TYPE,
  kAlgNotAllowed = TSR_LICENSE_ALG_NOT_ALLOWED,
  kHeaderNotAllowed = TSR_LICENSE_HEADER_NOT_ALLOWED,
  kKeyUnknown = TSR_LICENSE_KEY_UNKNOWN,
  kKeyRevoked = TSR_LICENSE_KEY_REVOKED,
  kKeyExpired = TSR_LICENSE_KEY_EXPIRED,
  kSignatureInvalid = TSR_LICENSE_SIGNATURE_INVALID,
  kSchemaUnsupported = TSR_LICENSE_SCHEMA_UNSUPPORTED,
  kClaimInvalid = TSR_LICENSE_CLAIM_INVALID,
  kKeysetRollback = TSR_LICENSE_KEYSET_ROLLBACK,
  kCrlRollback = TSR_LICENSE_CRL_ROLLBACK,
  kKeysetInvalid = TSR_LICENSE_KEYSET_INVALID,
  kHwMismatch = TSR_LICENSE_HW_MISMATCH,
  kHwGraceOver = TSR_LICENSE_HW_GRACE_OVER,
  kHwNoComponents = TSR_LICENSE_HW_NO_COMPONENTS,
  kHwTooWeak = TSR_LICENSE_HW_TOO_WEAK,
  kHwSchemeUnsupported = TSR_LICENSE_HW_SCHEME_UNSUPPORTED,
  kHwCustomInvalid = TSR_LICENSE_HW_CUSTOM_INVALID,
  kInstallKeyMismatch = TSR_LICENSE_INSTALL_KEY_MISMATCH,
  kCloneDetected = TSR_LICENSE_CLONE_DETECTED,
  kClockRollback = TSR_LICENSE_CLOCK_ROLLBACK,
  kClockServerSkew = TSR_LICENSE_CLOCK_SERVER_SKEW,
  kStateRollback = TSR_LICENSE_STATE_ROLLBACK,
  kClockUnavailable = TSR_LICENSE_CLOCK_UNAVAILABLE,
  kReqNonceMismatch = TSR_LICENSE_REQ_NONCE_MISMATCH,
  kResponseExpired = TSR_LICENSE_RESPONSE_EXPIRED,
  kSeatLimit = TSR_LICENSE_SEAT_LIMIT,
  kDeactivationLimit = TSR_LICENSE_DEACTIVATION_LIMIT,
  kActivationNotFound = TSR_LICENSE_ACTIVATION_NOT_FOUND,
  kLicenseKeyInvalid = TSR_LICENSE_LICENSE_KEY_INVALID,
  kLeaseExpired = TSR_LICENSE_LEASE_EXPIRED,
  kLeaseUnavailable = TSR_LICENSE_LEASE_UNAVAILABLE,
  kMeterLimit = TSR_LICENSE_METER_LIMIT,
  kMeterUnknown = TSR_LICENSE_METER_UNKNOWN,
  kAuthRequired = TSR_LICENSE_AUTH_REQUIRED,
  kNetOffline = TSR_LICENSE_NET_OFFLINE,
  kNetTimeout = TSR_LICENSE_NET_TIMEOUT,
  kNetTls = TSR_LICENSE_NET_TLS,
  kNetProxy = TSR_LICENSE_NET_PROXY,
  kRateLimited = TSR_LICENSE_RATE_LIMITED,
  kServerError = TSR_LICENSE_SERVER_ERROR,
  kServerRejected = TSR_LICENSE_SERVER_REJECTED,
  kResponseUnsigned = TSR_LICENSE_RESPONSE_UNSIGNED,
  kStoreIo = TSR_LICENSE_STORE_IO,
  kStoreLocked = TSR_LICENSE_STORE_LOCKED,
  kStoreCorrupt = TSR_LICENSE_STORE_CORRUPT,
  kStoreKey = TSR_LICENSE_STORE_KEY,
  kFileNotFound = TSR_LICENSE_FILE_NOT_FOUND,
  kFilePermission = TSR_LICENSE_FILE_PERMISSION,
  kDiskFull = TSR_LICENSE_DISK_FULL,
};

/// Whether an application may run under this code.  @threads any  @since 1.0
constexpr bool is_usable(LicenseCode code) noexcept {
  constexpr std::int32_t kFirstDenial = 20;
  return static_cast<std::int32_t>(code) < kFirstDenial;
}

/// "HW_MISMATCH" and the like; "UNKNOWN" for a number without a name. Static.  @threads any  @since 1.0
inline std::string_view name(LicenseCode code) noexcept {
  return tsr_license_code_name(static_cast<tsr_license_code>(code));
}

/// One line that says what the code means. Static.  @threads any  @since 1.0
inline std::string_view meaning(LicenseCode code) noexcept {
  return tsr_license_code_text(static_cast<tsr_license_code>(code));
}

/// One line that says what to do; "" when there is nothing to do. Static.  @threads any  @since 1.0
inline std::string_view next_step(LicenseCode code) noexcept {
  return tsr_license_code_next(static_cast<tsr_license_code>(code));
}

}  // namespace tessera::inline v1

#endif
