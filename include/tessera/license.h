/** @file tessera/license.h  Is this application licensed on this machine, and why.
 *
 *  Open once; ask with tsr_license_check() as often as you like: it is a memory read. Licences arrive as
 * `.lic` files (tsr_license_import()), are verified offline against compiled-in root keys, and are bound to
 * hardware.
 *
 *  @code
 *  tsr_license *license = NULL;
 *  tsr_verdict *verdict = NULL;
 *  tsr_error *err = NULL;
 *  if (tsr_license_open(TSR_LIT("{\"product\":\"player\",\"data_dir\":\"~/.local/share/player\","
 *                               "\"trusted_keys\":[\"...\"]}"), &license, &err) == TSR_OK &&
 *      tsr_license_check(license, &verdict, &err) == TSR_OK && tsr_verdict_usable(verdict))
 *    run_application();
 *  tsr_verdict_free(verdict);
 *  tsr_license_free(license);
 *  tsr_error_free(err);
 *  @endcode
 */
#ifndef TESSERA_LICENSE_H
#define TESSERA_LICENSE_H

#include "tessera/log.h"
#include "tessera/op.h"
#include "tessera/types.h"

TSR_BEGIN_DECLS

/** The licence of one product in one data folder. */
typedef struct tsr_license tsr_license;

/** The answer to one check. Immutable; outlives its licence handle. */
typedef struct tsr_verdict tsr_verdict;

/** What the licence is: an answer, never a tsr_status. 0 to 19 leave it usable. Stable numbers;
 *  docs/reference/license-codes.md explains each and says what to do. */
typedef int32_t tsr_license_code;
enum {
  TSR_LICENSE_OK = 0,
  TSR_LICENSE_OK_TRIAL = 1,
  TSR_LICENSE_WARN_SYNC_DUE = 2,
  TSR_LICENSE_WARN_EXPIRY_GRACE = 3,
  TSR_LICENSE_WARN_HW_DRIFT = 4,
  TSR_LICENSE_WARN_HW_UNVERIFIABLE = 5,
  TSR_LICENSE_WARN_CLOCK = 6,
  TSR_LICENSE_WARN_CRL_STALE = 7,
  TSR_LICENSE_WARN_ENV = 8,
  TSR_LICENSE_WARN_EXPIRES_SOON = 9,
  TSR_LICENSE_WARN_HW_WEAK = 10,
  TSR_LICENSE_WARN_REBIND_DUE = 11,
  TSR_LICENSE_NO_LICENSE = 20,
  TSR_LICENSE_EXPIRED = 21,
  TSR_LICENSE_NOT_YET_VALID = 22,
  TSR_LICENSE_TRIAL_EXPIRED = 23,
  TSR_LICENSE_TRIAL_USED = 24,
  TSR_LICENSE_SUSPENDED = 25,
  TSR_LICENSE_REVOKED = 26,
  TSR_LICENSE_SYNC_GRACE_OVER = 27,
  TSR_LICENSE_WRONG_PRODUCT = 28,
  TSR_LICENSE_WRONG_ISSUER = 29,
  TSR_LICENSE_VERSION_NOT_COVERED = 30,
  TSR_LICENSE_MAINTENANCE_ENDED = 31,
  TSR_LICENSE_FEATURE_MISSING = 32,
  TSR_LICENSE_FEATURE_EXPIRED = 33,
  TSR_LICENSE_USER_MISMATCH = 34,
  TSR_LICENSE_ENV_VM_DENIED = 35,
  TSR_LICENSE_ENV_CONTAINER_DENIED = 36,
  TSR_LICENSE_DEACTIVATED = 37,
  TSR_LICENSE_TOKEN_MALFORMED = 40,
  TSR_LICENSE_TOKEN_TOO_LARGE = 41,
  TSR_LICENSE_TOKEN_TYPE = 42,
  TSR_LICENSE_ALG_NOT_ALLOWED = 43,
  TSR_LICENSE_HEADER_NOT_ALLOWED = 44,
  TSR_LICENSE_KEY_UNKNOWN = 45,
  TSR_LICENSE_KEY_REVOKED = 46,
  TSR_LICENSE_KEY_EXPIRED = 47,
  TSR_LICENSE_SIGNATURE_INVALID = 48,
  TSR_LICENSE_SCHEMA_UNSUPPORTED = 49,
  TSR_LICENSE_CLAIM_INVALID = 50,
  TSR_LICENSE_KEYSET_ROLLBACK = 51,
  TSR_LICENSE_CRL_ROLLBACK = 52,
  TSR_LICENSE_KEYSET_INVALID = 53,
  TSR_LICENSE_HW_MISMATCH = 60,
  TSR_LICENSE_HW_GRACE_OVER = 61,
  TSR_LICENSE_HW_NO_COMPONENTS = 62,
  TSR_LICENSE_HW_TOO_WEAK = 63,
  TSR_LICENSE_HW_SCHEME_UNSUPPORTED = 64,
  TSR_LICENSE_HW_CUSTOM_INVALID = 65,
  TSR_LICENSE_INSTALL_KEY_MISMATCH = 66,
  TSR_LICENSE_CLONE_DETECTED = 67,
  TSR_LICENSE_CLOCK_ROLLBACK = 70,
  TSR_LICENSE_CLOCK_SERVER_SKEW = 71,
  TSR_LICENSE_STATE_ROLLBACK = 72,
  TSR_LICENSE_CLOCK_UNAVAILABLE = 73,
  TSR_LICENSE_REQ_NONCE_MISMATCH = 80,
  TSR_LICENSE_RESPONSE_EXPIRED = 81,
  TSR_LICENSE_SEAT_LIMIT = 82,
  TSR_LICENSE_DEACTIVATION_LIMIT = 83,
  TSR_LICENSE_ACTIVATION_NOT_FOUND = 84,
  TSR_LICENSE_LICENSE_KEY_INVALID = 85,
  TSR_LICENSE_LEASE_EXPIRED = 86,
  TSR_LICENSE_LEASE_UNAVAILABLE = 87,
  TSR_LICENSE_METER_LIMIT = 88,
  TSR_LICENSE_METER_UNKNOWN = 89,
  TSR_LICENSE_AUTH_REQUIRED = 90,
  TSR_LICENSE_NET_OFFLINE = 100,
  TSR_LICENSE_NET_TIMEOUT = 101,
  TSR_LICENSE_NET_TLS = 102,
  TSR_LICENSE_NET_PROXY = 103,
  TSR_LICENSE_RATE_LIMITED = 104,
  TSR_LICENSE_SERVER_ERROR = 105,
  TSR_LICENSE_SERVER_REJECTED = 106,
  TSR_LICENSE_RESPONSE_UNSIGNED = 107,
  TSR_LICENSE_STORE_IO = 120,
  TSR_LICENSE_STORE_LOCKED = 121,
  TSR_LICENSE_STORE_CORRUPT = 122,
  TSR_LICENSE_STORE_KEY = 123,
  TSR_LICENSE_FILE_NOT_FOUND = 124,
  TSR_LICENSE_FILE_PERMISSION = 125,
  TSR_LICENSE_DISK_FULL = 126
};

