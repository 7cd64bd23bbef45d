/** @file tessera/log.h  Structured log records for the application's own logger.
 *
 *  The library never prints. Attach a sink with tsr_license_on_log() or tsr_app_on_log(). Secrets, tokens and
 *  hardware identifiers are redacted before a record reaches a sink.
 */
#ifndef TESSERA_LOG_H
#define TESSERA_LOG_H

#include "tessera/types.h"

TSR_BEGIN_DECLS

/** Levels of a record, in rising order. */
enum { TSR_LOG_TRACE = 0, TSR_LOG_DEBUG = 1, TSR_LOG_INFO = 2, TSR_LOG_WARN = 3, TSR_LOG_ERROR = 4 };

/** Receives one record. Text is borrowed for the call.
 *  @param level   TSR_LOG_*.
 *  @param area    "license", "hwid", ...
 *  @param event   Stable snake_case name, such as "import_refused".
 *  @param message One sentence.
 *  @param fields  A JSON object.
 *  @threads the thread that made the call being logged, for an operation of op.h one of the library's, one
 * call at a time per registration; may call anything but a @blocks function of the same handle. */
typedef void (*tsr_log_fn)(void* user, int32_t level, tsr_str area, tsr_str event, tsr_str message,
                           tsr_str fields);

TSR_END_DECLS

#endif
