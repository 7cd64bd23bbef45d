/** @file tessera/http_hooks.h  What an application sees of a client at work, and may add to it.
 *
 *  @code
 *  static tsr_status sign(void *user, tsr_http_attempt *attempt) {
 *    return tsr_http_attempt_set_header(attempt, TSR_LIT("X-Signature"), signature_of(user, attempt), NULL);
 *  }
 *  tsr_sub *signer = NULL;
 *  tsr_http_on_attempt(http, sign, NULL, TSR_HTTP_SIGNER, &key, NULL, &signer, &err);
 *  @endcode
 */
#ifndef TESSERA_HTTP_HOOKS_H
#define TESSERA_HTTP_HOOKS_H

#include "tessera/http.h"

TSR_BEGIN_DECLS

/** One attempt of a request that is about to be sent, with all fields but those that the library writes last
 *  (Host, Content-Length, Accept, Accept-Encoding). Valid during the call that gets it. */
typedef struct tsr_http_attempt tsr_http_attempt;

/** The head of a response, also of one that the caller does not get, as when the request is sent again. Its
 *  layout is frozen. Borrowed for the call. */
typedef struct tsr_http_head {
  tsr_str method;          /**< Of the request. */
  tsr_str url;             /**< Of the request. */
  const tsr_pair* headers; /**< NULL when there is none. */
  size_t header_count;     /**< How many. */
  int32_t attempt;         /**< 1: the first of its request. */
  int32_t status;          /**< Such as 200. */
} tsr_http_head;

/** Called before each attempt, on the client's own thread, which does all of its I/O: what takes long belongs
 *  elsewhere. A request with credentials has them by then when TSR_HTTP_SIGNER is set.
 *  @return Not TSR_OK: nothing is sent, and the request ends with TSR_E_CALLBACK. */
typedef tsr_status (*tsr_http_before_fn)(void* user, tsr_http_attempt* attempt);

/** Called with each head that comes, on the client's own thread. */
typedef void (*tsr_http_after_fn)(void* user, const tsr_http_head* head);

/** For tsr_http_on_attempt(). */
enum {
  TSR_HTTP_SIGNER = 1 /**< After everybody else: it sees what is sent. */
};

/** What changed for a client. */
enum {
  TSR_HTTP_CONNECTIVITY = 0, /**< "online", "offline", "captive". */
  TSR_HTTP_BREAKER = 1,      /**< Of an origin: "closed", "open" (until when), "half_open". */
  TSR_HTTP_LIMITER =
      2, /**< The server's word for an origin: "throttled", "background_throttled" (until when). */
  TSR_HTTP_QUEUE = 3, /**< Requests under way, at a mark of "queue_marks": "above", "below" half of it. */
  TSR_HTTP_AUTH = 4,  /**< "reauthorise". */
  TSR_HTTP_PROXY = 5  /**< Of a proxy: "bad" (until when), "good". */
};

/** One change. Its layout is frozen. Borrowed for the call. */
typedef struct tsr_http_event_info {
  int32_t kind;     /**< TSR_HTTP_CONNECTIVITY ...; later versions may have more. */
  int32_t reserved; /**< 0. */
  tsr_str subject;  /**< An origin, or a proxy's URL without credentials; empty: the client as a whole. */
  tsr_str state;    /**< See the kinds. */
  int64_t until_ms; /**< Since the Unix epoch; 0: none. */
  int64_t mark;     /**< Of TSR_HTTP_QUEUE, else 0. */
} tsr_http_event_info;

/** Called with each change, in order, on a thread of the library that does no I/O: it may call any function,
 *  also those that wait. Changes that wait behind one that takes long are kept up to 1024, then the oldest
 *  are lost. */
typedef void (*tsr_http_event_fn)(void* user, const tsr_http_event_info* event);

