/** @file tessera/http_auth.h  Credentials of an API client: what each request says about who sends it.
 *
 *  A client has one kind of credentials at a time; setting another takes its place, also for requests that
 *  wait. A request with TSR_HTTP_SKIP_AUTH, and one to another origin after a redirect, goes without.
 *
 *  @code
 *  tsr_http_oauth_opts opts;
 *  tsr_http_oauth_opts_init(&opts, sizeof opts);
 *  opts.client_secret = secret;
 *  opts.client_secret_len = secret_len;
 *  opts.store = store;
 *  opts.account = TSR_LIT("ana");
 *  status = tsr_http_set_oauth(http, TSR_LIT("{\"token_url\":\"https://id.example.com/token\","
 *                                            "\"client_id\":\"pos\"}"), &opts, NULL, NULL, &err);
 *  @endcode
 *
 *  A 401 to a credential that can be renewed has it renewed, once for all requests that got one, which are
 *  then sent again. While an account has to be authorised again each request ends with TSR_E_UNAUTHORIZED.
 */
#ifndef TESSERA_HTTP_AUTH_H
#define TESSERA_HTTP_AUTH_H

#include "tessera/http.h"
#include "tessera/license.h"
#include "tessera/store.h"

TSR_BEGIN_DECLS

/** How the credentials of a client stand. */
enum {
  TSR_HTTP_AUTH_NONE = 0,       /**< It has none. */
  TSR_HTTP_AUTH_READY = 1,      /**< Requests get them. */
  TSR_HTTP_AUTH_REAUTHORISE = 2 /**< The account has to be authorised again. */
};

/** What a function of the application gives. */
typedef struct tsr_http_token tsr_http_token;

/** Gives a token by tsr_http_token_set(). Called when there is none, before the last one ends, and after a
 *  401.
 *  @threads a thread of the library, one call at a time. May take long and call any function. Any status but
 *  TSR_OK fails the requests that wait, with TSR_E_CALLBACK; it is asked again later. Must not throw. */
typedef tsr_status (*tsr_http_token_fn)(void* user, tsr_http_token* token);

/** Gives the kept tokens of the account as JSON by tsr_http_token_set(), or nothing when none are kept.
 *  @threads a thread of the library, also several at once. May take long and call any function. Any status
 *  but TSR_OK becomes TSR_E_CALLBACK. Must not throw. */
typedef tsr_status (*tsr_http_load_tokens_fn)(void* user, tsr_http_token* token);

/** Keeps `record` instead of that whose "version" is `expected` (0: of none), and writes 1 to `swapped` once
 *  it is durable; 0, and no change, when another is kept. What is kept and compared must be one step, also
 *  for other processes that share it.
 *  @param record  A JSON object with the member "version"; a secret, borrowed for the call.
 *  @threads as tsr_http_load_tokens_fn */
typedef tsr_status (*tsr_http_swap_tokens_fn)(void* user, int64_t expected, const void* record, size_t len,
                                              int32_t* swapped);

/** The account has to be authorised again; called once until it was.
 *  @param why  One sentence, borrowed for the call.
 *  @threads a thread of the library; may call any function. May still run while the client is closed. Must
 *  not throw. */
typedef void (*tsr_http_reauthorise_fn)(void* user, tsr_str why);

/** Options of tsr_http_set_oauth(). Start from tsr_http_oauth_opts_init(); new fields only ever join at the
 *  end. Tokens are kept in `store`, by `load` and `swap`, or, with neither, in memory. */
typedef struct tsr_http_oauth_opts {
  uint32_t struct_size;                /**< sizeof(tsr_http_oauth_opts) as the caller compiled it. */
  uint32_t flags;                      /**< 0. */
  const void* client_secret;           /**< Copied; NULL with "client_auth": "none". */
  size_t client_secret_len;            /**< Bytes. */
  tsr_store* store;                    /**< Kept open by the client; or NULL. In the scope of its tenant. */
  tsr_str account;                     /**< Whose tokens in `store`; required with that. */
  tsr_http_load_tokens_fn load;        /**< Both or none. */
  tsr_http_swap_tokens_fn swap;        /**< Both or none. */
  tsr_http_reauthorise_fn reauthorise; /**< May be NULL. */
} tsr_http_oauth_opts;

