/** @file tessera/store_keys.h  Ways into a store: slots, recovery key, rotation.
 *
 *  @code
 *  tsr_buf key = {0};
 *  if (tsr_store_create_recovery_key(store, &key, &err) == TSR_OK) show_once((const char *)key.data);
 *  tsr_buf_free(&key);
 *  @endcode
 */
#ifndef TESSERA_STORE_KEYS_H
#define TESSERA_STORE_KEYS_H

#include "tessera/store.h"

TSR_BEGIN_DECLS

/** Ways into a store. */
enum {
  TSR_SLOT_PASSPHRASE = 1,
  TSR_SLOT_APP_KEY = 2,
  TSR_SLOT_DEVICE = 3,
  TSR_SLOT_PASSPHRASE_DEVICE = 4,
  TSR_SLOT_RECOVERY = 5,
  TSR_SLOT_KEYSTORE = 6
};

/** For tsr_store_rotate_data_key(): slots whose secret was not given go, instead of TSR_E_STATE. */
enum { TSR_ROTATE_DROP_SLOTS = 1 };

/** What opens the store.
 *  @param[out] out  Rows (slot, type, name, kdf, created_ms, opened), `opened` 1 for the slot that
 *  opened the store, else 0. @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED  @threads any  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_slots(tsr_store* store, tsr_rowset** out,
                                                tsr_error** err) TSR_NOEXCEPT;

/** Adds a way in, TSR_SLOT_*, with the secret it needs; a recovery key comes from
 * tsr_store_create_recovery_key(). There may be several passphrases and application keys, and one slot of
 * each other type (TSR_E_STATE). The data is not touched.
 *  @param[in]  secrets  May be NULL for TSR_SLOT_DEVICE and TSR_SLOT_KEYSTORE.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CRYPTO (WRONG_KEY), TSR_E_NO_MEMORY, TSR_E_IO, TSR_E_DISK_FULL,
 * TSR_E_FORKED, TSR_E_LIMIT, TSR_E_UNSUPPORTED (no keystore)  @threads any  @blocks cpu  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_add_slot(tsr_store* store, int32_t type,
                                                   const tsr_store_secrets* secrets,
                                                   tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_add_slot() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_add_slot_async(tsr_store* store, int32_t type,
                                                         const tsr_store_secrets* secrets, tsr_done_fn done,
                                                         void* user, void (*user_free)(void*), tsr_op** out,
                                                         tsr_error** err) TSR_NOEXCEPT;

/** Removes a way in, by its number; never the last one (TSR_E_STATE).
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CRYPTO (WRONG_KEY), TSR_E_NO_MEMORY, TSR_E_IO, TSR_E_DISK_FULL,
 * TSR_E_FORKED, TSR_E_NOT_FOUND  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_remove_slot(tsr_store* store, int64_t slot,
                                                      tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_remove_slot() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_remove_slot_async(tsr_store* store, int64_t slot, tsr_done_fn done,
                                                            void* user, void (*user_free)(void*),
                                                            tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Wraps the data key anew under another passphrase. Who knows the old passphrase and has an old slot file
 * can still open old copies of the data: after a leak use tsr_store_rotate_data_key().
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CRYPTO (WRONG_KEY), TSR_E_NO_MEMORY, TSR_E_IO, TSR_E_DISK_FULL,
 * TSR_E_FORKED  @threads any  @blocks cpu  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_change_passphrase(tsr_store* store, const void* old_passphrase,
                                                            size_t old_len, const void* new_passphrase,
                                                            size_t new_len, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_change_passphrase() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_change_passphrase_async(
    tsr_store* store, const void* old_passphrase, size_t old_len, const void* new_passphrase, size_t new_len,
    tsr_done_fn done, void* user, void (*user_free)(void*), tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** Makes a recovery key, in the place of an earlier one, and gives it this once: 34 characters in groups of
 * four. Show it to the user; it opens the store on any machine.
 *  @param[out] out  Text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CRYPTO (WRONG_KEY), TSR_E_NO_MEMORY, TSR_E_IO, TSR_E_DISK_FULL,
 * TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_create_recovery_key(tsr_store* store, tsr_buf* out,
                                                              tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_create_recovery_key() in the background; see op.h. Gives its text to tsr_op_buf().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_create_recovery_key_async(tsr_store* store, tsr_done_fn done,
                                                                    void* user, void (*user_free)(void*),
                                                                    tsr_op** out,
                                                                    tsr_error** err) TSR_NOEXCEPT;

/** 1 once a recovery key was made, else 0; 0 for NULL.
 *  @threads any  @since 1.1 */
