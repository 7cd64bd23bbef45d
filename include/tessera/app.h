/** @file tessera/app.h  One handle for an application: builds the areas from one configuration. */
#ifndef TESSERA_APP_H
#define TESSERA_APP_H

#include "tessera/license.h"
#include "tessera/op.h"
#include "tessera/types.h"

TSR_BEGIN_DECLS

/** The application's Tessera. Handles obtained from it keep it alive. */
typedef struct tsr_app tsr_app;

/** Opens the application: its licence state is read and evaluated. No network, no thread.
 *  @param[in]  config_json  Copied. Schema: docs/reference/license-config.md.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_app_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_license_open()  @threads any  @blocks disk  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_app_open(tsr_str config_json, tsr_app** out,
                                             tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_app_open() in the background; see op.h. Gives its application to tsr_op_app().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_BUSY (no thread can be started), TSR_E_NO_MEMORY  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_app_open_async(tsr_str config_json, tsr_done_fn done, void* user,
                                                   void (*user_free)(void*), tsr_op** out,
                                                   tsr_error** err) TSR_NOEXCEPT;

/** Takes the application that an operation opened; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_app_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_op_app(tsr_op* op, tsr_app** out, tsr_error** err) TSR_NOEXCEPT;

/** The application's licence.
 *  @param[out] out  Handle of its own. @owned tsr_license_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_app_license(tsr_app* app, tsr_license** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Attaches a log sink for every area; see tsr_license_on_log().
 *  @param[out] out  Registration; keeps the app alive. @owned tsr_sub_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_app_on_log(tsr_app* app, int32_t level, tsr_log_fn fn, void* user,
                                               void (*user_free)(void*), tsr_sub** out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Closes every area; later calls, also through handles obtained from the app, give TSR_E_STATE. Calling it
 * again is fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY, TSR_E_IO  @threads any  @blocks disk  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_app_close(tsr_app* app, uint32_t timeout_ms,
                                              tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_app_close() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_app_close_async(tsr_app* app, uint32_t timeout_ms, tsr_done_fn done,
                                                    void* user, void (*user_free)(void*), tsr_op** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Releases the handle without writing anything. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_app_free(tsr_app* app) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
