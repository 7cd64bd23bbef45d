/** @file tessera/types.h  Base types of the C ABI: status, strings, buffers, registrations.
 *
 *  Conventions that hold for every function of Tessera:
 *  - A function that can fail returns tsr_status and takes `tsr_error **err` last; `err` may be NULL.
 *  - Every `out` and `err` is set to NULL or zero first, on every path.
 *  - Input pointers are borrowed for the call. Text is UTF-8 with an explicit length.
 *  - A handle may be used from any thread unless its function says otherwise; freeing a handle while another
 *    thread calls with it is the caller's defect, closing it is not.
 *  - Times are milliseconds since the Unix epoch unless the name says otherwise.
 */
#ifndef TESSERA_TYPES_H
#define TESSERA_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tessera/export.h"

TSR_BEGIN_DECLS

/** TSR_OK or a TSR_E_* value of error.h. A plain integer, so that unknown codes stay legal. */
typedef int32_t tsr_status;

/** Owned by its receiver; see error.h. */
typedef struct tsr_error tsr_error;

/** Borrowed UTF-8 text. `data` NULL means absent; `len` 0 with data means empty. Need not end with a NUL. */
typedef struct tsr_str {
  const char* data; /**< First byte, or NULL. */
  size_t len;       /**< Bytes. */
} tsr_str;

/** Owned bytes; a NUL byte follows the last one, not counted in `len`. Release with tsr_buf_free(). */
typedef struct tsr_buf {
  uint8_t* data; /**< First byte, or NULL when empty. */
  size_t len;    /**< Bytes. */
} tsr_buf;

/** One live registration of a callback. Release with tsr_sub_free(). */
typedef struct tsr_sub tsr_sub;

/** A string literal as tsr_str. Refuses to compile on anything but a literal. */
#ifdef __cplusplus
#define TSR_LIT(literal) (tsr_str{"" literal "", sizeof(literal) - 1})
#else
#define TSR_LIT(literal) ((tsr_str){"" literal "", sizeof(literal) - 1})
#endif

/** A NUL-terminated string as tsr_str; NULL gives an absent one. */
static inline tsr_str tsr_str_of(const char* text) {
  tsr_str str;
  str.data = text;
  str.len = text ? strlen(text) : 0;
  return str;
}

/** Releases a buffer and zeroes the struct; the bytes are wiped. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_buf_free(tsr_buf* buf) TSR_NOEXCEPT;

/** Ends a registration: returns once its callback neither runs nor will run (at once when called from the
 *  callback itself). NULL is fine.
 *  @threads any  @blocks callback  @since 1.0 */
TSR_API void tsr_sub_free(tsr_sub* sub) TSR_NOEXCEPT;

/** Number of live Tessera handles, errors and registrations in this process; for leak tests.
 *  @threads any  @since 1.0 */
TSR_API uint64_t tsr_live_objects(void) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
