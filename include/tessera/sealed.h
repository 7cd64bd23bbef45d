/** @file tessera/sealed.h  Encrypted files of any size, and an encrypted log, beside the store and under its
 * keys.
 *
 *  @code
 *  if (tsr_sealed_create(store, TSR_LIT("photo.tsf"), 0, &writer, NULL, &err) == TSR_OK &&
 *      tsr_sealed_write(writer, data, len, &err) == TSR_OK)
 *    status = tsr_sealed_finish(writer, &err);
 *  tsr_sealed_writer_free(writer);
 *  @endcode
 */
#ifndef TESSERA_SEALED_H
#define TESSERA_SEALED_H

#include "tessera/store.h"

TSR_BEGIN_DECLS

/** An encrypted file being written. */
typedef struct tsr_sealed_writer tsr_sealed_writer;

/** An encrypted file being read. */
typedef struct tsr_sealed_reader tsr_sealed_reader;

/** An encrypted log being written. */
typedef struct tsr_sealed_log tsr_sealed_log;

/** For tsr_sealed_create(): goes on with an unfinished file. */
enum { TSR_SEALED_RESUME = 1 };

/** Starts an encrypted file. It is written beside `path` and takes that name with tsr_sealed_finish().
 *  @param[in]  flags  TSR_SEALED_RESUME: keeps what an earlier writer left and goes on behind it.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_sealed_writer_free()
 *  @param[out] offset_out  Bytes that are there already, where writing goes on; may be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_CORRUPT,
 * TSR_E_CRYPTO (another store's)  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_create(tsr_store* store, tsr_str path, uint32_t flags,
                                                  tsr_sealed_writer** out, int64_t* offset_out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Adds bytes; memory use stays the same for any size.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED  @threads
 * one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_write(tsr_sealed_writer* writer, const void* data, size_t len,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Makes the file durable and gives it its name.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED  @threads
 * one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_finish(tsr_sealed_writer* writer, tsr_error** err) TSR_NOEXCEPT;

/** Releases the writer; an unfinished file stays for TSR_SEALED_RESUME. NULL is fine.
 *  @threads one-at-a-time  @since 1.1 */
TSR_API void tsr_sealed_writer_free(tsr_sealed_writer* writer) TSR_NOEXCEPT;

/** Opens an encrypted file of this store; a truncated one is found here.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_sealed_reader_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED,
 TSR_E_NOT_FOUND, TSR_E_CORRUPT (DAMAGED), TSR_E_CRYPTO (WRONG_KEY: another store's), TSR_E_UNSUPPORTED
 (NEWER_FORMAT)  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_open(tsr_store* store, tsr_str path, tsr_sealed_reader** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Bytes of content; 0 for NULL.
 *  @threads any  @since 1.1 */
TSR_API int64_t tsr_sealed_size(const tsr_sealed_reader* reader) TSR_NOEXCEPT;

/** Reads at any place. Never gives bytes that were changed.
 *  @param[out] buffer  Room for `len` bytes.
 *  @param[out] read_out  Bytes read, less than `len` only at the end.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_CORRUPT
 * @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_read(tsr_sealed_reader* reader, int64_t offset, void* buffer,
                                                size_t len, size_t* read_out, tsr_error** err) TSR_NOEXCEPT;

/** Releases the reader. NULL is fine.
 *  @threads any  @since 1.1 */
TSR_API void tsr_sealed_reader_free(tsr_sealed_reader* reader) TSR_NOEXCEPT;

/** Writes a whole encrypted file.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any
 * @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_put(tsr_store* store, tsr_str path, const void* data, size_t len,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_sealed_put() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_put_async(tsr_store* store, tsr_str path, const void* data,
                                                     size_t len, tsr_done_fn done, void* user,
                                                     void (*user_free)(void*), tsr_op** out,
                                                     tsr_error** err) TSR_NOEXCEPT;

/** Reads a whole encrypted file, 1 GiB at most.
 *  @param[out] out  Content. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_sealed_open(), TSR_E_LIMIT  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_get(tsr_store* store, tsr_str path, tsr_buf* out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_sealed_get() in the background; see op.h. Gives its bytes to tsr_op_buf().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_get_async(tsr_store* store, tsr_str path, tsr_done_fn done,
                                                     void* user, void (*user_free)(void*), tsr_op** out,
                                                     tsr_error** err) TSR_NOEXCEPT;

/** Opens an encrypted log for appending; "path.1" and so on are the older parts. A record torn by a crash is
 * cut off.
 *  @param[in]  max_file_bytes  0: 8 MiB.
 *  @param[in]  max_files  0: 5.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_sealed_log_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_BUSY
 * (open already)  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_log_open(tsr_store* store, tsr_str path, int64_t max_file_bytes,
                                                    int32_t max_files, tsr_sealed_log** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Adds a record.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_LIMIT
 * (over 1 MiB)  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_log_append(tsr_sealed_log* log, const void* data, size_t len,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Makes what was added durable.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED  @threads any
 * @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_log_flush(tsr_sealed_log* log, tsr_error** err) TSR_NOEXCEPT;

/** Writes what is buffered and releases the log. NULL is fine.
 *  @threads any  @blocks disk  @since 1.1 */
TSR_API void tsr_sealed_log_free(tsr_sealed_log* log) TSR_NOEXCEPT;

/** Reads a log with its older parts, oldest record first.
 *  @param[out] out  Rows (record, problem): bytes, or NULL and what is wrong where records are damaged.
 * @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_IO, TSR_E_PERMISSION, TSR_E_DISK_FULL, TSR_E_FORKED, TSR_E_NOT_FOUND
 * @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_log_read(tsr_store* store, tsr_str path, tsr_rowset** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_sealed_log_read() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_sealed_log_read_async(tsr_store* store, tsr_str path, tsr_done_fn done,
                                                          void* user, void (*user_free)(void*), tsr_op** out,
                                                          tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