/** Type of an entitlement's value. */
enum { TSR_ENTITLEMENT_NONE = 0, TSR_ENTITLEMENT_BOOL = 1, TSR_ENTITLEMENT_INT = 2, TSR_ENTITLEMENT_STR = 3 };

/** Options of tsr_license_request(). Start from tsr_request_opts_init(); new fields only ever join at the
 * end. */
typedef struct tsr_request_opts {
  uint32_t struct_size; /**< sizeof(tsr_request_opts) as the caller compiled it. */
  uint32_t flags;       /**< 0; an unknown bit gives TSR_E_ARG. */
  tsr_str license_key;  /**< The customer's licence key (XXXXX-...), or absent. Borrowed for the call. */
  tsr_str note;         /**< Free text for the issuer, such as a seat name, or absent; at most 256 bytes. */
} tsr_request_opts;

/** Name of a code without prefix, such as "HW_MISMATCH"; "UNKNOWN" for other numbers. Static.
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_license_code_name(tsr_license_code code) TSR_NOEXCEPT;

/** One line that says what a code means. Static.
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_license_code_text(tsr_license_code code) TSR_NOEXCEPT;

/** One line that says what to do about a code; "" when there is nothing to do. Static.
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_license_code_next(tsr_license_code code) TSR_NOEXCEPT;

/** Opens the licence of a product: reads its state file, probes the hardware and evaluates. No network.
 *  A missing, damaged or locked state is not an error: the verdict says so and the next import repairs it.
 *  @param[in]  config_json  Copied. Schema: docs/reference/license-config.md. Required: product, data_dir,
 * and trusted_keys or rsa_keys.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_license_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_LICENSE (HW_CUSTOM_INVALID)
 *  @threads any  @blocks disk  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_open(tsr_str config_json, tsr_license** out,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_open() in the background; see op.h. Gives its licence to tsr_op_license().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_BUSY (no thread can be started), TSR_E_NO_MEMORY  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_open_async(tsr_str config_json, tsr_done_fn done, void* user,
                                                       void (*user_free)(void*), tsr_op** out,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** The current verdict: a memory read, re-evaluated in memory when time moved it on. Reads the state file
 * again only after another process changed it. Never writes, never waits for a lock or a network.
 *  @param[out] out  Snapshot. @owned tsr_verdict_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_check(tsr_license* license, tsr_verdict** out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** 1 when tsr_license_check() would give `verdict` again, else 0, also when it would fail: lets a binding
 * keep the object that it made of a verdict.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_license_is_current(tsr_license* license, const tsr_verdict* verdict) TSR_NOEXCEPT;

/** Probes the hardware again, rereads the state, moves the clock mark on (at most once an hour) and
 * evaluates. Call it at start-up and about hourly in long-running programs.
 *  @param[out] out  Snapshot; may be NULL when only the effect is wanted. @owned tsr_verdict_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY, TSR_E_IO  @threads any  @blocks disk  @since 1.0
 */
