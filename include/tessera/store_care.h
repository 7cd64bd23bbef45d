/** @file tessera/store_care.h  Care of a store: backup, copies, import, checks, salvage, erasing.
 *
 *  Long work reports progress and can be cancelled; what was half made goes away.
 *
 *  @code
 *  if (tsr_store_backup(store, TSR_LIT("/media/usb/app.tdb"), NULL, &err) != TSR_OK) report(err);
 *  @endcode
 */
#ifndef TESSERA_STORE_CARE_H
#define TESSERA_STORE_CARE_H

#include "tessera/store_keys.h"

TSR_BEGIN_DECLS

/** For tsr_store_import(): what the source is. */
enum {
  TSR_IMPORT_TESSERA = 0,  /**< A store or a backup of one, with its slots beside it. */
  TSR_IMPORT_PLAIN = 1,    /**< Plain SQLite. */
  TSR_IMPORT_SQLCIPHER = 2 /**< SQLCipher 1 to 4, opened with `passphrase` or `app_key` as the raw key. */
};

/** Copies the store while it is used: `path` and, beside it, its slots, so that the copy opens as the store
 * does. The copy is verified before it takes the name; what was there before stays until then.
 *  @param[in]  opts  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CANCELLED, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO,
 * TSR_E_PERMISSION, TSR_E_BUSY, TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_backup(tsr_store* store, tsr_str path, const tsr_care_opts* opts,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_backup() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_backup_async(tsr_store* store, tsr_str path,
                                                       const tsr_care_opts* opts, tsr_done_fn done,
                                                       void* user, void (*user_free)(void*), tsr_op** out,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Gives the space of deleted rows back: a compact copy takes the place of the file. Other calls wait
 * meanwhile.
 *  @param[in]  opts  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CANCELLED, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO,
 * TSR_E_PERMISSION, TSR_E_BUSY, TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_compact(tsr_store* store, const tsr_care_opts* opts,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_compact() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_compact_async(tsr_store* store, const tsr_care_opts* opts,
                                                        tsr_done_fn done, void* user,
                                                        void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Copies everything into a new store at `path`, under a new data key and the given secrets, for another
 * person or machine.
 *  @param[in]  secrets  Not NULL: passphrase or app_key.
 *  @param[in]  opts  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CANCELLED, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO,
 * TSR_E_PERMISSION, TSR_E_BUSY, TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_export(tsr_store* store, tsr_str path,
                                                 const tsr_store_secrets* secrets, const tsr_care_opts* opts,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_export() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_export_async(tsr_store* store, tsr_str path,
                                                       const tsr_store_secrets* secrets,
                                                       const tsr_care_opts* opts, tsr_done_fn done,
                                                       void* user, void (*user_free)(void*), tsr_op** out,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Writes the application's tables into a plain SQLite file that anybody can read. The reason is kept in the
 * audit log first.
 *  @param[in]  reason  Not empty.
 *  @param[in]  opts  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CANCELLED, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO,
 * TSR_E_PERMISSION, TSR_E_BUSY, TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_export_plain(tsr_store* store, tsr_str path, tsr_str reason,
                                                       const tsr_care_opts* opts,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_export_plain() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_export_plain_async(tsr_store* store, tsr_str path, tsr_str reason,
                                                             const tsr_care_opts* opts, tsr_done_fn done,
                                                             void* user, void (*user_free)(void*),
                                                             tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Puts a copy of another database in the place of the store's content, which is kept beside
 * it, as "app.tdb.old", until the new one was opened. The source is never changed. Slots stay as they are.
 * Other calls wait meanwhile.
 *  @param[in]  kind  TSR_IMPORT_*.
 *  @param[in]  secrets  May be NULL for TSR_IMPORT_PLAIN.
 *  @param[in]  opts  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CANCELLED, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO,
 * TSR_E_PERMISSION, TSR_E_BUSY, TSR_E_FORKED, TSR_E_CRYPTO, TSR_E_NOT_FOUND  @threads any  @blocks disk
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_import(tsr_store* store, tsr_str path, int32_t kind,
                                                 const tsr_store_secrets* secrets, const tsr_care_opts* opts,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_import() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_import_async(tsr_store* store, tsr_str path, int32_t kind,
                                                       const tsr_store_secrets* secrets,
                                                       const tsr_care_opts* opts, tsr_done_fn done,
                                                       void* user, void (*user_free)(void*), tsr_op** out,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Reads every page and checks its authentication code, the trees, the indexes and the foreign keys.
 *  @param[in]  opts  May be NULL.
 *  @param[out] out  Rows (problem); none when the store is sound. @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CANCELLED, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO,
 * TSR_E_PERMISSION, TSR_E_BUSY, TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_check(tsr_store* store, const tsr_care_opts* opts, tsr_rowset** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_check() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_check_async(tsr_store* store, const tsr_care_opts* opts,
                                                      tsr_done_fn done, void* user, void (*user_free)(void*),
                                                      tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Sizes and counters as JSON; docs/reference/store-stats.md explains each.
 *  @param[out] out  JSON text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CANCELLED, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO,
 * TSR_E_PERMISSION, TSR_E_BUSY, TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_stats(tsr_store* store, tsr_buf* out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_stats() in the background; see op.h. Gives its text to tsr_op_buf().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_stats_async(tsr_store* store, tsr_done_fn done, void* user,
                                                      void (*user_free)(void*), tsr_op** out,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** What was exported in the clear and when.
 *  @param[out] out  Rows (at_ms, action, reason). @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CANCELLED, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO,
 * TSR_E_PERMISSION, TSR_E_BUSY, TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_audit(tsr_store* store, tsr_rowset** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_audit() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_audit_async(tsr_store* store, tsr_done_fn done, void* user,
                                                      void (*user_free)(void*), tsr_op** out,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Reads what can be read of a damaged store into JSON lines at `path`, in the clear, and moves the damaged
 * files aside (never deletes them), so that tsr_store_open() opens an empty store with the same slots. What
 * ends the process in between is made good by the next tsr_store_open(), or by the same call once more.
 *  @param[in]  config_json  As for tsr_store_open().
 *  @param[in]  secrets  May be NULL.
 *  @param[in]  opts  May be NULL.
 *  @param[out] out  One row (tables, rows, pages_read, pages_damaged, damaged_tables); may be NULL. @owned
 * tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CANCELLED, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO,
 * TSR_E_PERMISSION, TSR_E_BUSY, TSR_E_FORKED, TSR_E_CRYPTO, TSR_E_NOT_FOUND  @threads any  @blocks disk
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_salvage(tsr_str config_json, const tsr_store_secrets* secrets,
                                                  tsr_str path, const tsr_care_opts* opts, tsr_rowset** out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_salvage() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_salvage_async(tsr_str config_json, const tsr_store_secrets* secrets,
                                                        tsr_str path, const tsr_care_opts* opts,
                                                        tsr_done_fn done, void* user,
                                                        void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Destroys a store for good: overwrites and removes its slots first, then every file of it, also those that
 * a salvage moved aside. Copies elsewhere and blocks that an SSD has moved keep their ciphertext, which
 * nothing opens any more unless a copy of the slots exists.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_NOT_FOUND, TSR_E_BUSY (open), TSR_E_IO, TSR_E_PERMISSION  @threads any  @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_erase(tsr_str config_json, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_erase() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_erase_async(tsr_str config_json, tsr_done_fn done, void* user,
                                                      void (*user_free)(void*), tsr_op** out,
                                                      tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
