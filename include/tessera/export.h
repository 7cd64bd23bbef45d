/** @file tessera/export.h  Macros of the C ABI: visibility, linkage and attributes. */
#ifndef TESSERA_EXPORT_H
#define TESSERA_EXPORT_H

#include <stddef.h> /* ISO C wants a declaration in a header that is compiled alone */

#if defined(TSR_STATIC)
#define TSR_API
#elif defined(_WIN32)
#if defined(TSR_BUILDING)
#define TSR_API __declspec(dllexport)
#else
#define TSR_API __declspec(dllimport)
#endif
#else
#define TSR_API __attribute__((visibility("default")))
#endif

#if defined(__GNUC__) || defined(__clang__)
#define TSR_MUST_USE __attribute__((warn_unused_result))
#define TSR_DEPRECATED(instead) __attribute__((deprecated(instead)))
#else
#define TSR_MUST_USE
#define TSR_DEPRECATED(instead)
#endif

#ifdef __cplusplus
#define TSR_NOEXCEPT noexcept
#define TSR_BEGIN_DECLS extern "C" {
#define TSR_END_DECLS }
#else
#define TSR_NOEXCEPT
#define TSR_BEGIN_DECLS
#define TSR_END_DECLS
#endif

#endif