TSR_API TSR_MUST_USE tsr_status tsr_license_refresh(tsr_license* license, tsr_verdict** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_refresh() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_refresh_async(tsr_license* license, tsr_done_fn done, void* user,
                                                          void (*user_free)(void*), tsr_op** out,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** Verifies a `.lic` file (one compact JWS a line: key sets, revocation lists, licences, leases, time files)
 * and stores all of it or nothing. A refused document is TSR_E_LICENSE and leaves the stored state unchanged.
 *  @param[in]  data  The file's bytes; a token alone is fine.
 *  @param[out] out   The new verdict; may be NULL. @owned tsr_verdict_free()
 *  @param[out] err   May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY, TSR_E_IO, TSR_E_PERMISSION,
 *  TSR_E_DISK_FULL  @threads any  @blocks disk  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_import(tsr_license* license, const void* data, size_t len,
                                                   tsr_verdict** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_import() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_import_async(tsr_license* license, const void* data, size_t len,
                                                         tsr_done_fn done, void* user,
                                                         void (*user_free)(void*), tsr_op** out,
                                                         tsr_error** err) TSR_NOEXCEPT;

/** Judges a `.lic` file on this machine without storing anything. A bad document gives TSR_OK and a verdict
 * that says what is wrong.
 *  @param[in]  data  The file's bytes.
 *  @param[out] out   Snapshot. @owned tsr_verdict_free()
 *  @param[out] err   May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED  @threads any  @blocks cpu  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_verify(tsr_license* license, const void* data, size_t len,
                                                   tsr_verdict** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_verify() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_verify_async(tsr_license* license, const void* data, size_t len,
                                                         tsr_done_fn done, void* user,
                                                         void (*user_free)(void*), tsr_op** out,
                                                         tsr_error** err) TSR_NOEXCEPT;

/** Fills `opts` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_request_opts_init(tsr_request_opts* opts, uint32_t struct_size) TSR_NOEXCEPT;

/** Makes an activation request for the issuer: signed by this installation's key, with salted hardware tags
 * and a nonce that stays open for 90 days. Also the way to renew or rebind: it names the installed licence.
 *  @param[in]  opts  May be NULL.
 *  @param[out] out   The request, one compact JWS. @owned tsr_buf_free()
 *  @param[out] err   May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (LICENSE_KEY_INVALID, HW_NO_COMPONENTS), TSR_E_STATE, TSR_E_FORKED,
 *  TSR_E_BUSY, TSR_E_IO  @threads any  @blocks disk  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_request(tsr_license* license, const tsr_request_opts* opts,
                                                    tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_request() in the background; see op.h. Gives its request to tsr_op_buf().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_request_async(tsr_license* license, const tsr_request_opts* opts,
                                                          tsr_done_fn done, void* user,
                                                          void (*user_free)(void*), tsr_op** out,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** Starts the trial that a `tessera-trial` token of the issuer grants: binds it to this machine and remembers
 * it.
 *  @param[in]  data  The token.
 *  @param[out] out   The new verdict; may be NULL. @owned tsr_verdict_free()
 *  @param[out] err   May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (TRIAL_USED, ...), TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY, TSR_E_IO
 *  @threads any  @blocks disk  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_start_trial(tsr_license* license, const void* data, size_t len,
                                                        tsr_verdict** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_start_trial() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_start_trial_async(tsr_license* license, const void* data,
                                                              size_t len, tsr_done_fn done, void* user,
                                                              void (*user_free)(void*), tsr_op** out,
                                                              tsr_error** err) TSR_NOEXCEPT;

/** Gives the licence back: writes a tombstone first, then returns a signed proof for the issuer. The same
 * licence can't be imported here again. Calling it again returns the proof again.
 *  @param[out] out  The proof, one compact JWS. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (NO_LICENSE), TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY, TSR_E_IO
 *  @threads any  @blocks disk  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_deactivate(tsr_license* license, tsr_buf* out,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_deactivate() in the background; see op.h. Gives its proof to tsr_op_buf().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_deactivate_async(tsr_license* license, tsr_done_fn done,
                                                             void* user, void (*user_free)(void*),
                                                             tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Uses `amount` of a metered entitlement, all or nothing; durable before it returns. Periods are UTC days,
 * months or the licence's whole life, as the licence says.
 *  @param[in]  amount  At least 0; 0 only reads.
 *  @param[out] used    Used in this period after the call; may be NULL.
 *  @param[out] limit   Limit of the period; may be NULL.
 *  @param[out] err     May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (METER_LIMIT, METER_UNKNOWN, or why the licence is not usable),
 * TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY, TSR_E_IO  @threads any  @blocks disk  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_meter_add(tsr_license* license, tsr_str name, int64_t amount,
                                                      int64_t* used, int64_t* limit,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_meter_add() in the background; see op.h. Gives its reading to tsr_op_meter().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_meter_add_async(tsr_license* license, tsr_str name,
                                                            int64_t amount, tsr_done_fn done, void* user,
                                                            void (*user_free)(void*), tsr_op** out,
                                                            tsr_error** err) TSR_NOEXCEPT;

/** Attaches a log sink for records of at least `level`. `user_free` (may be NULL) runs exactly once, also
 * when this call fails.
 *  @param[out] out  Registration; keeps the licence alive. @owned tsr_sub_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_on_log(tsr_license* license, int32_t level, tsr_log_fn fn,
                                                   void* user, void (*user_free)(void*), tsr_sub** out,
                                                   tsr_error** err) TSR_NOEXCEPT;

/** Stores the clock mark and ends the handle's work; later calls give TSR_E_STATE. Calling it again is fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (another process holds the state for `timeout_ms`), TSR_E_IO
 *  @threads any  @blocks disk  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_close(tsr_license* license, uint32_t timeout_ms,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_close() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_license_close_async(tsr_license* license, uint32_t timeout_ms,
                                                        tsr_done_fn done, void* user,
                                                        void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Takes the licence that an operation opened; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_license_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_op_license(tsr_op* op, tsr_license** out, tsr_error** err) TSR_NOEXCEPT;

/** Takes the verdict that an operation gave; see tsr_op_buf().
 *  @param[out] out  Snapshot; may be NULL when only the status is wanted. @owned tsr_verdict_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_op_verdict(tsr_op* op, tsr_verdict** out, tsr_error** err) TSR_NOEXCEPT;

/** Takes the reading of a meter that an operation gave; see tsr_op_buf().
 *  @param[out] used   As tsr_license_meter_add() gives it; may be NULL.
 *  @param[out] limit  As tsr_license_meter_add() gives it; may be NULL.
 *  @param[out] err    May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_op_meter(tsr_op* op, int64_t* used, int64_t* limit,
                                             tsr_error** err) TSR_NOEXCEPT;

/** Releases the handle without writing anything. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_license_free(tsr_license* license) TSR_NOEXCEPT;

/** 1 when the application may run under this licence, else 0; 0 for NULL.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_verdict_usable(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** The primary code: the first failure in validation order, else the gravest warning, else OK.
 *  @threads any  @since 1.0 */
TSR_API tsr_license_code tsr_verdict_code(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** State of the licence: "ACTIVE", "TRIAL", "EXPIRY_GRACE", "HW_DRIFT", "REBIND_DUE", "NONE", ... Static.
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_state(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** Number of reasons; each is a failure or a warning. 0 when all is well.
 *  @threads any  @since 1.0 */
TSR_API size_t tsr_verdict_reason_count(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** Code of reason `index`, in validation order; 0 when out of range.
 *  @threads any  @since 1.0 */
TSR_API tsr_license_code tsr_verdict_reason_code(const tsr_verdict* verdict, size_t index) TSR_NOEXCEPT;

/** One sentence for reason `index`; "" when out of range. Valid until tsr_verdict_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_reason_text(const tsr_verdict* verdict, size_t index) TSR_NOEXCEPT;

/** When use ends without renewal, grace included; 0 when there is no end or no licence.
 *  @threads any  @since 1.0 */
TSR_API int64_t tsr_verdict_usable_until_ms(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** When the licence or trial expires, grace excluded; 0 when perpetual or there is no licence.
 *  @threads any  @since 1.0 */
TSR_API int64_t tsr_verdict_expires_at_ms(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** When the verdict can change by time alone; 0 when it can't.
 *  @threads any  @since 1.0 */
TSR_API int64_t tsr_verdict_next_check_ms(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** Hardware score 0 to 1000; -1 when the licence is not bound to hardware.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_verdict_hardware_score(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** Claims of the licence; "" when there is no licence or it lacks the claim. Valid until tsr_verdict_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_license_id(const tsr_verdict* verdict) TSR_NOEXCEPT;
/** The licensee (claim sub). See tsr_verdict_license_id(). @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_subject(const tsr_verdict* verdict) TSR_NOEXCEPT;
/** The product (claim aud). See tsr_verdict_license_id(). @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_product(const tsr_verdict* verdict) TSR_NOEXCEPT;
/** The stock-keeping unit or plan. See tsr_verdict_license_id(). @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_sku(const tsr_verdict* verdict) TSR_NOEXCEPT;
/** The edition. See tsr_verdict_license_id(). @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_edition(const tsr_verdict* verdict) TSR_NOEXCEPT;
/** "node", "floating", "site", "trial" or "user". See tsr_verdict_license_id(). @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_kind(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** Number of entitlements, expired ones included.
 *  @threads any  @since 1.0 */
TSR_API size_t tsr_verdict_entitlement_count(const tsr_verdict* verdict) TSR_NOEXCEPT;

/** Name of entitlement `index`, in byte order; "" when out of range. Valid until tsr_verdict_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_entitlement_name(const tsr_verdict* verdict, size_t index) TSR_NOEXCEPT;

/** May this feature be used: OK, FEATURE_MISSING, FEATURE_EXPIRED, or the verdict's own code when the licence
 * is not usable. A boolean `false` counts as missing.
 *  @threads any  @since 1.0 */
TSR_API tsr_license_code tsr_verdict_entitlement_code(const tsr_verdict* verdict, tsr_str name) TSR_NOEXCEPT;

/** TSR_ENTITLEMENT_*; NONE when the licence lacks it.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_verdict_entitlement_type(const tsr_verdict* verdict, tsr_str name) TSR_NOEXCEPT;

/** Value of a boolean or integer entitlement (true is 1); 0 when missing, expired, text, or the licence is
 * not usable.
 *  @threads any  @since 1.0 */
TSR_API int64_t tsr_verdict_entitlement_int(const tsr_verdict* verdict, tsr_str name) TSR_NOEXCEPT;

/** Value of a text entitlement; "" in the cases of tsr_verdict_entitlement_int(). Valid until
 * tsr_verdict_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_verdict_entitlement_str(const tsr_verdict* verdict, tsr_str name) TSR_NOEXCEPT;

/** When the entitlement itself expires; 0 when it has no end of its own.
 *  @threads any  @since 1.0 */
TSR_API int64_t tsr_verdict_entitlement_expires_at_ms(const tsr_verdict* verdict, tsr_str name) TSR_NOEXCEPT;

/** A few lines for people: state, licence, time left, hardware, every reason, what to do next. No raw values.
 *  @param[out] out  Text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_verdict_explain(const tsr_verdict* verdict, tsr_buf* out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** The whole verdict as JSON: docs/reference/verdict.md.
 *  @param[out] out  JSON text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_verdict_json(const tsr_verdict* verdict, tsr_buf* out,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Releases a verdict. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_verdict_free(tsr_verdict* verdict) TSR_NOEXCEPT;

/** Shows header and claims of any Tessera document or RS256 token WITHOUT verifying it, as JSON
 * {"header","claims"}; a `.lic` file gives an array. For people and tools; never decide anything by it.
 *  @param[out] out  JSON text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (TOKEN_MALFORMED, TOKEN_TOO_LARGE)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_document_inspect(const void* data, size_t len, tsr_buf* out,
                                                     tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
