/** @file tessera/value.h  Values that go into the store and come out of it, and copied rows.
 *
 *  @code
 *  const tsr_value params[] = {{.type = TSR_VALUE_INTEGER, .integer = 7},
 *                              {.type = TSR_VALUE_TEXT, .data = "blue", .len = 4}};
 *  status = tsr_store_execute(store, TSR_LIT("update shirts set colour = ?2 where id = ?1"), params, 2,
 *                             NULL, NULL, NULL, &err);
 *  @endcode
 */
#ifndef TESSERA_VALUE_H
#define TESSERA_VALUE_H

#include "tessera/op.h"
#include "tessera/types.h"

TSR_BEGIN_DECLS

/** What a cell, a parameter or a setting holds. As an SQL parameter a BOOL is an integer and JSON is a text.
 */
enum {
  TSR_VALUE_NULL = 0,
  TSR_VALUE_INTEGER = 1,
  TSR_VALUE_REAL = 2,
  TSR_VALUE_TEXT = 3,
  TSR_VALUE_BLOB = 4,
  TSR_VALUE_BOOL = 5,
  TSR_VALUE_JSON = 6
};

/** One value. Its layout is frozen. Borrowed both ways: `data` belongs to who gave the value. */
typedef struct tsr_value {
  int32_t type;      /**< TSR_VALUE_*. */
  uint32_t reserved; /**< 0. */
  int64_t integer;   /**< INTEGER; BOOL as 0 or 1. */
  double real;       /**< REAL. */
  const void* data;  /**< TEXT and JSON (UTF-8, may hold NUL) or BLOB. */
  size_t len;        /**< Bytes at `data`. */
} tsr_value;

/** Copied rows. Immutable; outlives its store. */
typedef struct tsr_rowset tsr_rowset;

/** Number of rows; 0 for NULL.
 *  @threads any  @since 1.1 */
TSR_API size_t tsr_rowset_count(const tsr_rowset* rows) TSR_NOEXCEPT;

/** Number of columns; 0 for NULL.
 *  @threads any  @since 1.1 */
TSR_API size_t tsr_rowset_column_count(const tsr_rowset* rows) TSR_NOEXCEPT;

/** Name of a column, absent when out of range. Valid until tsr_rowset_free().
 *  @threads any  @since 1.1 */
TSR_API tsr_str tsr_rowset_column(const tsr_rowset* rows, size_t column) TSR_NOEXCEPT;

/** The cells of one row, tsr_rowset_column_count() of them; NULL when out of range. Valid until
 *  tsr_rowset_free().
 *  @threads any  @since 1.1 */
TSR_API const tsr_value* tsr_rowset_row(const tsr_rowset* rows, size_t row) TSR_NOEXCEPT;

/** 1 when tsr_rows_fetch() left rows behind these, else 0.
 *  @threads any  @since 1.1 */
TSR_API int32_t tsr_rowset_more(const tsr_rowset* rows) TSR_NOEXCEPT;

/** Releases the rows. NULL is fine.
 *  @threads any  @since 1.1 */
TSR_API void tsr_rowset_free(tsr_rowset* rows) TSR_NOEXCEPT;

/** Takes the rows that an operation made; see tsr_op_buf().
 *  @param[out] out  New handle, NULL on failure. @owned tsr_rowset_free()
 *  @param[out] err  May be NULL. @owned tsr_error_free()
 *  @errors as tsr_op_buf()  @threads any  @since 1.1 */
TSR_API TSR_MUST_USE tsr_status tsr_op_rowset(tsr_op* op, tsr_rowset** out, tsr_error** err) TSR_NOEXCEPT;

TSR_END_DECLS

#endif
