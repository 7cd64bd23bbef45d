/** @file tessera/delivery.h  Sends what a store's outbox holds through an API client: at least once, each
 *  request under its idempotency key, those of an ordering key one after another.
 *
 *  @code
 *  tsr_delivery *delivery = NULL;
 *  status = tsr_delivery_start(store, http, NULL, NULL, NULL, NULL, &delivery, &err);
 *  ...
 *  status = tsr_delivery_stop(delivery, 5000, &err);
 *  tsr_delivery_free(delivery);
 *  @endcode
 *
 *  An answer of 2xx ends an item. One that would fail again (4xx) is a dead letter, listed by
 *  tsr_outbox_list(); the others come back later. While the machine is offline, a host is away or the account
 *  has to be authorised, nothing is lost and no attempt is used up. Credentials are the client's, added when
 * a request goes out. One delivery for one outbox: two share its items, and neither's events tell of all.
 */
#ifndef TESSERA_DELIVERY_H
#define TESSERA_DELIVERY_H

#include "tessera/http.h"
#include "tessera/op.h"
#include "tessera/outbox.h"
#include "tessera/store.h"
#include "tessera/types.h"

TSR_BEGIN_DECLS

/** The delivery of one store's outbox. */
typedef struct tsr_delivery tsr_delivery;

/** What happened. */
enum {
  TSR_DELIVERY_DELIVERED = 0, /**< `id` and `topic` say which. */
  TSR_DELIVERY_DEAD = 1,      /**< It went to the dead letters: `id`, `topic`, and `text` says why. */
  TSR_DELIVERY_AMBIGUOUS = 2, /**< More are too old for the server to know that it saw them: `ambiguous`. */
  TSR_DELIVERY_PAUSED = 3,    /**< Nothing is sent to `host`, of `topic`, or at all: `reason`, `text`. */
  TSR_DELIVERY_RESUMED = 4,   /**< That is over. */
  TSR_DELIVERY_DEPTH = 5      /**< The counters changed. */
};

/** Why nothing, or not everything, is sent. */
enum {
  TSR_DELIVERY_OFFLINE = 0,      /**< The machine reaches no network. */
  TSR_DELIVERY_UNAVAILABLE = 1,  /**< The host's breaker is open, or it said when to come again. */
  TSR_DELIVERY_UNAUTHORIZED = 2, /**< The account has to be authorised again. */
  TSR_DELIVERY_BUSY = 3,         /**< The client has too much to do. */
  TSR_DELIVERY_CLOSED = 4,       /**< The client is closed. */
  TSR_DELIVERY_STORE = 5,        /**< The store can't be read or written. */
  TSR_DELIVERY_CONSENT = 6       /**< The user has not agreed to the topic. */
};

/** Something happened. Its layout is frozen. Borrowed for the call. */
typedef struct tsr_delivery_event {
  int32_t kind;      /**< TSR_DELIVERY_DELIVERED ... */
  int32_t reason;    /**< Of a pause: TSR_DELIVERY_OFFLINE ... */
  tsr_str id;        /**< Or empty, as the next ones. */
  tsr_str topic;     /**< The application's name. */
  tsr_str host;      /**< "https://api.example.com/"; of a pause without one: all. */
  tsr_str text;      /**< For people, without secrets. */
  int64_t pending;   /**< Items that wait; this and the next ones of AMBIGUOUS and DEPTH, else 0. */
  int64_t leased;    /**< Under way. */
  int64_t ambiguous; /**< In doubt. */
  int64_t dead;      /**< Dead letters. */
} tsr_delivery_event;

/** Hears of events, one at a time, on the delivery's own thread, which sends nothing meanwhile. It may call
 *  everything but tsr_delivery_stop(), and must not throw. */
typedef void (*tsr_delivery_fn)(void* user, const tsr_delivery_event* event);

/** Options of tsr_delivery_start(). Start from tsr_delivery_opts_init(); new fields only ever join at the
 *  end. */
