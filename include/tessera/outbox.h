/** @file tessera/outbox.h  Requests that survive: a durable queue inside the store, delivered at least once
 * by who leases them.
 *
 *  @code
 *  tsr_outbox_item item;
 *  tsr_outbox_item_init(&item, sizeof item);
 *  item.topic = TSR_LIT("sales");
 *  item.url = TSR_LIT("https://api.example.com/sales");
 *  status = tsr_outbox_enqueue(store, &item, NULL, &err);
 *  @endcode
 */
#ifndef TESSERA_OUTBOX_H
#define TESSERA_OUTBOX_H

#include "tessera/store.h"

TSR_BEGIN_DECLS

/** Where an item stands. */
enum { TSR_OUTBOX_PENDING = 0, TSR_OUTBOX_LEASED = 1, TSR_OUTBOX_AMBIGUOUS = 2, TSR_OUTBOX_DEAD = 3 };

/** For tsr_outbox_fail(): it would fail again. */
enum { TSR_OUTBOX_PERMANENT = 1 };

/** A request to keep. Start from tsr_outbox_item_init(); new fields only ever join at the end. */
typedef struct tsr_outbox_item {
  uint32_t struct_size;    /**< sizeof(tsr_outbox_item) as the caller compiled it. */
  int32_t priority;        /**< Higher goes first, and is dropped last. */
  tsr_str topic;           /**< The application's name for the kind of work; not empty. */
  tsr_str method;          /**< "POST" when absent. */
  tsr_str url;             /**< Not empty, and without a user's name or password: those are ARG. */
  tsr_str headers_json;    /**< {"name": "value"} without credentials, or absent. */
  tsr_str ordering_key;    /**< Items of one key go one after another, whatever their topics; absent: in any
                              order. */
  tsr_str idempotency_key; /**< Absent: a new UUID. */
  const void* body;        /**< May be NULL. */
  size_t body_len;         /**< Bytes. */
  int64_t not_before_ms;   /**< Unix time before which it is not due; 0: at once. */
} tsr_outbox_item;

/** Fills `item` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.1 */
TSR_API void tsr_outbox_item_init(tsr_outbox_item* item, uint32_t struct_size) TSR_NOEXCEPT;

/** Keeps a request; it survives a power cut once this returns. A full outbox drops the item of the lowest
 * priority, the oldest first, and counts it.
 *  @param[out] out  Its id; may be NULL. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_enqueue(tsr_store* store, const tsr_outbox_item* item,
                                                   tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_enqueue() in the background; see op.h. Gives its id to tsr_op_buf().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_enqueue_async(tsr_store* store, const tsr_outbox_item* item,
                                                         tsr_done_fn done, void* user,
                                                         void (*user_free)(void*), tsr_op** out,
                                                         tsr_error** err) TSR_NOEXCEPT;

/** As tsr_outbox_enqueue(), inside the application's transaction.
 *  @param[out] out  Its id; may be NULL. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads
 * one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_enqueue(tsr_tx* tx, const tsr_outbox_item* item, tsr_buf* out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_enqueue() in the background; see op.h. Gives its id to tsr_op_buf().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_enqueue_async(tsr_tx* tx, const tsr_outbox_item* item,
                                                     tsr_done_fn done, void* user, void (*user_free)(void*),
                                                     tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Takes items that are due for delivery; for 60 s (configurable) nobody else gets them. Of an ordering key
 * only the oldest item is given.
 *  @param[in]  topic  Absent or empty: every topic.
 *  @param[out] out  Rows (id, topic, method, url, headers_json, body, ordering_key, idempotency_key,
 * priority, state, attempts, created_ms, not_before_ms, lease_until_ms, last_error). @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_lease(tsr_store* store, tsr_str topic, size_t max_items,
                                                 tsr_rowset** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_lease() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_lease_async(tsr_store* store, tsr_str topic, size_t max_items,
                                                       tsr_done_fn done, void* user, void (*user_free)(void*),
                                                       tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** The item was delivered; it goes.
 *  @param[in]  attempt  `attempts` of the row that was leased.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_NOT_FOUND;
 * TSR_E_STATE also when the lease ended and another has it  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_complete(tsr_store* store, tsr_str id, int64_t attempt,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_complete() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_complete_async(tsr_store* store, tsr_str id, int64_t attempt,
                                                          tsr_done_fn done, void* user,
                                                          void (*user_free)(void*), tsr_op** out,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** The item was not delivered. It is tried again after a growing, random time, or goes to the dead letters.
 *  @param[in]  flags  TSR_OUTBOX_PERMANENT.
 *  @param[in]  retry_after_ms  When the receiver said when; else 0.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_NOT_FOUND
 * @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_fail(tsr_store* store, tsr_str id, int64_t attempt, tsr_str reason,
                                                uint32_t flags, int64_t retry_after_ms,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_fail() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_fail_async(tsr_store* store, tsr_str id, int64_t attempt,
                                                      tsr_str reason, uint32_t flags, int64_t retry_after_ms,
                                                      tsr_done_fn done, void* user, void (*user_free)(void*),
                                                      tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Keeps a lease longer.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_NOT_FOUND
 * @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_extend(tsr_store* store, tsr_str id, int64_t attempt,
                                                  int64_t lease_ms, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_extend() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_extend_async(tsr_store* store, tsr_str id, int64_t attempt,
                                                        int64_t lease_ms, tsr_done_fn done, void* user,
                                                        void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Makes a dead or ambiguous item due again.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_NOT_FOUND
 * @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_retry(tsr_store* store, tsr_str id, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_retry() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_retry_async(tsr_store* store, tsr_str id, tsr_done_fn done,
                                                       void* user, void (*user_free)(void*), tsr_op** out,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Removes an item in any state.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_NOT_FOUND
 * @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_remove(tsr_store* store, tsr_str id, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_remove() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_remove_async(tsr_store* store, tsr_str id, tsr_done_fn done,
                                                        void* user, void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Consent was revoked: removes every item of a topic.
 *  @param[out] count_out  How many; may be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_revoke(tsr_store* store, tsr_str topic, int64_t* count_out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_revoke() in the background; see op.h. Ends with tsr_op_changes().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_revoke_async(tsr_store* store, tsr_str topic, tsr_done_fn done,
                                                        void* user, void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Items in one state, oldest first.
 *  @param[in]  state  TSR_OUTBOX_*, or -1 for all.
 *  @param[out] out  Rows (id, topic, method, url, headers_json, body, ordering_key, idempotency_key,
 * priority, state, attempts, created_ms, not_before_ms, lease_until_ms, last_error). @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_list(tsr_store* store, int32_t state, size_t max_items,
                                                tsr_rowset** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_list() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_list_async(tsr_store* store, int32_t state, size_t max_items,
                                                      tsr_done_fn done, void* user, void (*user_free)(void*),
                                                      tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Depth and counters.
 *  @param[out] out  One row (pending, leased, ambiguous, dead, bytes, delivered, dropped_full, dropped_age,
 * dropped_revoked, next_due_ms); the last is NULL when nothing waits. @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_LIMIT, TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_counts(tsr_store* store, tsr_rowset** out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_outbox_counts() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_outbox_counts_async(tsr_store* store, tsr_done_fn done, void* user,
                                                        void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
