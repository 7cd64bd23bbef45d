/** @file tessera/license_online.h  A licence and its service, over the network.
 *
 *  The service's address is "gateway" of the configuration (docs/reference/license-config.md); what it
 * answers is in docs/reference/license-service.openapi.yaml. Once an application is licensed, the SDK asks
 * the service by itself when that is due; tsr_license_check() never waits for it.
 *
 *  Every call below waits for the network, for 20 s at most unless configured otherwise, and has a twin in
 * the background. A failure changes nothing that is stored. TSR_E_NETWORK, TSR_E_TIMEOUT and TSR_E_UNTRUSTED
 * mean that nobody answered, TSR_E_UNAVAILABLE that the service asks to come later, TSR_E_LICENSE that it
 * refuses or that its answer is not to be believed; the detail of all of them has "license_code".
 *
 *  @code
 *  tsr_activate_opts opts;
 *  tsr_activate_opts_init(&opts, sizeof opts);
 *  opts.license_key = tsr_str_of(typed_key);
 *  if (tsr_license_activate(license, &opts, &verdict, &err) == TSR_OK && tsr_verdict_usable(verdict))
 *    run_application();
 *  @endcode
 */
#ifndef TESSERA_LICENSE_ONLINE_H
#define TESSERA_LICENSE_ONLINE_H

#include "tessera/license.h"

TSR_BEGIN_DECLS

/** Options of tsr_license_activate(). Start from tsr_activate_opts_init(); new fields only ever join at the
 * end. */
typedef struct tsr_activate_opts {
  uint32_t struct_size; /**< sizeof(tsr_activate_opts) as the caller compiled it. */
  uint32_t flags;       /**< 0; an unknown bit gives TSR_E_ARG. */
  tsr_str license_key;  /**< The customer's licence key (XXXXX-...), or absent. Borrowed for the call. */
  tsr_str note;         /**< Free text for the vendor, such as a seat name, or absent; at most 256 bytes. */
  const void*
      account_token; /**< Token of the customer's account instead of a key, or NULL. SECRET; copied, wiped. */
  size_t account_token_len; /**< Not 0 when `account_token` is given; at most 16 KiB of visible ASCII. */
} tsr_activate_opts;

