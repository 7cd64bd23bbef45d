/** @file tessera/http_sse.h  Server-sent events: a stream that a server keeps open.
 *
 *  The stream comes back when its connection breaks and goes on after the last event. Events that nobody
 *  takes stay with the server: it has to wait until there is room.
 *
 *  @code
 *  tsr_http_events *events = NULL;
 *  tsr_http_event *event = NULL;
 *  tsr_http_request request;
 *  tsr_http_request_init(&request, sizeof request);
 *  request.url = TSR_LIT("/updates");
 *  status = tsr_http_events_open(http, &request, TSR_LIT("{}"), &events, &err);
 *  while (status == TSR_OK) {
 *    status = tsr_http_events_next(events, UINT32_MAX, &event, &err);
 *    if (event == NULL) break;  // the end, or an error
 *    show(tsr_http_event_data(event));
 *    tsr_http_event_free(event);
 *  }
 *  tsr_http_events_free(events);
 *  @endcode
 */
#ifndef TESSERA_HTTP_SSE_H
#define TESSERA_HTTP_SSE_H

#include "tessera/http.h"

TSR_BEGIN_DECLS

/** A stream of server-sent events. */
typedef struct tsr_http_events tsr_http_events;

/** One event. Immutable; outlives its stream. */
typedef struct tsr_http_event tsr_http_event;

/** Opens a stream and asks for it at once; whether that works is told by the first call for an event. Of the
 *  request its total time, its limit of the body and its use of the cache do not count.
 *  @param[in]  request  Copied.
 *  @param[in]  config_json  Copied; absent: the defaults. Schema: docs/reference/http-config.md.
 *  @param[out] out  New handle, NULL on failure; keeps the client alive. @owned tsr_http_events_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED, TSR_E_BUSY (no thread can be started),
 *  TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_events_open(tsr_http* http, const tsr_http_request* request,
                                                     tsr_str config_json, tsr_http_events** out,
                                                     tsr_error** err) TSR_NOEXCEPT;

/** Waits for the next event. One call waits at a time. An error that ended the stream comes again with each
 *  call; with TSR_E_TIMEOUT and TSR_E_BUSY it goes on.
 *  @param[in]  timeout_ms  0 only looks; UINT32_MAX: for as long as it takes.
 *  @param[out] out  New handle; NULL on failure and, with TSR_OK, at the end of the stream.
 *  @owned tsr_http_event_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_TIMEOUT (no event came), TSR_E_BUSY (another call waits), TSR_E_CANCELLED (closed
 * meanwhile), TSR_E_STATE (closed, or called on the client's own thread), TSR_E_PROTOCOL (the answer is no
 * event stream), TSR_E_LIMIT (an event is too large), those of a status that another try would not change
 *  (TSR_E_NOT_FOUND, TSR_E_UNAUTHORIZED, TSR_E_PERMISSION ...; detail {"status"}), those of
 *  tsr_http_send(), TSR_E_ARG, TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_events_next(tsr_http_events* events, uint32_t timeout_ms,
                                                     tsr_http_event** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_http_events_next() without a limit of time; see op.h. Gives its event to tsr_op_http_event().
 *  It occupies no thread. tsr_op_cancel() ends it while no event is there; the stream goes on.
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_BUSY (another call waits), TSR_E_FORKED, TSR_E_NO_MEMORY
 *  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_events_next_async(tsr_http_events* events, tsr_done_fn done,
                                                           void* user, void (*user_free)(void*), tsr_op** out,
                                                           tsr_error** err) TSR_NOEXCEPT;

/** Takes the event that an operation got; see tsr_op_buf().
 *  @param[out] out  New handle; NULL on failure and, with TSR_OK, at the end of the stream.
 *  @owned tsr_http_event_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_op_http_event(tsr_op* op, tsr_http_event** out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Ends the stream, and a call that waits with TSR_E_CANCELLED; drops events that nobody took. Calling it
 *  again is fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_events_close(tsr_http_events* events, tsr_error** err) TSR_NOEXCEPT;

/** Closes the stream and releases the handle. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_events_free(tsr_http_events* events) TSR_NOEXCEPT;

/** The last id that the server gave, with this event or before it: to open a later stream with as
 *  "last_event_id". Absent when it gave none. Valid until tsr_http_event_free().
 *  @threads any  @since 1.2 */
TSR_API tsr_str tsr_http_event_id(const tsr_http_event* event) TSR_NOEXCEPT;

/** "message" unless the server says otherwise. Valid until tsr_http_event_free().
 *  @threads any  @since 1.2 */
TSR_API tsr_str tsr_http_event_type(const tsr_http_event* event) TSR_NOEXCEPT;

/** What it says: UTF-8, lines separated by "\n". Valid until tsr_http_event_free().
 *  @threads any  @since 1.2 */
TSR_API tsr_str tsr_http_event_data(const tsr_http_event* event) TSR_NOEXCEPT;

/** For how long the server wants its clients to wait before they come back, as it said last; -1 when it did
 *  not, and for NULL. The stream keeps to it by itself.
 *  @threads any  @since 1.2 */
TSR_API int64_t tsr_http_event_retry_ms(const tsr_http_event* event) TSR_NOEXCEPT;

/** Releases an event. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_event_free(tsr_http_event* event) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