typedef struct tsr_delivery_opts {
  uint32_t struct_size; /**< sizeof(tsr_delivery_opts) as the caller compiled it. */
  uint32_t concurrency; /**< Requests at once, 1 to 64; 0: 4. */
  int64_t lease_ms;     /**< A lease is extended by this while its request is under way, 1 s to 24 h;
                           0: 60 s. */
  int64_t spacing_ms;   /**< Between requests after a pause; 0: 100 ms; -1: none. */
  const tsr_str*
      consent_topics;         /**< Nothing of them is sent before tsr_delivery_set_consent(); may be NULL. */
  size_t consent_topic_count; /**< How many. */
} tsr_delivery_opts;

/** Fills `opts` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_delivery_opts_init(tsr_delivery_opts* opts, uint32_t struct_size) TSR_NOEXCEPT;

/** Sends from now on, on a thread of its own. The delivery keeps the store and the client; closed, they pause
 *  it.
 *  @param[in]  store  Not with a tenant.
 *  @param[in]  opts  May be NULL.
 *  @param[in]  on_event  May be NULL.
 *  @param[in]  user_free  Called once, when `on_event` will not run any more, or this fails; may be NULL.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_delivery_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (the store is closed), TSR_E_BUSY (no thread can be started), TSR_E_FORKED,
 *  TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_delivery_start(tsr_store* store, tsr_http* http,
                                                   const tsr_delivery_opts* opts, tsr_delivery_fn on_event,
                                                   void* user, void (*user_free)(void*), tsr_delivery** out,
                                                   tsr_error** err) TSR_NOEXCEPT;

/** Looks whether something became due. What this process adds to the outbox is noticed without it.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_delivery_poke(tsr_delivery* delivery, tsr_error** err) TSR_NOEXCEPT;

/** The network may be back: pauses that wait for a time to pass end now.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_delivery_retry_now(tsr_delivery* delivery, tsr_error** err) TSR_NOEXCEPT;

/** What the user agreed to, of any topic; it is not kept over a restart. Withdrawn, every item of the topic
 * is removed and what is under way is cancelled. Agreed to again, what came in between is removed as well.
 *  @param[in]  granted  0: no; else yes.
 *  @param[out] removed_out  How many items; may be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (the store is closed), TSR_E_IO, TSR_E_DISK_FULL, TSR_E_FORKED
 *  @threads any  @blocks disk  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_delivery_set_consent(tsr_delivery* delivery, tsr_str topic,
                                                         int32_t granted, int64_t* removed_out,
                                                         tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_delivery_set_consent() in the background; see op.h. Ends with tsr_op_changes().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_delivery_set_consent_async(tsr_delivery* delivery, tsr_str topic,
                                                               int32_t granted, tsr_done_fn done, void* user,
                                                               void (*user_free)(void*), tsr_op** out,
                                                               tsr_error** err) TSR_NOEXCEPT;

/** Sends nothing more and lets what is under way end within `timeout_ms`, then cancels it; that stays in the
 *  outbox. Calling it again is fine. Close the client and the store after it.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_TIMEOUT (some were cancelled), TSR_E_STATE (called inside an event, or on the
 *  client's own thread), TSR_E_FORKED  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_delivery_stop(tsr_delivery* delivery, uint32_t timeout_ms,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_delivery_stop() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_delivery_stop_async(tsr_delivery* delivery, uint32_t timeout_ms,
                                                        tsr_done_fn done, void* user,
                                                        void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Stops at once, as tsr_delivery_stop() with 0 does, and releases the handle. NULL is fine. In a callback of
 *  the library, its own event too, it does not wait: the delivery ends soon afterwards, and an event may
 * still come until `user_free` is called. So does an operation that still runs: it keeps the delivery.
 *  @threads any  @blocks network  @since 1.2 */
TSR_API void tsr_delivery_free(tsr_delivery* delivery) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
