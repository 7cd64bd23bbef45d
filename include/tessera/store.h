/** @file tessera/store.h  The encrypted store: SQL, transactions, settings.
 *
 *  One process opens a store at a time. Everything on disk is encrypted under a random key, which slots keep
 * for those who may open it: a passphrase, this device, the operating system's keystore, a recovery key; see
 *  store_keys.h. Handles may be used from any thread; one writer at a time, and readers never wait for it.
 *
 *  @code
 *  tsr_store *store = NULL;
 *  tsr_error *err = NULL;
 *  if (tsr_store_open(TSR_LIT("{\"path\":\"~/.local/share/player/app.tdb\"}"), NULL, &store, &err) != TSR_OK)
 *    fprintf(stderr, "%s\n", tsr_error_text(err));
 *  const tsr_value name = {.type = TSR_VALUE_TEXT, .data = "ana", .len = 3};
 *  status = tsr_store_execute(store, TSR_LIT("insert into people(name) values (?)"), &name, 1, NULL, NULL,
 * NULL, &err); tsr_store_free(store);
 *  @endcode
 */
#ifndef TESSERA_STORE_H
#define TESSERA_STORE_H

#include "tessera/app.h"
#include "tessera/log.h"
#include "tessera/op.h"
#include "tessera/types.h"
#include "tessera/value.h"

TSR_BEGIN_DECLS

/** The encrypted store of one user, or that store seen through a tenant's scope. */
typedef struct tsr_store tsr_store;

/** Rows as they are read. Not thread-safe, except tsr_rows_interrupt(); keeps its store open for reading. */
typedef struct tsr_rows tsr_rows;

/** A write transaction, or a savepoint inside one. */
typedef struct tsr_tx tsr_tx;

/** Secrets that open a store. Start from tsr_store_secrets_init(); new fields only ever join at the end.
 *  Everything is borrowed for the call. What is not given is not tried; the device and the operating system's
 *  keystore need nothing from the caller. */
typedef struct tsr_store_secrets {
  uint32_t struct_size;   /**< sizeof(tsr_store_secrets) as the caller compiled it. */
  uint32_t flags;         /**< 0. */
  const void* passphrase; /**< Any bytes, at most 1 MiB; NULL when there is none. */
  size_t passphrase_len;  /**< Not 0 when `passphrase` is given. */
  const void* app_key;    /**< 32 bytes that the application keeps itself, or NULL. */
  size_t app_key_len;     /**< 32 when `app_key` is given. */
  tsr_str recovery_key;   /**< As tsr_store_create_recovery_key() gave it, or absent. */
} tsr_store_secrets;

/** When a write counts as done. */
enum {
  TSR_COMMIT_DEFAULT = 0, /**< As the store is configured; STRICT unless it says otherwise. */
  TSR_COMMIT_RELAXED = 1, /**< Survives the end of the process; a power cut may take the last commits. */
  TSR_COMMIT_STRICT = 2   /**< Survives a power cut. */
};

/** Options of one call. Start from tsr_sql_opts_init(); new fields only ever join at the end. */
typedef struct tsr_sql_opts {
  uint32_t struct_size; /**< sizeof(tsr_sql_opts) as the caller compiled it. */
  uint32_t flags;       /**< 0. */
  int32_t commit;       /**< TSR_COMMIT_*. */
  int32_t reserved;     /**< 0. */
  int64_t timeout_ms;   /**< Ends the call with TSR_E_TIMEOUT; 0 is the configured time. */
  const tsr_str* names; /**< One for each parameter, with or without ":", "@", "$"; NULL: by position. */
} tsr_sql_opts;

/** For tsr_tx_opts: calls may come from several threads, one at a time. */
enum { TSR_TX_ANY_THREAD = 1 };

/** Options of tsr_tx_begin(). Start from tsr_tx_opts_init(); new fields only ever join at the end. */
typedef struct tsr_tx_opts {
  uint32_t struct_size; /**< sizeof(tsr_tx_opts) as the caller compiled it. */
  uint32_t flags;       /**< TSR_TX_*. */
  int32_t commit;       /**< TSR_COMMIT_*. */
  int32_t reserved;     /**< 0. */
  int64_t timeout_ms;   /**< How long to wait for the writer; 0 is the configured time. */
} tsr_tx_opts;

