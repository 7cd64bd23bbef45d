/** @file tessera/error.h  Status codes and error objects.
 *
 *  @code
 *  tsr_error *err = NULL;
 *  if (tsr_license_open(config, &license, &err) != TSR_OK) {
 *    fprintf(stderr, "%s\n", tsr_error_text(err));
 *    tsr_error_free(err);
 *  }
 *  @endcode
 */
#ifndef TESSERA_ERROR_H
#define TESSERA_ERROR_H

#include "tessera/types.h"

TSR_BEGIN_DECLS

/** Whether a call worked. Values are never reused or renumbered; docs/reference/errors.md explains each. */
enum {
  TSR_OK = 0,
  TSR_E_ARG = 1,
  TSR_E_STATE = 2,
  TSR_E_NOT_FOUND = 3,
  TSR_E_IO = 4,
  TSR_E_PERMISSION = 5,
  TSR_E_NO_MEMORY = 6,
  TSR_E_UNSUPPORTED = 7,
  TSR_E_CALLBACK = 8,
  TSR_E_FORKED = 9,
  TSR_E_LICENSE = 10,
  TSR_E_BUSY = 11,
  TSR_E_TIMEOUT = 12,
  TSR_E_CANCELLED = 13,
  TSR_E_CORRUPT = 14,
  TSR_E_LIMIT = 15,
  TSR_E_DISK_FULL = 16,
  TSR_E_CRYPTO = 17,
  TSR_E_ABI = 18,
  TSR_E_INTERNAL = 19
};

/** The code, the same as the returned status; TSR_OK for NULL.
 *  @threads any  @since 1.0 */
TSR_API tsr_status tsr_error_code(const tsr_error* err) TSR_NOEXCEPT;

/** One sentence: what happened, to what, why, and what to do next. Holds no secret and no raw hardware id.
 *  Valid until tsr_error_free(); "" for NULL.
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_error_text(const tsr_error* err) TSR_NOEXCEPT;

/** The area that failed: "base", "crypto", "hwid", "license", ...; "" for NULL. Valid until tsr_error_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_error_domain(const tsr_error* err) TSR_NOEXCEPT;

/** 1 when the same call may succeed later without a change by the caller, else 0.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_error_retryable(const tsr_error* err) TSR_NOEXCEPT;

/** A JSON object with particulars, "{}" when there are none. TSR_E_LICENSE carries {"license_code": number,
 *  "license_name": text}. Valid until tsr_error_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_error_detail(const tsr_error* err) TSR_NOEXCEPT;

/** Releases an error. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_error_free(tsr_error* err) TSR_NOEXCEPT;

/** Name of a status without prefix, in lower case: "ok", "arg", "not_found"; "unknown" for other numbers.
 * Static.
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_status_name(tsr_status status) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
