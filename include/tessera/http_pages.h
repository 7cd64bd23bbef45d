/** @file tessera/http_pages.h  A list that an API spreads over several responses.
 *
 *  Nothing is asked for before it is wanted. Each page is a request as any other: with its retries, its cache
 *  and its limits. Pages of another origin, and all after them, get no credentials.
 *
 *  @code
 *  tsr_http_pages *pages = NULL;
 *  tsr_http_response *page = NULL;
 *  tsr_http_request request;
 *  tsr_http_request_init(&request, sizeof request);
 *  request.url = TSR_LIT("/users");
 *  status = tsr_http_pages_open(http, &request, TSR_LIT("{\"kind\":\"link\"}"), &pages, &err);
 *  while (status == TSR_OK) {
 *    status = tsr_http_pages_next(pages, &page, &err);
 *    if (page == NULL) break;  // the end, or an error
 *    add(tsr_http_response_body(page, &len));
 *    tsr_http_response_free(page);
 *  }
 *  tsr_http_pages_free(pages);
 *  @endcode
 */
#ifndef TESSERA_HTTP_PAGES_H
#define TESSERA_HTTP_PAGES_H

#include "tessera/http.h"

TSR_BEGIN_DECLS

/** The pages of a list. */
typedef struct tsr_http_pages tsr_http_pages;

/** Prepares for the pages of a list. No network.
 *  @param[in]  request  That of the first page, copied; of the others only the URL differs.
 *  @param[in]  config_json  Copied; absent: pages that are linked. Schema: docs/reference/http-config.md.
 *  @param[out] out  New handle, NULL on failure; keeps the client alive. @owned tsr_http_pages_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_pages_open(tsr_http* http, const tsr_http_request* request,
                                                    tsr_str config_json, tsr_http_pages** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Asks for the next page and waits for it. One call at a time. After a request that failed, and a status
 *  that is not 2xx, the next call asks for the same page again.
 *  @param[out] out  New handle; NULL on failure and, with TSR_OK, when there are no more pages.
 *  @owned tsr_http_response_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors those of tsr_http_send(), those of a status that is not 2xx (TSR_E_NOT_FOUND, TSR_E_UNAUTHORIZED,
 *  TSR_E_PERMISSION, TSR_E_UNAVAILABLE ...; detail {"status"}), TSR_E_PROTOCOL (a page does not say what it
 *  should, or names one that was there before), TSR_E_LIMIT (more than "max_pages"), TSR_E_BUSY (another call
 *  runs), TSR_E_CANCELLED (closed meanwhile), TSR_E_STATE (closed, or called on the client's own thread)
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_pages_next(tsr_http_pages* pages, tsr_http_response** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_http_pages_next(); see op.h. Gives its page to tsr_op_http_response(), NULL when there are no
 *  more. It occupies no thread. tsr_op_cancel() ends it also while it runs.
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_BUSY (another call runs, or no thread can be started),
 *  TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_pages_next_async(tsr_http_pages* pages, tsr_done_fn done, void* user,
                                                          void (*user_free)(void*), tsr_op** out,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** Ends a call that runs with TSR_E_CANCELLED; later ones give TSR_E_STATE. Calling it again is fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_pages_close(tsr_http_pages* pages, tsr_error** err) TSR_NOEXCEPT;

/** Closes the pages and releases the handle. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_pages_free(tsr_http_pages* pages) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