/** One step of a schema. */
typedef struct tsr_migration {
  tsr_str name; /**< Unique, not empty. */
  tsr_str sql;  /**< One or more statements without parameters. */
} tsr_migration;

/** For tsr_store_migrate(): says what would happen and changes nothing. */
enum { TSR_MIGRATE_DRY_RUN = 1 };

/** Fills `secrets` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.1 */
TSR_API void tsr_store_secrets_init(tsr_store_secrets* secrets, uint32_t struct_size) TSR_NOEXCEPT;

/** Fills `opts` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.1 */
TSR_API void tsr_sql_opts_init(tsr_sql_opts* opts, uint32_t struct_size) TSR_NOEXCEPT;

/** Fills `opts` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.1 */
TSR_API void tsr_tx_opts_init(tsr_tx_opts* opts, uint32_t struct_size) TSR_NOEXCEPT;

/** Opens a store, and makes it when it is not there. A new one gets a slot for each secret given; with none,
 one
 *  of the operating system's keystore where that is present, else of this device.
 *  @param[in]  config_json  Copied. Schema: docs/reference/store-config.md.
 *  @param[in]  secrets  May be NULL.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_store_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_CRYPTO (WRONG_KEY, NOT_ENCRYPTED, FOREIGN_FILE, HARDWARE_CHANGED), TSR_E_CORRUPT
 (DAMAGED, DATA_MISSING, ROLLED_BACK, SLOTS_OLD), TSR_E_NOT_FOUND (SLOTS_MISSING, or no store and "create" is
 false), TSR_E_UNSUPPORTED (NEWER_FORMAT), TSR_E_BUSY (STORE_LOCKED), TSR_E_IO, TSR_E_PERMISSION,
 TSR_E_DISK_FULL, TSR_E_NO_MEMORY; the reason is in tsr_error_detail()  @threads any  @blocks disk  @since 1.1
 */