TSR_API int32_t tsr_store_has_recovery_key(tsr_store* store) TSR_NOEXCEPT;

/** The weakest way in, as TSR_SLOT_*: a store that this device alone opens is as safe as the device's
 * hardware identifiers are secret, which is little. 0 when closed or NULL.
 *  @threads any  @since 1.1 */
TSR_API int32_t tsr_store_protection(tsr_store* store) TSR_NOEXCEPT;

/** Wraps the device slot anew for the hardware as it is now, after a part was changed.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CRYPTO (WRONG_KEY), TSR_E_NO_MEMORY, TSR_E_IO, TSR_E_DISK_FULL,
 * TSR_E_FORKED, TSR_E_NOT_FOUND (no device slot)  @threads any  @blocks cpu  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_rebind_device(tsr_store* store, tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_rebind_device() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_rebind_device_async(tsr_store* store, tsr_done_fn done, void* user,
                                                              void (*user_free)(void*), tsr_op** out,
                                                              tsr_error** err) TSR_NOEXCEPT;

/** Reports how far long work is. `total` is 0 while unknown.
 *  @threads the thread that works. Must not call functions of the same store. Any status but TSR_OK cancels
 * the work (TSR_E_CANCELLED). */
typedef tsr_status (*tsr_progress_fn)(void* user, int64_t done, int64_t total);

/** Options of long work. Start from tsr_care_opts_init(); new fields only ever join at the end. */
typedef struct tsr_care_opts {
  uint32_t struct_size; /**< sizeof(tsr_care_opts) as the caller compiled it. */
  uint32_t flags;       /**< As the function says. */
  tsr_progress_fn
      progress; /**< May be NULL. Of a function in the background it must outlive the operation. */
  void* user;   /**< For `progress`. */
} tsr_care_opts;

/** Fills `opts` with the defaults for a caller that compiled `struct_size`. NULL is fine.
 *  @threads any  @since 1.1 */
TSR_API void tsr_care_opts_init(tsr_care_opts* opts, uint32_t struct_size) TSR_NOEXCEPT;

/** Encrypts everything anew under another data key: after a leak of a key or a passphrase. Other calls wait
 * meanwhile. Slots stay when they need no secret or theirs is given.
 *  @param[in]  secrets  May be NULL.
 *  @param[in]  opts  May be NULL; flags TSR_ROTATE_*.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CRYPTO (WRONG_KEY), TSR_E_NO_MEMORY, TSR_E_IO, TSR_E_DISK_FULL,
 * TSR_E_FORKED, TSR_E_CANCELLED, TSR_E_BUSY  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_rotate_data_key(tsr_store* store, const tsr_store_secrets* secrets,
                                                          const tsr_care_opts* opts,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_rotate_data_key() in the background; see op.h. Ends with tsr_op_void().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_rotate_data_key_async(tsr_store* store,
                                                                const tsr_store_secrets* secrets,
                                                                const tsr_care_opts* opts, tsr_done_fn done,
                                                                void* user, void (*user_free)(void*),
                                                                tsr_op** out, tsr_error** err) TSR_NOEXCEPT;

/** The data key and salt as SQLCipher's raw key, "x'" and 96 hex digits and "'", for tools that open the file
 * themselves. Whoever has it has the data. The reason is kept in the audit log.
 *  @param[in]  reason  Not empty.
 *  @param[out] out  Text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_CRYPTO (WRONG_KEY), TSR_E_NO_MEMORY, TSR_E_IO, TSR_E_DISK_FULL,
 * TSR_E_FORKED  @threads any  @blocks disk  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_export_data_key(tsr_store* store, tsr_str reason, tsr_buf* out,
                                                          tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_store_export_data_key() in the background; see op.h. Gives its text to tsr_op_buf().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_STATE, TSR_E_FORKED, TSR_E_BUSY (no thread can be started)  @threads any
 * @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_store_export_data_key_async(tsr_store* store, tsr_str reason,
                                                                tsr_done_fn done, void* user,
                                                                void (*user_free)(void*), tsr_op** out,
                                                                tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
