/** @file tessera/http_stream.h  Bodies that do not fit in memory: responses read and requests written in
 *  steps, and forms with files.
 *
 *  @code
 *  tsr_http_stream *stream = NULL;
 *  tsr_buf piece = {0};
 *  if (tsr_http_stream_open(http, &request, &stream, &err) == TSR_OK)
 *    while (tsr_http_stream_read(stream, 65536, 30000, &piece, &err) == TSR_OK && piece.len > 0) {
 *      consume(piece.data, piece.len);
 *      tsr_buf_free(&piece);
 *    }
 *  tsr_http_stream_free(stream);
 *  @endcode
 *
 *  An upload and a form go with any request, as its fields `upload` and `form`. A request with an upload is
 *  sent once: what was written is gone. One with a form is sent again where a plain body would be.
 */
#ifndef TESSERA_HTTP_STREAM_H
#define TESSERA_HTTP_STREAM_H

#include "tessera/http.h"

TSR_BEGIN_DECLS

/** A response whose body is read at its reader's pace. One who reads. Keeps its client alive. */
typedef struct tsr_http_stream tsr_http_stream;

/** Sends a request and waits for the head of its response, whatever its status. The body may have any size
 *  unless the request has `max_body_bytes`; at most 256 KiB of it wait for the reader.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_http_stream_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_http_send()  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_stream_open(tsr_http* http, const tsr_http_request* request,
                                                     tsr_http_stream** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_http_stream_open(); see op.h. Gives its stream to tsr_op_http_stream(). `done` is called on the
 *  client's own thread. tsr_op_cancel() ends it also while it runs.
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_http_send_async()  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_stream_open_async(tsr_http* http, const tsr_http_request* request,
                                                           tsr_done_fn done, void* user,
                                                           void (*user_free)(void*), tsr_op** out,
                                                           tsr_error** err) TSR_NOEXCEPT;

/** Takes the stream that an operation opened; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_http_stream_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_op_http_stream(tsr_op* op, tsr_http_stream** out,
                                                   tsr_error** err) TSR_NOEXCEPT;

/** All of the response but its body.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_http_response_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_stream_head(tsr_http_stream* stream, tsr_http_response** out,
                                                     tsr_error** err) TSR_NOEXCEPT;

/** The next part of the body, decoded; what had come before an error is given before it.
 *  @param[in]  max  Bytes at most; not 0.
 *  @param[in]  timeout_ms  0 takes only what is there.
 *  @param[out] out  A byte at least; empty at the end of the body. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_TIMEOUT (nothing came; read again), TSR_E_STATE (another read waits, or called on
 *  the client's own thread), TSR_E_CANCELLED (closed), TSR_E_NETWORK, TSR_E_PROTOCOL, TSR_E_LIMIT,
 *  TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_stream_read(tsr_http_stream* stream, size_t max, uint32_t timeout_ms,
                                                     tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_http_stream_read() without a time-out; see op.h. Gives its bytes to tsr_op_buf(). It ends when
 *  something came, or by tsr_http_stream_close().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (another read waits), TSR_E_FORKED, TSR_E_BUSY (no thread can be started)
 *  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_stream_read_async(tsr_http_stream* stream, size_t max,
                                                           tsr_done_fn done, void* user,
                                                           void (*user_free)(void*), tsr_op** out,
                                                           tsr_error** err) TSR_NOEXCEPT;

/** Cancels what still runs: a read that waits, and later ones, give TSR_E_CANCELLED. Calling it again is
 *  fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_stream_close(tsr_http_stream* stream, tsr_error** err) TSR_NOEXCEPT;

/** Releases the handle and cancels what still runs, once no read in the background waits. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_stream_free(tsr_http_stream* stream) TSR_NOEXCEPT;

/** Makes a body for one request, which is sent with it as its field `upload`; then it is written.
 *  @param[in]  size  Bytes in all, or -1 when not known yet.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_http_upload_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_upload_new(int64_t size, tsr_http_upload** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Adds to the body; waits while more than 256 KiB are on their way.
 *  @param[in]  timeout_ms  0 only fills what room there is.
 *  @param[out] taken_out  How many bytes were taken: all, or less when the time was over. May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (more than announced), TSR_E_TIMEOUT (nothing was taken; try again), TSR_E_STATE
 *  (finished, its request has ended, or called on the client's own thread), TSR_E_FORKED, TSR_E_NO_MEMORY
 *  @threads any  @blocks network  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_upload_write(tsr_http_upload* upload, const void* data, size_t len,
                                                      uint32_t timeout_ms, size_t* taken_out,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Adds to the body, all of it, and ends when there is room for more; see op.h. One at a time. Ends with
 *  tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (more than announced), TSR_E_STATE (finished, its request has ended, or the last write
 *  has not), TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_upload_write_async(tsr_http_upload* upload, const void* data,
                                                            size_t len, tsr_done_fn done, void* user,
                                                            void (*user_free)(void*), tsr_op** out,
                                                            tsr_error** err) TSR_NOEXCEPT;

/** Ends the body.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (less than announced: its request fails), TSR_E_STATE (finished before, or its request
 *  has ended), TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_upload_finish(tsr_http_upload* upload, tsr_error** err) TSR_NOEXCEPT;

/** The rest of the body can't be had: its request ends with TSR_E_CALLBACK.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_upload_fail(tsr_http_upload* upload, tsr_error** err) TSR_NOEXCEPT;

/** Releases the handle; one that was not finished fails its request as tsr_http_upload_fail() does. NULL is
 *  fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_upload_free(tsr_http_upload* upload) TSR_NOEXCEPT;

/** Makes a form (multipart/form-data) for any number of requests, each of which sends the parts that it has
 *  by then, and the field Content-Type.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_http_form_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_form_new(tsr_http_form** out, tsr_error** err) TSR_NOEXCEPT;

/** Adds a field. Both are copied.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_form_add_field(tsr_http_form* form, tsr_str name, tsr_str value,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Adds bytes as a file. They are copied.
 *  @param[in]  file_name  May be absent, and then it is a field.
 *  @param[in]  content_type  May be absent, and then it has none.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_form_add_bytes(tsr_http_form* form, tsr_str name, const void* data,
                                                        size_t len, tsr_str file_name, tsr_str content_type,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Adds a file, which is opened here and read while the form is sent: as long as it is now, and a request
 *  fails (TSR_E_CALLBACK) when it has become shorter.
 *  @param[in]  file_name  Absent: the last name of `path`.
 *  @param[in]  content_type  Absent: application/octet-stream.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (also for what is no regular file), TSR_E_NOT_FOUND, TSR_E_PERMISSION, TSR_E_IO,
 *  TSR_E_FORKED, TSR_E_NO_MEMORY  @threads any  @blocks disk  @since 1.2 */
TSR_API TSR_MUST_USE tsr_status tsr_http_form_add_file(tsr_http_form* form, tsr_str name, tsr_str path,
                                                       tsr_str file_name, tsr_str content_type,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Releases the form; requests that were sent with it go on. NULL is fine.
 *  @threads any  @since 1.2 */
TSR_API void tsr_http_form_free(tsr_http_form* form) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
