/** @file tessera/http.h  The API client: requests that survive bad networks.
 *
 *  One client per backend, for the life of the application: it keeps connections, counts failures, caches and
 *  retries. It has one thread for all its I/O, started by the first request.
 *
 *  @code
 *  tsr_http *http = NULL;
 *  tsr_http_response *response = NULL;
 *  tsr_http_request request;
 *  tsr_http_request_init(&request, sizeof request);
 *  request.url = TSR_LIT("/products");
 *  if (tsr_http_open(TSR_LIT("{\"base_url\":\"https://api.example.com\"}"), NULL, &http, &err) == TSR_OK &&
 *      tsr_http_send(http, &request, &response, &err) == TSR_OK)
 *    printf("%d\n", tsr_http_response_status(response));
 *  tsr_http_response_free(response);
 *  tsr_http_free(http);
 *  @endcode
 *
 *  An answer of the server is a response, also 404 and 500; an error means that there is none: TSR_E_NETWORK
 *  (nothing came), TSR_E_TIMEOUT, TSR_E_UNTRUSTED (certificate or pin), TSR_E_PROTOCOL (what came was wrong),
 *  TSR_E_UNAVAILABLE (the breaker is open, the machine offline, or the server said when to come back),
 *  TSR_E_UNAUTHORIZED (the account has to be authorised again), TSR_E_LIMIT (too large), TSR_E_BUSY (too many
 *  wait: {"reason": "QUEUE_FULL", "pending"}).
 *  tsr_error_detail() has what is known: {"attempts", "failure", "retry_after_ms", ...}.
 */
#ifndef TESSERA_HTTP_H
#define TESSERA_HTTP_H

#include "tessera/app.h"
#include "tessera/log.h"
#include "tessera/op.h"
#include "tessera/store.h"
#include "tessera/types.h"

TSR_BEGIN_DECLS

/** An API client. */
typedef struct tsr_http tsr_http;

/** What a request got. Immutable; outlives its client. */
typedef struct tsr_http_response tsr_http_response;

/** A body that is written while it is sent; see http_stream.h. */
typedef struct tsr_http_upload tsr_http_upload;

/** A form whose files are read while it is sent; see http_stream.h. */
typedef struct tsr_http_form tsr_http_form;

/** A name with a value: a header field, or a parameter of a query. Its layout is frozen. Borrowed. */
typedef struct tsr_pair {
  tsr_str name;  /**< Not empty. */
  tsr_str value; /**< May be empty. */
} tsr_pair;

/** A secret that a configuration needs. Its layout is frozen. Borrowed for the call. */
typedef struct tsr_http_secret {
  tsr_str name; /**< "private_key", "private_key:<match>" (PEM) or "proxy:<host>:<port>" ("user:password"). */
  const void* data; /**< Its bytes. */
  size_t len;       /**< Not 0. */
} tsr_http_secret;

/** Options of tsr_http_open(). Start from tsr_http_opts_init(); new fields only ever join at the end. */
typedef struct tsr_http_opts {
  uint32_t struct_size;           /**< sizeof(tsr_http_opts) as the caller compiled it. */
  uint32_t flags;                 /**< 0. */
  const tsr_http_secret* secrets; /**< May be NULL. */
  size_t secret_count;            /**< How many. */
  tsr_store* store;               /**< Keeps responses and what the breakers learnt over a restart, encrypted;
                                     NULL: the client's memory. Not with a tenant. The client keeps it. */
} tsr_http_opts;

/** For tsr_http_request. */
enum {
  TSR_HTTP_BACKGROUND = 1,   /**< Nobody waits: it goes behind requests for which somebody does. */
  TSR_HTTP_SKIP_BREAKER = 2, /**< Sent although the breaker is open. */
  TSR_HTTP_SKIP_AUTH = 4,    /**< Without the client's credentials. */
  TSR_HTTP_TRACE = 8         /**< Collects what each policy did; see tsr_http_response_trace(). */
};

/** How a request uses the cache. */
enum {
  TSR_HTTP_CACHE_DEFAULT = 0,       /**< As RFC 9111 has it. */
  TSR_HTTP_CACHE_NO_STORE = 1,      /**< Neither read nor kept. */
  TSR_HTTP_CACHE_REFRESH = 2,       /**< Asked for again, and kept. */
  TSR_HTTP_CACHE_ONLY_IF_CACHED = 3 /**< Never asked for: 504 when it is not there. */
};

/** A request. Start from tsr_http_request_init(); new fields only ever join at the end. Copied by what takes
 *  it. */
