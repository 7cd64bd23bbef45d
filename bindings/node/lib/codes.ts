// Written by scripts/lib/gen_node.py from errors.def and license_codes.def; not by hand.

/** What a caller can do about a failed call: docs/reference/errors.md. */
export type ErrorCode =
  | "arg" // an argument is missing or malformed
  | "state" // the call does not fit the state of the handle
  | "not_found" // what was asked for does not exist
  | "io" // the operating system reported an input or output error
  | "permission" // the operating system denied access
  | "no_memory" // memory is exhausted
  | "unsupported" // this build or platform does not offer the operation
  | "callback" // a callback of the application failed
  | "forked" // the handle belongs to the parent process; open a new one after fork
  | "license" // the licence was refused; the detail carries its code
  | "busy" // another process or thread holds the resource
  | "timeout" // the time limit passed
  | "cancelled" // the operation was cancelled
  | "corrupt" // stored data is damaged
  | "limit" // a size or count limit was exceeded
  | "disk_full" // the disk is full
  | "crypto" // a key or ciphertext is not acceptable
  | "abi" // header and library versions do not fit
  | "internal"; // a defect in Tessera; please report it

/** Licence codes with their numbers: docs/reference/license-codes.md. Those below 20 leave the licence usable. */
export const licenseCodes = {
  OK: 0,
  OK_TRIAL: 1,
  WARN_SYNC_DUE: 2,
  WARN_EXPIRY_GRACE: 3,
  WARN_HW_DRIFT: 4,
  WARN_HW_UNVERIFIABLE: 5,
  WARN_CLOCK: 6,
  WARN_CRL_STALE: 7,
  WARN_ENV: 8,
  WARN_EXPIRES_SOON: 9,
  WARN_HW_WEAK: 10,
  WARN_REBIND_DUE: 11,
  NO_LICENSE: 20,
  EXPIRED: 21,
  NOT_YET_VALID: 22,
  TRIAL_EXPIRED: 23,
  TRIAL_USED: 24,
  SUSPENDED: 25,
  REVOKED: 26,
  SYNC_GRACE_OVER: 27,
  WRONG_PRODUCT: 28,
  WRONG_ISSUER: 29,
  VERSION_NOT_COVERED: 30,
  MAINTENANCE_ENDED: 31,
  FEATURE_MISSING: 32,
  FEATURE_EXPIRED: 33,
  USER_MISMATCH: 34,
  ENV_VM_DENIED: 35,
  ENV_CONTAINER_DENIED: 36,
  DEACTIVATED: 37,
  TOKEN_MALFORMED: 40,
  TOKEN_TOO_LARGE: 41,
  TOKEN_TYPE: 42,
  ALG_NOT_ALLOWED: 43,
  HEADER_NOT_ALLOWED: 44,
  KEY_UNKNOWN: 45,
  KEY_REVOKED: 46,
  KEY_EXPIRED: 47,
  SIGNATURE_INVALID: 48,
  SCHEMA_UNSUPPORTED: 49,
  CLAIM_INVALID: 50,
  KEYSET_ROLLBACK: 51,
  CRL_ROLLBACK: 52,
  KEYSET_INVALID: 53,
  HW_MISMATCH: 60,
  HW_GRACE_OVER: 61,
  HW_NO_COMPONENTS: 62,
  HW_TOO_WEAK: 63,
  HW_SCHEME_UNSUPPORTED: 64,
  HW_CUSTOM_INVALID: 65,
  INSTALL_KEY_MISMATCH: 66,
  CLONE_DETECTED: 67,
  CLOCK_ROLLBACK: 70,
  CLOCK_SERVER_SKEW: 71,
  STATE_ROLLBACK: 72,
  CLOCK_UNAVAILABLE: 73,
  REQ_NONCE_MISMATCH: 80,
  RESPONSE_EXPIRED: 81,
  SEAT_LIMIT: 82,
  DEACTIVATION_LIMIT: 83,
  ACTIVATION_NOT_FOUND: 84,
  LICENSE_KEY_INVALID: 85,
  LEASE_EXPIRED: 86,
  LEASE_UNAVAILABLE: 87,
  METER_LIMIT: 88,
  METER_UNKNOWN: 89,
  AUTH_REQUIRED: 90,
  NET_OFFLINE: 100,
  NET_TIMEOUT: 101,
  NET_TLS: 102,
  NET_PROXY: 103,
  RATE_LIMITED: 104,
  SERVER_ERROR: 105,
  SERVER_REJECTED: 106,
  RESPONSE_UNSIGNED: 107,
  STORE_IO: 120,
  STORE_LOCKED: 121,
  STORE_CORRUPT: 122,
  STORE_KEY: 123,
  FILE_NOT_FOUND: 124,
  FILE_PERMISSION: 125,
  DISK_FULL: 126,
} as const;

/** What a licence is: an answer, never an error of a call. */
export type LicenseCode = keyof typeof licenseCodes;