/** Registers functions that see every attempt of every request, and may add header fields to it. Several are
 *  called in the order of their registration. tsr_sub_free() ends it; see tsr_license_on_log().
 *  @param[in]  before  May be NULL when `after` is not.
 *  @param[in]  after  May be NULL when `before` is not.
 *  @param[in]  flags  TSR_HTTP_SIGNER or 0.
 *  @param[in]  user_free  Called once with `user`, also on failure; may be NULL.
 *  @param[out] out  Registration; keeps the client alive. @owned tsr_sub_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_on_attempt(tsr_http* http, tsr_http_before_fn before,
                                                    tsr_http_after_fn after, uint32_t flags, void* user,
                                                    void (*user_free)(void*), tsr_sub** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Method of the attempt; absent for NULL.
 *  @threads the client's own  @since 1.2 */
TSR_API tsr_str tsr_http_attempt_method(const tsr_http_attempt* attempt) TSR_NOEXCEPT;

/** Absolute URL of the attempt; absent for NULL.
 *  @threads the client's own  @since 1.2 */
TSR_API tsr_str tsr_http_attempt_url(const tsr_http_attempt* attempt) TSR_NOEXCEPT;

/** 1 for the first attempt of a request, redirects included; 0 for NULL.
 *  @threads the client's own  @since 1.2 */
TSR_API int32_t tsr_http_attempt_number(const tsr_http_attempt* attempt) TSR_NOEXCEPT;

/** Value of the first header field of that name, whatever its case; absent when there is none. Valid until a
 *  field is changed.
 *  @threads the client's own  @since 1.2 */
TSR_API tsr_str tsr_http_attempt_header(const tsr_http_attempt* attempt, tsr_str name) TSR_NOEXCEPT;

/** Every header field in its order; NULL when there is none. Valid until a field is changed or this is called
 *  again.
 *  @param[out] count_out  How many; may be NULL.
 *  @threads the client's own  @since 1.2 */
TSR_API const tsr_pair* tsr_http_attempt_headers(tsr_http_attempt* attempt, size_t* count_out) TSR_NOEXCEPT;

/** The bytes that are sent, perhaps none.
 *  @param[out] data_out  NULL when there are none; may be NULL.
 *  @param[out] len_out  Bytes; may be NULL.
 *  @return 1; 0 when they are not known yet, as those of a file.
 *  @threads the client's own  @since 1.2 */
TSR_API int32_t tsr_http_attempt_body(const tsr_http_attempt* attempt, const uint8_t** data_out,
                                      size_t* len_out) TSR_NOEXCEPT;

/** Sets a header field of this attempt, instead of all of that name.
 *  @param[in]  value  May be empty.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (also a name or value that can't be sent), TSR_E_NO_MEMORY  @threads the client's own
 *  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_attempt_set_header(tsr_http_attempt* attempt, tsr_str name,
                                                            tsr_str value, tsr_error** err) TSR_NOEXCEPT;

/** Removes the header fields of that name from this attempt; none is fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_NO_MEMORY  @threads the client's own  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_attempt_remove_header(tsr_http_attempt* attempt, tsr_str name,
                                                               tsr_error** err) TSR_NOEXCEPT;

/** Registers a function that is told what changes. tsr_sub_free() ends it; see tsr_license_on_log().
 *  @param[in]  user_free  Called once with `user`, also on failure; may be NULL.
 *  @param[out] out  Registration; keeps the client alive. @owned tsr_sub_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_on_event(tsr_http* http, tsr_http_event_fn fn, void* user,
                                                  void (*user_free)(void*), tsr_sub** out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** How the client stands: {"connectivity": text, "hosts": [{"host", "breaker": {"state", "trips",
 *  "retry_at_ms"}, "budget", "pending", "in_flight"}], "proxies": [{"url", "state", "retry_at_ms"}],
 *  "in_flight", "queued"}. "retry_at_ms" is there only where something rests. Waits for what the client's own
 *  thread does just then.
 *  @param[out] out  JSON. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @blocks callback
 *  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_state(tsr_http* http, tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Closes breakers and forgets what they counted: for who knows that the host is back.
 *  @param[in]  host  A name, or an origin such as "https://api.example.com:8443"; absent: every one.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_http_state()  @threads any  @blocks callback  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_reset_breaker(tsr_http* http, tsr_str host,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** For when the system says that the machine has another network: requests may try at once, also those of
 *  open breakers where "probe_on_network_change" is set.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_http_state()  @threads any  @blocks callback  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_network_changed(tsr_http* http, tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