/** Fills `opts` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_oauth_opts_init(tsr_http_oauth_opts* opts, uint32_t struct_size) TSR_NOEXCEPT;

/** Sends a secret that stays until another is set: an API key, a token from elsewhere. A 401 to it is the
 *  response.
 *  @param[in]  header  Name of the field; absent: "Authorization".
 *  @param[in]  prefix  What stands before the secret; absent: "Bearer " in the default field, else nothing.
 *  @param[in]  data  Copied. Printable, not empty.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_set_token(tsr_http* http, tsr_str header, tsr_str prefix,
                                                   const void* data, size_t len,
                                                   tsr_error** err) TSR_NOEXCEPT;

/** Has bearer tokens fetched from a function of the application.
 *  @param[in]  user_free  May be NULL. Runs once, when the function neither runs nor will run, on any thread;
 *  also when this fails.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_set_token_source(tsr_http* http, tsr_http_token_fn source,
                                                          void* user, void (*user_free)(void*),
                                                          tsr_error** err) TSR_NOEXCEPT;

/** Answers a tsr_http_token_fn or tsr_http_load_tokens_fn; the last call counts.
 *  @param[in]  data  Copied, and the copy wiped after use.
 *  @param[in]  expires_at_ms  Unix time when the token ends; 0: unknown, or part of `data`.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads the function's  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_token_set(tsr_http_token* token, const void* data, size_t len,
                                                   int64_t expires_at_ms, tsr_error** err) TSR_NOEXCEPT;

/** Sends the access tokens of an OAuth 2.0 account, renewed before they end and kept before they are used.
 *  Does not wait for the store: that is read by the first request.
 *  @param[in]  config_json  Copied. Schema: docs/reference/http-config.md, "OAuth".
 *  @param[in]  opts  May be NULL.
 *  @param[in]  user  For the functions of `opts`.
 *  @param[in]  user_free  May be NULL. Runs once, when none of the functions runs or will run, on any thread;
 *  also when this fails.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED, TSR_E_UNSUPPORTED (`store` in a build without)
 *  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_set_oauth(tsr_http* http, tsr_str config_json,
                                                   const tsr_http_oauth_opts* opts, void* user,
                                                   void (*user_free)(void*), tsr_error** err) TSR_NOEXCEPT;

/** Keeps and uses the tokens that a new authorisation gave; requests that wait get them.
 *  @param[in]  record  JSON: {"access_token", "refresh_token", "expires_at_ms", "scope"}; the first is
 *  required. Copied, and the copy wiped.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (without tsr_http_set_oauth(), or on the client's own thread),
 *  TSR_E_CALLBACK, TSR_E_BUSY (others change the tokens all the time), TSR_E_IO, TSR_E_DISK_FULL,
 *  TSR_E_CORRUPT, TSR_E_FORKED  @threads any  @blocks disk  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_set_oauth_tokens(tsr_http* http, const void* record, size_t len,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_http_set_oauth_tokens() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_set_oauth_tokens_async(tsr_http* http, const void* record,
                                                                size_t len, tsr_done_fn done, void* user,
                                                                void (*user_free)(void*), tsr_op** out,
                                                                tsr_error** err) TSR_NOEXCEPT;

/** Sends the licence's own token as bearer token: the one that is installed when a request is sent, so that
 *  it follows an import. Without one requests end with TSR_E_LICENSE.
 *  @param[in]  license  Kept by the client: the handle may be freed.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_set_license_auth(tsr_http* http, const tsr_license* license,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** How the credentials stand.
 *  @param[out] state_out  TSR_HTTP_AUTH_*.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_auth_state(tsr_http* http, int32_t* state_out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Sends no credentials from now on. Kept tokens stay in their store.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_clear_auth(tsr_http* http, tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
