/** @file tessera/op.h  Operations that run in the background and tell when they ended.
 *
 *  Every function that may take long has a twin `..._async`. It takes the inputs of its blocking twin, checks
 *  and copies them, and returns at once; then `done` is called on a thread of the library. The twin's outputs
 *  are taken from the operation, by the `tsr_op_...` function that the start names.
 *
 *  @code
 *  static void imported(void *user, tsr_op *op) {
 *    tsr_verdict *verdict = NULL;
 *    if (tsr_op_verdict(op, &verdict, NULL) == TSR_OK) show(user, tsr_verdict_usable(verdict));
 *    tsr_verdict_free(verdict);
 *  }
 *  ...
 *  status = tsr_license_import_async(license, data, len, imported, window, NULL, NULL, &err);
 *  @endcode
 *
 *  What holds for every start:
 *  - One of `done` and `out` may be NULL. `*out` is written before `done` can run, and `done` may run before
 *    the start returns.
 *  - `user_free` (may be NULL) runs exactly once: after `done` returned, or inside a start that fails. It is
 *    the last thing of an operation whose handle was not asked for or was freed before `done` returned.
 *  - Operations of one licence or application, also through different handles of it, run one after another in
 *    the order of their start; others run beside them. At most four run at a time in a process.
 *  - Operations of one store do so as well, and see what those before them did; tsr_store_put_async() and
 *    tsr_store_execute_async() started one after another are committed together, and `done` is called for
 * each in the order of their start. Operations inside one transaction and fetches of one tsr_rows form lines
 * of their own, and so do the transactions that begin.
 *  - An operation keeps alive what it works on: the handle may be freed at once, which does not stop it.
 *    After a close that ran, operations give TSR_E_STATE as blocking calls do.
 *  - An operation counts in tsr_live_objects() until it ended and, when `out` was given, was freed.
 */
#ifndef TESSERA_OP_H
#define TESSERA_OP_H

#include "tessera/types.h"

TSR_BEGIN_DECLS

/** One started operation. */
typedef struct tsr_op tsr_op;

/** Called exactly once for each operation that was started, when it ended, also when it was cancelled or
 *  nobody has its handle any more; not in a process that exits before.
 *  @param user  As given to the start.
 *  @param op    Borrowed for the call. Take the result here or later from the handle that the start gave. The
 *               owner of that handle may free it here too; `op` stays valid until the call returns.
 *  @threads a thread of the library with every signal blocked; in the order of their start for operations of
 *  one licence, application or store. May call anything not marked @notincallback; the operations behind it
 * wait until it returns. Must not throw. */
typedef void (*tsr_done_fn)(void* user, tsr_op* op);

/** Asks an operation to end. One that still waits for its turn ends with TSR_E_CANCELLED without waiting any
 *  longer; one that already runs finishes and keeps its result. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_op_cancel(tsr_op* op) TSR_NOEXCEPT;

/** 1 once the result can be taken, else 0; 0 for NULL. It is 1 inside `done`.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_op_ended(const tsr_op* op) TSR_NOEXCEPT;

/** Waits until the operation ended, `done` returned and `user_free` ran. How the operation ended is told by
 *  the function that takes its result.
 *  @param[in]  timeout_ms  0 only looks.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_TIMEOUT, TSR_E_STATE (called on a thread of the library, which would wait for
 *  itself), TSR_E_FORKED  @threads any  @blocks callback  @notincallback  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_op_wait(tsr_op* op, uint32_t timeout_ms, tsr_error** err) TSR_NOEXCEPT;

/** Takes the bytes that an operation made. Like every function that takes a result it returns the status of
 *  the operation itself with its error, and works once.
 *  @param[out] out  What the start's blocking twin gives. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors those of the blocking twin, TSR_E_CANCELLED, TSR_E_STATE (not ended, already taken, or the
 *  operation gives something else), TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_op_buf(tsr_op* op, tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Takes the status of an operation that gives nothing else, such as a close.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_op_void(tsr_op* op, tsr_error** err) TSR_NOEXCEPT;

/** Releases the handle; never waits. An operation that has not ended goes on and still calls `done`; a result
 *  that nobody took is released. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_op_free(tsr_op* op) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
