/** @file tessera/version.h  Version of the library, its ABI and its areas. */
#ifndef TESSERA_VERSION_H
#define TESSERA_VERSION_H

#include "tessera/types.h"

/** ABI that this header describes. The major is the SONAME; the minor rises when functions join. */
#define TSR_ABI_MAJOR 1
#define TSR_ABI_MINOR 1

TSR_BEGIN_DECLS

/** Areas for tsr_features(). */
enum { TSR_FEATURE_HWID = 1, TSR_FEATURE_LICENSE = 2, TSR_FEATURE_STORE = 4 };

/** Product version of the loaded library, such as "0.1.0". Static.
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_version(void) TSR_NOEXCEPT;

/** What the loaded library was built with, as JSON: {"version","openssl","libsodium","sqlite","sqlcipher",
 * "compiler"}, without those two where the store is not built; the versions of the libraries are those that
 * run, for a support report. Static.
 *  @threads any  @since 1.0 */
TSR_API const char* tsr_build_info(void) TSR_NOEXCEPT;

/** TSR_FEATURE_* bits of the areas that this build includes. Functions of a missing area return
 *  TSR_E_UNSUPPORTED.
 *  @threads any  @since 1.0 */
TSR_API uint64_t tsr_features(void) TSR_NOEXCEPT;

/** Checks that the loaded library serves a client built against header version `major`.`minor`: call it as
 *  tsr_abi_check(TSR_ABI_MAJOR, TSR_ABI_MINOR, &err). The error names both versions.
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors TSR_E_ABI  @threads any  @since 1.0 */
TSR_API TSR_MUST_USE tsr_status tsr_abi_check(uint32_t major, uint32_t minor, tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