/** Fills `opts` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_activate_opts_init(tsr_activate_opts* opts, uint32_t struct_size) TSR_NOEXCEPT;

/** Licenses this machine over the network and stores the licence.
 *  @param[in]  opts  May be NULL: for a service that knows whom it serves without.
 *  @param[out] out   The new verdict; may be NULL. @owned tsr_verdict_free()
 *  @param[out] err   May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (LICENSE_KEY_INVALID, SEAT_LIMIT, AUTH_REQUIRED, HW_NO_COMPONENTS, ...),
 *  TSR_E_STATE (closed, or no service is configured), TSR_E_FORKED,
 *  TSR_E_BUSY, TSR_E_IO, TSR_E_NETWORK, TSR_E_TIMEOUT, TSR_E_UNTRUSTED, TSR_E_UNAVAILABLE, TSR_E_UNSUPPORTED
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_activate(tsr_license* license, const tsr_activate_opts* opts,
                                                     tsr_verdict** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_activate() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (no service is configured), TSR_E_FORKED, TSR_E_BUSY (no thread can be
 * started), TSR_E_UNSUPPORTED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_activate_async(tsr_license* license,
                                                           const tsr_activate_opts* opts, tsr_done_fn done,
                                                           void* user, void (*user_free)(void*), tsr_op** out,
                                                           tsr_error** err) TSR_NOEXCEPT;

/** Confirms the installed licence and takes in what changed: the newest key set and revocation list, and the
 * licence when its terms did. One that is under way is joined. Before the licence's grace ends no failure of
 * this takes it away.
 *  @param[out] out  The new verdict; may be NULL. @owned tsr_verdict_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (NO_LICENSE, REQ_NONCE_MISMATCH, RESPONSE_UNSIGNED, EXPIRED, ...),
 *  TSR_E_STATE (closed, or no service is configured), TSR_E_FORKED,
 *  TSR_E_BUSY, TSR_E_IO, TSR_E_NETWORK, TSR_E_TIMEOUT, TSR_E_UNTRUSTED, TSR_E_UNAVAILABLE, TSR_E_UNSUPPORTED
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_sync(tsr_license* license, tsr_verdict** out,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_sync() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (no service is configured), TSR_E_FORKED, TSR_E_BUSY (no thread can be
 * started), TSR_E_UNSUPPORTED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_sync_async(tsr_license* license, tsr_done_fn done, void* user,
                                                       void (*user_free)(void*), tsr_op** out,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Asks for the installed licence anew, for the hardware as it is. One that is under way is joined.
 *  @param[out] out  The new verdict; may be NULL. @owned tsr_verdict_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (NO_LICENSE, EXPIRED, SUSPENDED, ...),
 *  TSR_E_STATE (closed, or no service is configured), TSR_E_FORKED,
 *  TSR_E_BUSY, TSR_E_IO, TSR_E_NETWORK, TSR_E_TIMEOUT, TSR_E_UNTRUSTED, TSR_E_UNAVAILABLE, TSR_E_UNSUPPORTED
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_renew(tsr_license* license, tsr_verdict** out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_renew() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (no service is configured), TSR_E_FORKED, TSR_E_BUSY (no thread can be
 * started), TSR_E_UNSUPPORTED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_renew_async(tsr_license* license, tsr_done_fn done, void* user,
                                                        void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Takes or prolongs the lease of a floating licence. One that is under way is joined.
 *  @param[out] out  The new verdict; may be NULL. @owned tsr_verdict_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (NO_LICENSE, LEASE_UNAVAILABLE, ...),
 *  TSR_E_STATE (closed, or no service is configured), TSR_E_FORKED,
 *  TSR_E_BUSY, TSR_E_IO, TSR_E_NETWORK, TSR_E_TIMEOUT, TSR_E_UNTRUSTED, TSR_E_UNAVAILABLE, TSR_E_UNSUPPORTED
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_heartbeat(tsr_license* license, tsr_verdict** out,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_heartbeat() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (no service is configured), TSR_E_FORKED, TSR_E_BUSY (no thread can be
 * started), TSR_E_UNSUPPORTED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_heartbeat_async(tsr_license* license, tsr_done_fn done,
                                                            void* user, void (*user_free)(void*),
                                                            tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Gives the licence back, as tsr_license_deactivate() does, and tells the service, which frees the seat.
 * What was given back stays so when the service can't be had; calling it again tells it again.
 *  @param[out] out  The new verdict; may be NULL. @owned tsr_verdict_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (NO_LICENSE, ACTIVATION_NOT_FOUND, DEACTIVATION_LIMIT, ...),
 *  TSR_E_STATE (closed, or no service is configured), TSR_E_FORKED,
 *  TSR_E_BUSY, TSR_E_IO, TSR_E_NETWORK, TSR_E_TIMEOUT, TSR_E_UNTRUSTED, TSR_E_UNAVAILABLE, TSR_E_UNSUPPORTED
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_deactivate_online(tsr_license* license, tsr_verdict** out,
                                                              tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_deactivate_online() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (no service is configured), TSR_E_FORKED, TSR_E_BUSY (no thread can be
 * started), TSR_E_UNSUPPORTED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_deactivate_online_async(tsr_license* license, tsr_done_fn done,
                                                                    void* user, void (*user_free)(void*),
                                                                    tsr_op** out,
                                                                    tsr_error** err) TSR_NOEXCEPT;

/** Asks for the signed time of the service, which may take back what a clock that ran ahead made this machine
 * believe.
 *  @param[out] out  The new verdict; may be NULL. @owned tsr_verdict_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (REQ_NONCE_MISMATCH, RESPONSE_UNSIGNED, ...),
 *  TSR_E_STATE (closed, or no service is configured), TSR_E_FORKED,
 *  TSR_E_BUSY, TSR_E_IO, TSR_E_NETWORK, TSR_E_TIMEOUT, TSR_E_UNTRUSTED, TSR_E_UNAVAILABLE, TSR_E_UNSUPPORTED
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_confirm_clock(tsr_license* license, tsr_verdict** out,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_confirm_clock() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (no service is configured), TSR_E_FORKED, TSR_E_BUSY (no thread can be
 * started), TSR_E_UNSUPPORTED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_confirm_clock_async(tsr_license* license, tsr_done_fn done,
                                                                void* user, void (*user_free)(void*),
                                                                tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Takes in the newest key set and revocation list, and tells the service nothing of this machine.
 *  @param[out] out  The new verdict; may be NULL. @owned tsr_verdict_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (RESPONSE_UNSIGNED, CRL_ROLLBACK, KEYSET_ROLLBACK, ...),
 *  TSR_E_STATE (closed, or no service is configured), TSR_E_FORKED,
 *  TSR_E_BUSY, TSR_E_IO, TSR_E_NETWORK, TSR_E_TIMEOUT, TSR_E_UNTRUSTED, TSR_E_UNAVAILABLE, TSR_E_UNSUPPORTED
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_fetch_lists(tsr_license* license, tsr_verdict** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_license_fetch_lists() in the background; see op.h. Gives its verdict to tsr_op_verdict().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (no service is configured), TSR_E_FORKED, TSR_E_BUSY (no thread can be
 * started), TSR_E_UNSUPPORTED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_license_fetch_lists_async(tsr_license* license, tsr_done_fn done,
                                                              void* user, void (*user_free)(void*),
                                                              tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