TSR_API TSR_MUST_USE tsr_status tsr_store_open(tsr_str config_json, const tsr_store_secrets* secrets,
                                               tsr_store** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_open() in the background; see op.h. Gives its store to tsr_op_store().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_open_async(tsr_str config_json, const tsr_store_secrets* secrets,
                                                     tsr_done_fn done, void* user, void (*user_free)(void*),
                                                     tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Takes the store that an operation made; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_store_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_op_store(tsr_op* op, tsr_store** out, tsr_error** err) TSR_NOEXCEPT;

/** The application's store, "app.tdb" in its data folder: opened by the first call, shared by the next ones,
 *  which need no secrets. Closed with the application.
 *  @param[in]  secrets  May be NULL.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_store_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_open(), TSR_E_STATE (closed), TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_app_store(tsr_app* app, const tsr_store_secrets* secrets, tsr_store** out,
                                              tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_app_store() in the background; see op.h. Gives its store to tsr_op_store().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_app_store_async(tsr_app* app, const tsr_store_secrets* secrets,
                                                    tsr_done_fn done, void* user, void (*user_free)(void*),
                                                    tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** The same store seen by one tenant: its SQL reads and writes only rows of `tenant` in tables that were
 * given to tsr_store_declare_tenant(). Closing either handle closes the store.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_store_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (empty), TSR_E_STATE (closed, or `store` has another tenant), TSR_E_FORKED  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_with_tenant(tsr_store* store, tsr_str tenant, tsr_store** out,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Declares for good that `column` of `table` says whose row it is. From then on SQL that touches the table
 * needs a tenant's handle.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_NOT_FOUND (no such table or column), TSR_E_STATE, TSR_E_FORKED, TSR_E_IO @threads
 * any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_declare_tenant(tsr_store* store, tsr_str table, tsr_str column,
                                                         tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_declare_tenant() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_declare_tenant_async(tsr_store* store, tsr_str table,
                                                               tsr_str column, tsr_done_fn done, void* user,
                                                               void (*user_free)(void*), tsr_op** out,
                                                               tsr_error** err) TSR_NOEXCEPT;

/** Runs one statement; one that writes is committed before the return, together with what other threads
 write.
 *  @param[in]  params  May be NULL when `param_count` is 0.
 *  @param[in]  opts  May be NULL.
 *  @param[out] changes_out  Rows changed; may be NULL.
 *  @param[out] row_id_out  The last inserted row's id; may be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (the SQL or a parameter), TSR_E_STATE (closed, a constraint, TENANT_REQUIRED),
 TSR_E_BUSY, TSR_E_TIMEOUT, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO, TSR_E_LIMIT, TSR_E_NO_MEMORY,
 TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_execute(tsr_store* store, tsr_str sql, const tsr_value* params,
                                                  size_t param_count, const tsr_sql_opts* opts,
                                                  int64_t* changes_out, int64_t* row_id_out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_execute() in the background; see op.h. Ends with tsr_op_changes(). Asynchronous writes of
 * one store are committed in the order of their start, many in one commit; none occupies a thread while it
 * waits.
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_execute_async(tsr_store* store, tsr_str sql,
                                                        const tsr_value* params, size_t param_count,
                                                        const tsr_sql_opts* opts, tsr_done_fn done,
                                                        void* user, void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Takes what an operation changed; see tsr_op_buf().
 *  @param[out] changes_out  May be NULL.
 *  @param[out] row_id_out  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_op_changes(tsr_op* op, int64_t* changes_out, int64_t* row_id_out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Runs one statement `count` times in one transaction, each with the next `width` values of `params`.
 *  @param[in]  opts  May be NULL.
 *  @param[out] changes_out  Rows changed by all; may be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (the SQL or a parameter), TSR_E_STATE (closed, a constraint, TENANT_REQUIRED),
 TSR_E_BUSY, TSR_E_TIMEOUT, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO, TSR_E_LIMIT, TSR_E_NO_MEMORY,
 TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_execute_many(tsr_store* store, tsr_str sql, const tsr_value* params,
                                                       size_t width, size_t count, const tsr_sql_opts* opts,
                                                       int64_t* changes_out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_execute_many() in the background; see op.h. Ends with tsr_op_changes().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_execute_many_async(tsr_store* store, tsr_str sql,
                                                             const tsr_value* params, size_t width,
                                                             size_t count, const tsr_sql_opts* opts,
                                                             tsr_done_fn done, void* user,
                                                             void (*user_free)(void*), tsr_op** out,
                                                             tsr_error** err) TSR_NOEXCEPT;

/** Runs several statements without parameters in one transaction.
 *  @param[in]  opts  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (the SQL or a parameter), TSR_E_STATE (closed, a constraint, TENANT_REQUIRED),
 TSR_E_BUSY, TSR_E_TIMEOUT, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO, TSR_E_LIMIT, TSR_E_NO_MEMORY,
 TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_execute_script(tsr_store* store, tsr_str sql,
                                                         const tsr_sql_opts* opts,
                                                         tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_execute_script() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_execute_script_async(tsr_store* store, tsr_str sql,
                                                               const tsr_sql_opts* opts, tsr_done_fn done,
                                                               void* user, void (*user_free)(void*),
                                                               tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts reading one statement's rows. They see every write acknowledged before. A statement that writes
 *  (RETURNING) is committed first.
 *  @param[in]  params  May be NULL when `param_count` is 0.
 *  @param[in]  opts  May be NULL.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_rows_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (the SQL or a parameter), TSR_E_STATE (closed, a constraint, TENANT_REQUIRED),
 TSR_E_BUSY, TSR_E_TIMEOUT, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO, TSR_E_LIMIT, TSR_E_NO_MEMORY,
 TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_query(tsr_store* store, tsr_str sql, const tsr_value* params,
                                                size_t param_count, const tsr_sql_opts* opts, tsr_rows** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_query() in the background; see op.h. Gives its rows to tsr_op_rows().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_query_async(tsr_store* store, tsr_str sql, const tsr_value* params,
                                                      size_t param_count, const tsr_sql_opts* opts,
                                                      tsr_done_fn done, void* user, void (*user_free)(void*),
                                                      tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Takes the rows that an operation made; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_rows_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_op_rows(tsr_op* op, tsr_rows** out, tsr_error** err) TSR_NOEXCEPT;

/** Reads all rows of one statement; see tsr_store_query().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (the SQL or a parameter), TSR_E_STATE (closed, a constraint, TENANT_REQUIRED),
 TSR_E_BUSY, TSR_E_TIMEOUT, TSR_E_CORRUPT, TSR_E_DISK_FULL, TSR_E_IO, TSR_E_LIMIT, TSR_E_NO_MEMORY,
 TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_query_all(tsr_store* store, tsr_str sql, const tsr_value* params,
                                                    size_t param_count, const tsr_sql_opts* opts,
                                                    tsr_rowset** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_query_all() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_query_all_async(tsr_store* store, tsr_str sql,
                                                          const tsr_value* params, size_t param_count,
                                                          const tsr_sql_opts* opts, tsr_done_fn done,
                                                          void* user, void (*user_free)(void*), tsr_op** out,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** Number of columns; 0 for NULL.
 *  @threads one-at-a-time  @since 1.1 */
TSR_API size_t tsr_rows_column_count(const tsr_rows* rows) TSR_NOEXCEPT;

/** Name of a column, absent when out of range. Valid until tsr_rows_next() or tsr_rows_free().
 *  @threads one-at-a-time  @since 1.1 */
TSR_API tsr_str tsr_rows_column(const tsr_rows* rows, size_t column) TSR_NOEXCEPT;

/** Goes to the next row.
 *  @param[out] row_out  Its cells, tsr_rows_column_count() of them, valid until the next call; NULL after the
 last row.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed), TSR_E_TIMEOUT, TSR_E_CANCELLED (interrupted), TSR_E_CORRUPT,
 TSR_E_IO, TSR_E_NO_MEMORY, TSR_E_FORKED  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_rows_next(tsr_rows* rows, const tsr_value** row_out,
                                              tsr_error** err) TSR_NOEXCEPT;

/** Copies the next rows, `max_rows` at most.
 *  @param[out] out  Rows, none after the last one. @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_rows_next()  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_rows_fetch(tsr_rows* rows, size_t max_rows, tsr_rowset** out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_rows_fetch() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_rows_fetch_async(tsr_rows* rows, size_t max_rows, tsr_done_fn done,
                                                     void* user, void (*user_free)(void*), tsr_op** out,
                                                     tsr_error** err) TSR_NOEXCEPT;

/** Ends a running tsr_rows_next() or tsr_rows_fetch() with TSR_E_CANCELLED, and every later one. NULL is
 * fine.
 *  @threads any  @since 1.1 */
TSR_API void tsr_rows_interrupt(tsr_rows* rows) TSR_NOEXCEPT;

/** Releases the rows and what they hold open. NULL is fine.
 *  @threads one-at-a-time  @since 1.1 */
TSR_API void tsr_rows_free(tsr_rows* rows) TSR_NOEXCEPT;

/** Starts a write transaction; other writers wait. Held longer than 30 s (configurable) it is rolled back.
 *  @param[in]  opts  May be NULL.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_tx_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (closed, or this thread holds one), TSR_E_BUSY, TSR_E_TIMEOUT (of
 *  `opts`), TSR_E_IO, TSR_E_FORKED
 * @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_begin(tsr_store* store, const tsr_tx_opts* opts, tsr_tx** out,
                                             tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_begin() in the background; see op.h. Gives its transaction to tsr_op_tx(); it is of
 * TSR_TX_ANY_THREAD.
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_begin_async(tsr_store* store, const tsr_tx_opts* opts,
                                                   tsr_done_fn done, void* user, void (*user_free)(void*),
                                                   tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Takes the transaction that an operation made; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_tx_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_op_tx(tsr_op* op, tsr_tx** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts a transaction inside this one (a savepoint). While it lives, `tx` refuses calls.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_tx_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_execute(), TSR_E_TIMEOUT (held too long: rolled back), TSR_E_STATE (ended, another
 thread, or a nested one lives)  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_nest(tsr_tx* tx, tsr_tx** out, tsr_error** err) TSR_NOEXCEPT;

/** As tsr_store_execute(), inside the transaction. Of `opts` only `names` counts.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_execute(), TSR_E_TIMEOUT (held too long: rolled back), TSR_E_STATE (ended, another
 thread, or a nested one lives)  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_execute(tsr_tx* tx, tsr_str sql, const tsr_value* params,
                                               size_t param_count, const tsr_sql_opts* opts,
                                               int64_t* changes_out, int64_t* row_id_out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_execute() in the background; see op.h. Ends with tsr_op_changes().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_execute_async(tsr_tx* tx, tsr_str sql, const tsr_value* params,
                                                     size_t param_count, const tsr_sql_opts* opts,
                                                     tsr_done_fn done, void* user, void (*user_free)(void*),
                                                     tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** As tsr_store_execute_many(), inside the transaction.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_execute(), TSR_E_TIMEOUT (held too long: rolled back), TSR_E_STATE (ended, another
 thread, or a nested one lives)  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_execute_many(tsr_tx* tx, tsr_str sql, const tsr_value* params,
                                                    size_t width, size_t count, int64_t* changes_out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_execute_many() in the background; see op.h. Ends with tsr_op_changes().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_execute_many_async(tsr_tx* tx, tsr_str sql, const tsr_value* params,
                                                          size_t width, size_t count, tsr_done_fn done,
                                                          void* user, void (*user_free)(void*), tsr_op** out,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** As tsr_store_query(), inside the transaction, whose end ends the rows.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_rows_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_execute(), TSR_E_TIMEOUT (held too long: rolled back), TSR_E_STATE (ended, another
 thread, or a nested one lives)  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_query(tsr_tx* tx, tsr_str sql, const tsr_value* params,
                                             size_t param_count, const tsr_sql_opts* opts, tsr_rows** out,
                                             tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_query() in the background; see op.h. Gives its rows to tsr_op_rows().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_query_async(tsr_tx* tx, tsr_str sql, const tsr_value* params,
                                                   size_t param_count, const tsr_sql_opts* opts,
                                                   tsr_done_fn done, void* user, void (*user_free)(void*),
                                                   tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** As tsr_store_query_all(), inside the transaction.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_execute(), TSR_E_TIMEOUT (held too long: rolled back), TSR_E_STATE (ended, another
 thread, or a nested one lives)  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_query_all(tsr_tx* tx, tsr_str sql, const tsr_value* params,
                                                 size_t param_count, const tsr_sql_opts* opts,
                                                 tsr_rowset** out, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_query_all() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_query_all_async(tsr_tx* tx, tsr_str sql, const tsr_value* params,
                                                       size_t param_count, const tsr_sql_opts* opts,
                                                       tsr_done_fn done, void* user, void (*user_free)(void*),
                                                       tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** As tsr_store_put(), inside the transaction.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_execute(), TSR_E_TIMEOUT (held too long: rolled back), TSR_E_STATE (ended, another
 thread, or a nested one lives)  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_put(tsr_tx* tx, tsr_str key, const tsr_value* value,
                                           tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_put() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_put_async(tsr_tx* tx, tsr_str key, const tsr_value* value,
                                                 tsr_done_fn done, void* user, void (*user_free)(void*),
                                                 tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** As tsr_store_remove(), inside the transaction.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_execute(), TSR_E_TIMEOUT (held too long: rolled back), TSR_E_STATE (ended, another
 thread, or a nested one lives), TSR_E_NOT_FOUND  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_remove(tsr_tx* tx, tsr_str key, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_remove() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_remove_async(tsr_tx* tx, tsr_str key, tsr_done_fn done, void* user,
                                                    void (*user_free)(void*), tsr_op** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Commits; the transaction ends, also when this fails.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_execute(), TSR_E_TIMEOUT (held too long: rolled back), TSR_E_STATE (ended, another
 thread, or a nested one lives)  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_commit(tsr_tx* tx, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_commit() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_commit_async(tsr_tx* tx, tsr_done_fn done, void* user,
                                                    void (*user_free)(void*), tsr_op** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Undoes everything; the transaction ends. Again is fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE (another thread, or committed), TSR_E_IO, TSR_E_FORKED  @threads
 * one-at-a-time  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_rollback(tsr_tx* tx, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_tx_rollback() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_tx_rollback_async(tsr_tx* tx, tsr_done_fn done, void* user,
                                                      void (*user_free)(void*), tsr_op** out,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Releases the transaction; one that has not ended is rolled back. NULL is fine.
 *  @threads one-at-a-time  @blocks disk  @since 1.1 */
TSR_API void tsr_tx_free(tsr_tx* tx) TSR_NOEXCEPT;

/** Brings the schema up to the last step. Each step that was not applied yet runs in a transaction of its
 own; what
 *  was applied before must be here unchanged and in the same order.
 *  @param[in]  flags  TSR_MIGRATE_*.
 *  @param[out] out  Rows (name, state) with state "applied" (now), "present" (before) or "pending" (dry run);
 may be NULL.
 *  @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG (a step's SQL; the detail names it), TSR_E_STATE (MIGRATION_CHANGED), TSR_E_UNSUPPORTED
 (NEWER_SCHEMA), and as tsr_store_execute()  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_migrate(tsr_store* store, const tsr_migration* steps,
                                                  size_t step_count, uint32_t flags, tsr_rowset** out,
                                                  tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_migrate() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_migrate_async(tsr_store* store, const tsr_migration* steps,
                                                        size_t step_count, uint32_t flags, tsr_done_fn done,
                                                        void* user, void (*user_free)(void*), tsr_op** out,
                                                        tsr_error** err) TSR_NOEXCEPT;

/** Writes one setting.
 *  @param[in]  key  1 to 1,024 bytes of UTF-8.
 *  @param[in]  opts  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, and as tsr_store_execute()  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_put(tsr_store* store, tsr_str key, const tsr_value* value,
                                              const tsr_sql_opts* opts, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_put() in the background; see op.h. Ends with tsr_op_void(). Committed as by
 *  tsr_store_execute_async(): start thousands, they go to the disk in groups.
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_put_async(tsr_store* store, tsr_str key, const tsr_value* value,
                                                    const tsr_sql_opts* opts, tsr_done_fn done, void* user,
                                                    void (*user_free)(void*), tsr_op** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Reads one setting.
 *  @param[out] out  One row with one column, "value", in the type that was put. @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_NOT_FOUND (an outcome: no tsr_error is made), and as tsr_store_query()  @threads any @blocks
 * disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_get(tsr_store* store, tsr_str key, tsr_rowset** out,
                                              tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_get() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_get_async(tsr_store* store, tsr_str key, tsr_done_fn done,
                                                    void* user, void (*user_free)(void*), tsr_op** out,
                                                    tsr_error** err) TSR_NOEXCEPT;

/** Removes one setting.
 *  @param[in]  opts  May be NULL.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_NOT_FOUND (an outcome: no tsr_error is made), and as tsr_store_execute()  @threads any
 * @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_remove(tsr_store* store, tsr_str key, const tsr_sql_opts* opts,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_remove() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_remove_async(tsr_store* store, tsr_str key,
                                                       const tsr_sql_opts* opts, tsr_done_fn done, void* user,
                                                       void (*user_free)(void*), tsr_op** out,
                                                       tsr_error** err) TSR_NOEXCEPT;

/** Settings whose keys begin with `prefix`, in key order.
 *  @param[out] out  Rows (key, value). @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_store_query()  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_list(tsr_store* store, tsr_str prefix, tsr_rowset** out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_list() in the background; see op.h. Gives its rows to tsr_op_rowset().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_list_async(tsr_store* store, tsr_str prefix, tsr_done_fn done,
                                                     void* user, void (*user_free)(void*), tsr_op** out,
                                                     tsr_error** err) TSR_NOEXCEPT;

/** Reports a setting that was put or removed, after its commit.
 *  @threads a thread of the library, one call at a time for each registration, in the order of the commits.
 * May call anything not marked @notincallback. Any status but TSR_OK ends the registration. */
typedef tsr_status (*tsr_changed_fn)(void* user, tsr_str key);

/** Watches the settings whose keys begin with `prefix`. `user_free` (may be NULL) runs exactly once, also
 * when this call fails.
 *  @param[out] out  Registration; keeps the store alive. @owned tsr_sub_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED  @threads any  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_watch(tsr_store* store, tsr_str prefix, tsr_changed_fn fn,
                                                void* user, void (*user_free)(void*), tsr_sub** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Attaches a log sink to the store; see tsr_license_on_log().
 *  @param[out] out  Registration; keeps the store alive. @owned tsr_sub_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_FORKED  @threads any  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_on_log(tsr_store* store, int32_t level, tsr_log_fn fn, void* user,
                                                 void (*user_free)(void*), tsr_sub** out,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** Refuses new calls, waits up to `timeout_ms` for running ones, interrupts the rest, writes the log into the
 * file and closes. Later calls give TSR_E_STATE. Calling it again is fine.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_TIMEOUT, TSR_E_IO, TSR_E_FORKED  @threads any  @blocks disk  @notincallback
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_close(tsr_store* store, uint32_t timeout_ms,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_close() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_close_async(tsr_store* store, uint32_t timeout_ms, tsr_done_fn done,
                                                      void* user, void (*user_free)(void*), tsr_op** out,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Releases the handle. What was acknowledged stays. NULL is fine.
 *  @threads any  @since 1.1 */
TSR_API void tsr_store_free(tsr_store* store) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
