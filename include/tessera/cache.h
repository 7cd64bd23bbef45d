/** @file tessera/cache.h  Answers kept for a time, inside the store: spaces with a byte budget, least
 * recently used goes first.
 *
 *  @code
 *  status = tsr_cache_put(store, TSR_LIT("products"), TSR_LIT("42"), body, body_len, 60 * 60 * 1000, 0,
 * &err);
 *  @endcode
 */
#ifndef TESSERA_CACHE_H
#define TESSERA_CACHE_H

#include "tessera/store.h"

TSR_BEGIN_DECLS

/** For tsr_cache_put(): the key is known to have no value. */
enum { TSR_CACHE_NEGATIVE = 1 };

/** The answer of a loader. */
typedef struct tsr_loaded tsr_loaded;

/** Finds the value of a key that the cache lacks, and gives it by tsr_loaded_set().
 *  @threads the thread that asked. May use the store, but not ask for its own key (TSR_E_STATE). Any status
 * but TSR_OK becomes TSR_E_CALLBACK for everybody who waits. */
typedef tsr_status (*tsr_load_fn)(void* user, tsr_str key, tsr_loaded* loaded);

/** Keeps an answer for `ttl_ms`, 10 % more or less, or until the space's budget drops the least recently used
 * ones.
 *  @param[in]  space  Name of a part with its own budget.
 *  @param[in]  flags  TSR_CACHE_*.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_put(tsr_store* store, tsr_str space, tsr_str key, const void* data,
                                              size_t len, int64_t ttl_ms, uint32_t flags,
                                              tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_cache_put() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_put_async(tsr_store* store, tsr_str space, tsr_str key,
                                                    const void* data, size_t len, int64_t ttl_ms,
                                                    uint32_t flags, tsr_done_fn done, void* user,
                                                    void (*user_free)(void*), tsr_op** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Reads an answer that has not expired.
 *  @param[out] out  One row (value, negative, expires_in_ms). @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_NOT_FOUND (an outcome: no tsr_error is made), TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_FORKED
 * @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_get(tsr_store* store, tsr_str space, tsr_str key, tsr_rowset** out,
                                              tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_cache_get() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_get_async(tsr_store* store, tsr_str space, tsr_str key,
                                                    tsr_done_fn done, void* user, void (*user_free)(void*),
                                                    tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Reads an answer, or has it loaded: once for all that ask for the key meanwhile, who wait up to
 * `timeout_ms`.
 *  @param[out] out  As tsr_cache_get(). @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_CALLBACK, TSR_E_TIMEOUT, and as tsr_cache_put()  @threads any  @blocks callback  @since 1.1
 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_load(tsr_store* store, tsr_str space, tsr_str key, tsr_load_fn load,
                                               void* user, uint32_t timeout_ms, tsr_rowset** out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Gives a loader's answer; `flags` as for tsr_cache_put().
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads the loader's  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_loaded_set(tsr_loaded* loaded, const void* data, size_t len,
                                               int64_t ttl_ms, uint32_t flags, tsr_error** err) TSR_NOEXCEPT;

/** Forgets an answer; one that is not there is fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_remove(tsr_store* store, tsr_str space, tsr_str key,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_cache_remove() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_remove_async(tsr_store* store, tsr_str space, tsr_str key,
                                                       tsr_done_fn done, void* user, void (*user_free)(void*),
                                                       tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Forgets every answer of a space.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_clear(tsr_store* store, tsr_str space,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_cache_clear() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_clear_async(tsr_store* store, tsr_str space, tsr_done_fn done,
                                                      void* user, void (*user_free)(void*), tsr_op** out,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Counters of a space since the store was opened, and its size.
 *  @param[out] out  One row (rows, bytes, hits, misses, evicted, expired, loads, joined_loads). @owned
 * tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_stats(tsr_store* store, tsr_str space, tsr_rowset** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_cache_stats() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_cache_stats_async(tsr_store* store, tsr_str space, tsr_done_fn done,
                                                      void* user, void (*user_free)(void*), tsr_op** out,
                                                      tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
