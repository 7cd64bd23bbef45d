/** @file tessera/http_download.h  Responses as files that are whole or not there.
 *
 *  @code
 *  tsr_http_download_opts opts;
 *  tsr_http_download_opts_init(&opts, sizeof opts);
 *  opts.path = TSR_LIT("/var/lib/app/update.bin");
 *  opts.sha256 = TSR_LIT("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
 *  if (tsr_http_download(http, &request, &opts, NULL, &err) != TSR_OK) report(err);
 *  @endcode
 */
#ifndef TESSERA_HTTP_DOWNLOAD_H
#define TESSERA_HTTP_DOWNLOAD_H

#include "tessera/http.h"

TSR_BEGIN_DECLS

/** Options of tsr_http_download(). Start from tsr_http_download_opts_init(); new fields only ever join at the
 *  end. */
typedef struct tsr_http_download_opts {
  uint32_t struct_size; /**< sizeof(tsr_http_download_opts) as the caller compiled it. */
  uint32_t flags;       /**< 0. */
  tsr_str path;      /**< Of the file; its folder exists. "<path>.part" and "<path>.part.json" lie beside it
                          meanwhile. */
  tsr_str sha256;    /**< 64 hexadecimal digits; absent: not checked. */
  int64_t size;      /**< Bytes that it must have; 0: not checked. */
  int64_t max_bytes; /**< 0: no limit. */
  tsr_progress_fn progress; /**< Bytes that are here. May be NULL. Called on a thread of the library; of a
                                 download in the background it must outlive the operation. */
  void* user;               /**< For `progress`. */
} tsr_http_download_opts;

/** What a download did. Its layout is frozen. */
typedef struct tsr_http_download_result {
  int64_t bytes;        /**< Of the file. */
  int64_t resumed_from; /**< Bytes that an earlier download had left. */
  int32_t resumes;      /**< How often this one went on after it broke off. */
  int32_t reserved;     /**< 0. */
} tsr_http_download_result;

/** Fills `opts` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_download_opts_init(tsr_http_download_opts* opts, uint32_t struct_size) TSR_NOEXCEPT;

/** Gets a request's response into a file, as the bytes are sent. Goes on with what an earlier download of the
 *  same address left, when the server confirms that it is the same content, and with what it has when the
 *  connection breaks. The file gets its name when size and digest fit; what was there before stays until
 * then. After an error of the network or of the disk, and when it is cancelled, what is here stays for the
 * next time.
 *  @param[in]  request  A GET without body. Its `total_ms` holds for all; 0: no limit.
 *  @param[out] out  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_http_send(), TSR_E_PROTOCOL (another size or digest than expected, both in the detail; or
 * no file), TSR_E_LIMIT (larger than `max_bytes`), TSR_E_NOT_FOUND and TSR_E_PERMISSION (the server says so,
 * or the disk), TSR_E_DISK_FULL, TSR_E_IO, TSR_E_BUSY (another download writes the same file),
 * TSR_E_CANCELLED (by `progress`), TSR_E_STATE (closed, or called on a thread of the library)  @threads any
 * @blocks network
 *  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_download(tsr_http* http, const tsr_http_request* request,
                                                  const tsr_http_download_opts* opts,
                                                  tsr_http_download_result* out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_http_download(); see op.h. Gives its result to tsr_op_http_download(). tsr_op_cancel() ends it
 *  also while it runs.
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_download_async(tsr_http* http, const tsr_http_request* request,
                                                        const tsr_http_download_opts* opts, tsr_done_fn done,
                                                        void* user, void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Takes what a download did; see tsr_op_buf().
 *  @param[out] out  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_op_http_download(tsr_op* op, tsr_http_download_result* out,
                                                     tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
