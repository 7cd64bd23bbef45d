/** @file tessera/hwid.h  What identifies this machine, without revealing it.
 *
 *  A probe reads identifiers of the hardware and the operating system, rejects placeholders, and keeps them
 * inside the handle: no function gives a raw value. Licences bind to salted, truncated tags of them.
 *
 *  @code
 *  tsr_hwid *hwid = NULL;
 *  tsr_buf text = {0};
 *  if (tsr_hwid_probe(tsr_str_of(NULL), &hwid, NULL) == TSR_OK && tsr_hwid_explain(hwid, &text, NULL) ==
 * TSR_OK) puts((const char *)text.data); tsr_buf_free(&text); tsr_hwid_free(hwid);
 *  @endcode
 */
#ifndef TESSERA_HWID_H
#define TESSERA_HWID_H

#include "tessera/op.h"
#include "tessera/types.h"

TSR_BEGIN_DECLS

/** A snapshot of this machine's identifiers. Immutable. */
typedef struct tsr_hwid tsr_hwid;

/** How well a licence can be bound to this machine. */
enum { TSR_STRENGTH_NONE = 0, TSR_STRENGTH_WEAK = 1, TSR_STRENGTH_MEDIUM = 2, TSR_STRENGTH_STRONG = 3 };

/** What a factor identifies; the value is the letter that licences carry. */
enum { TSR_FACTOR_UNIQUE = 'U', TSR_FACTOR_OS = 'O', TSR_FACTOR_MODEL = 'M' };

/** What the probe found for a factor. */
enum { TSR_FACTOR_READABLE = 0, TSR_FACTOR_UNREADABLE = 1, TSR_FACTOR_ABSENT = 2, TSR_FACTOR_REJECTED = 3 };

/** Probes this machine: reads small files and asks the kernel; no child process, no network, a few
 * milliseconds.
 *  @param[in]  config_json  Absent, or {"app_factors": [{"name","value","class":
 * "unique"|"os"|"model","weight"}]} for identifiers that only the application knows. Copied.
 *  @param[out] out  New handle, NULL on failure. @owned tsr_hwid_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_LICENSE (HW_CUSTOM_INVALID), TSR_E_NO_MEMORY  @threads any  @blocks disk
 * @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_hwid_probe(tsr_str config_json, tsr_hwid** out,
                                               tsr_error** err) TSR_NOEXCEPT;

/** Starts tsr_hwid_probe() in the background; see op.h. Gives its snapshot to tsr_op_hwid().
 *  @param[out] out  May be NULL when `done` is not. @owned tsr_op_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG, TSR_E_BUSY (no thread can be started), TSR_E_NO_MEMORY  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_hwid_probe_async(tsr_str config_json, tsr_done_fn done, void* user,
                                                     void (*user_free)(void*), tsr_op** out,
                                                     tsr_error** err) TSR_NOEXCEPT;

/** Takes the snapshot that an operation made; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_hwid_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_op_hwid(tsr_op* op, tsr_hwid** out, tsr_error** err) TSR_NOEXCEPT;

/** TSR_STRENGTH_*; NONE for NULL.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_hwid_strength(const tsr_hwid* hwid) TSR_NOEXCEPT;

/** "kvm", "vmware", ... in a virtual machine, else "". Valid until tsr_hwid_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_hwid_vm(const tsr_hwid* hwid) TSR_NOEXCEPT;

/** "docker", "wsl", ... in a container, else "". Valid until tsr_hwid_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_hwid_container(const tsr_hwid* hwid) TSR_NOEXCEPT;

/** Number of factor kinds that this platform looks for, found or not.
 *  @threads any  @since 1.0 */
TSR_API size_t tsr_hwid_factor_count(const tsr_hwid* hwid) TSR_NOEXCEPT;

/** Kind of factor `index`: "disk", "machine_id", "app:dongle", ...; "" when out of range. Valid until
 *  tsr_hwid_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_hwid_factor_kind(const tsr_hwid* hwid, size_t index) TSR_NOEXCEPT;

/** TSR_FACTOR_UNIQUE, _OS or _MODEL; 0 when out of range.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_hwid_factor_class(const tsr_hwid* hwid, size_t index) TSR_NOEXCEPT;

/** Weight in the score, 1 to 10; 0 when out of range.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_hwid_factor_weight(const tsr_hwid* hwid, size_t index) TSR_NOEXCEPT;

/** TSR_FACTOR_READABLE, _UNREADABLE, _ABSENT or _REJECTED; -1 when out of range.
 *  @threads any  @since 1.0 */
TSR_API int32_t tsr_hwid_factor_state(const tsr_hwid* hwid, size_t index) TSR_NOEXCEPT;

/** The seed-compatible digest (TT-25): SHA-256 in hex over sorted CPU names and MAC addresses. LEGACY: it
 * changes with any network adapter; use it only for RS256 tokens that carry such a value. Valid until
 * tsr_hwid_free().
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_hwid_legacy_digest(const tsr_hwid* hwid) TSR_NOEXCEPT;

/** A readable report: strength, environment, each kind with class, weight and state. No raw values.
 *  @param[out] out  Text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_hwid_explain(const tsr_hwid* hwid, tsr_buf* out,
                                                 tsr_error** err) TSR_NOEXCEPT;

/** The same report as JSON: {"strength","weights":{"unique","os","model"},"vm","container","legacy_digest",
 *  "factors":[{"kind","class","weight","state","bits","note"}]}.
 *  @param[out] out  JSON text. @owned tsr_buf_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ARG  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_hwid_json(const tsr_hwid* hwid, tsr_buf* out,
                                              tsr_error** err) TSR_NOEXCEPT;

/** Releases the snapshot and wipes its values. NULL is fine.
 *  @threads any  @since 1.0 */
TSR_API void tsr_hwid_free(tsr_hwid* hwid) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