typedef struct tsr_http_request {
  uint32_t struct_size;    /**< sizeof(tsr_http_request) as the caller compiled it. */
  uint32_t flags;          /**< TSR_HTTP_*. */
  tsr_str method;          /**< "GET" when absent. */
  tsr_str url;             /**< Absolute, or below the client's base URL. */
  const tsr_pair* query;   /**< Joins the URL's query, percent-encoded; may be NULL. */
  size_t query_count;      /**< How many. */
  const tsr_pair* headers; /**< Instead of the client's own of that name; may be NULL. */
  size_t header_count;     /**< How many. */
  const void* body;        /**< May be NULL. */
  size_t body_len;         /**< Bytes. */
  int64_t total_ms;        /**< Until it fails for good, retries included; 0: as configured. */
  int64_t attempt_ms;      /**< For each attempt; 0: as configured. */
  int64_t max_body_bytes;  /**< Of the response, decoded; 0: as configured. */
  int64_t max_age_s;    /**< No older response from the cache ("Cache-Control: max-age"); 0: any fresh one. */
  int32_t max_attempts; /**< 0: as configured. */
  int32_t max_redirects;   /**< 0: as configured; -1: none is followed. */
  int32_t cache;           /**< TSR_HTTP_CACHE_*. */
  int32_t reserved;        /**< 0. */
  tsr_str idempotency_key; /**< Makes any method safe to repeat, if the server knows such keys; or absent. */
  tsr_str cache_partition; /**< Whose responses these are, such as an account; or absent. */
  const tsr_http_upload* upload; /**< Instead of a body, of this request only; or NULL. */
  const tsr_http_form* form;     /**< Instead of both, as it is now; or NULL. */
} tsr_http_request;

/** What one policy did with a request. Its layout is frozen. */
typedef struct tsr_http_trace {
  int64_t at_us; /**< Microseconds since the request began. */
  tsr_str stage; /**< "cache", "breaker", "limiter", "attempt", "retry", "redirect", "auth". */
  tsr_str text;  /**< For people. */
} tsr_http_trace;

/** An error that the server describes (RFC 9457). Its layout is frozen. */
typedef struct tsr_http_problem {
  tsr_str type;            /**< "about:blank" when it has none. */
  tsr_str title;           /**< Or absent, as the next ones. */
  tsr_str detail;          /**< Of this occurrence. */
  tsr_str instance;        /**< URI of this occurrence. */
  tsr_str extensions_json; /**< An object of the other members. */
  int32_t status;          /**< 0 when it has none. */
  int32_t reserved;        /**< 0. */
} tsr_http_problem;

/** When something had happened in the last attempt, for tsr_http_response_time_us(). */
enum {
  TSR_HTTP_RESOLVED = 0,   /**< The name had an address. */
  TSR_HTTP_CONNECTED = 1,  /**< The connection stood. */
  TSR_HTTP_SECURED = 2,    /**< So did TLS. */
  TSR_HTTP_SENT = 3,       /**< The request's head had been sent. */
  TSR_HTTP_FIRST_BYTE = 4, /**< The response began. */
  TSR_HTTP_ENDED = 5       /**< It was complete. */
};

/** For tsr_http_metrics(). */
enum { TSR_HTTP_METRICS_JSON = 0, TSR_HTTP_METRICS_PROMETHEUS = 1 };

/** Fills `opts` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_opts_init(tsr_http_opts* opts, uint32_t struct_size) TSR_NOEXCEPT;

/** Fills `request` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_request_init(tsr_http_request* request, uint32_t struct_size) TSR_NOEXCEPT;

/** Makes a client. No network, no thread.
 *  @param[in]  config_json  Copied; absent: the defaults. Schema: docs/reference/http-config.md.
 *  @param[in]  opts  May be NULL.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_http_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE and TSR_E_IO (of the store), TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any
 *  @blocks disk  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_open(tsr_str config_json, const tsr_http_opts* opts, tsr_http** out,
                                              tsr_error** err) TSR_NOEXCEPT;

/** The application's client, as "http" and "gateway" of its configuration have it: made by the first call,
 *  shared by the next ones, which need no secrets. Closed with the application. While the application's store
 *  is open, responses are kept there and breakers remembered there, also when it is opened later; but only
 *  what it has when the client is made tells the breakers how they begin.
 *  @param[in]  opts  May be NULL; its store is NULL.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_http_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @blocks disk
 *  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_app_http(tsr_app* app, const tsr_http_opts* opts, tsr_http** out,
                                             tsr_error** err) TSR_NOEXCEPT;

/** Sends a request and waits for its response.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_http_response_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed, or called on the client's own thread), TSR_E_NETWORK,
 * TSR_E_TIMEOUT, TSR_E_UNTRUSTED, TSR_E_PROTOCOL, TSR_E_UNAVAILABLE, TSR_E_UNAUTHORIZED, TSR_E_LIMIT,
 * TSR_E_CALLBACK, TSR_E_BUSY (too many wait, or no thread can be started), TSR_E_FORKED, TSR_E_NO_MEMORY
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_send(tsr_http* http, const tsr_http_request* request,
                                              tsr_http_response** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_http_send(); see op.h. Gives its response to tsr_op_http_response(). Requests run beside each
 *  other, as many as their hosts have connections, and occupy no thread. `done` is called on the client's own
 *  thread, on which all of its I/O waits meanwhile. tsr_op_cancel() ends it also while it runs.
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 *  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_send_async(tsr_http* http, const tsr_http_request* request,
                                                    tsr_done_fn done, void* user, void (*user_free)(void*),
                                                    tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Takes the response that an operation got; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_http_response_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_op_http_response(tsr_op* op, tsr_http_response** out,
                                                     tsr_error** err) TSR_NOEXCEPT;

/** Status code, such as 200; 0 for NULL.
 *  @threads any  @since 1.2 */
TSR_API int32_t tsr_http_response_status(const tsr_http_response* response) TSR_NOEXCEPT;

/** The body, decoded; NULL when empty. Valid until tsr_http_response_free().
 *  @param[out] len_out  Bytes; may be NULL.
 *  @threads any  @since 1.2 */
TSR_API const uint8_t* tsr_http_response_body(const tsr_http_response* response,
                                              size_t* len_out) TSR_NOEXCEPT;

/** Value of the first header field of that name, whatever its case; absent when there is none. Valid until
 *  tsr_http_response_free().
 *  @threads any  @since 1.2 */
TSR_API tsr_str tsr_http_response_header(const tsr_http_response* response, tsr_str name) TSR_NOEXCEPT;

/** Every header field in its order; NULL when there is none. Valid until tsr_http_response_free().
 *  @param[out] count_out  How many; may be NULL.
 *  @threads any  @since 1.2 */
TSR_API const tsr_pair* tsr_http_response_headers(const tsr_http_response* response,
                                                  size_t* count_out) TSR_NOEXCEPT;

/** Where the response came from, after redirects. Valid until tsr_http_response_free().
 *  @threads any  @since 1.2 */
TSR_API tsr_str tsr_http_response_url(const tsr_http_response* response) TSR_NOEXCEPT;

/** 10, 11 or 20 for HTTP/1.0, HTTP/1.1, HTTP/2; 0 for NULL.
 *  @threads any  @since 1.2 */
TSR_API int32_t tsr_http_response_version(const tsr_http_response* response) TSR_NOEXCEPT;

/** 1 when the cache answered, else 0.
 *  @threads any  @since 1.2 */
TSR_API int32_t tsr_http_response_from_cache(const tsr_http_response* response) TSR_NOEXCEPT;

/** How often the request was sent; 0 from the cache.
 *  @threads any  @since 1.2 */
TSR_API int32_t tsr_http_response_attempts(const tsr_http_response* response) TSR_NOEXCEPT;

/** Microseconds from the start of the last attempt until `what` (TSR_HTTP_RESOLVED ...) had happened; 0 for
 *  what did not, as on a connection that was there.
 *  @threads any  @since 1.2 */
TSR_API int64_t tsr_http_response_time_us(const tsr_http_response* response, int32_t what) TSR_NOEXCEPT;

/** What each policy did, of a request with TSR_HTTP_TRACE; NULL when there is nothing. Valid until
 *  tsr_http_response_free().
 *  @param[out] count_out  How many; may be NULL.
 *  @threads any  @since 1.2 */
TSR_API const tsr_http_trace* tsr_http_response_trace(const tsr_http_response* response,
                                                      size_t* count_out) TSR_NOEXCEPT;

/** Reads a body of application/problem+json. Texts are valid until tsr_http_response_free().
 *  @param[out] out  Zeroed when there is no such body.
 *  @return 1 when there is one, else 0.
 *  @threads any  @since 1.2 */
TSR_API int32_t tsr_http_response_problem(const tsr_http_response* response,
                                          tsr_http_problem* out) TSR_NOEXCEPT;

/** Releases a response. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_response_free(tsr_http_response* response) TSR_NOEXCEPT;

/** Counters and latencies of each route.
 *  @param[in]  format  TSR_HTTP_METRICS_*.
 *  @param[out] out  Text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_metrics(tsr_http* http, int32_t format, tsr_buf* out,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Attaches a log sink; see tsr_license_on_log(). An application's client logs to that of the application
 * too.
 *  @param[out] out  Registration; keeps the client alive. @owned tsr_sub_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_on_log(tsr_http* http, int32_t level, tsr_log_fn fn, void* user,
                                                void (*user_free)(void*), tsr_sub** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Lets requests that run end within `timeout_ms`, then ends them with TSR_E_STATE, which later ones give too.
 *  Calling it again is fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_TIMEOUT (some were ended), TSR_E_STATE (called on the client's
 *  own thread)  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_close(tsr_http* http, uint32_t timeout_ms,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_http_close() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_close_async(tsr_http* http, uint32_t timeout_ms, tsr_done_fn done,
                                                     void* user, void (*user_free)(void*), tsr_op** out,
                                                     tsr_error** err) TSR_NOEXCEPT;

/** Releases the handle; what runs in the background goes on. NULL is fine.
 *  @threads any  @blocks callback  @since 1.2 */
TSR_API void tsr_http_free(tsr_http* http) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
