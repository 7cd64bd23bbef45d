#include "tessera/value.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "convert.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "values.hpp"

using tessera::capi::as_c;
using tessera::capi::guard_free;
using tessera::capi::guard_value;
using tessera::capi::is_live;
using tessera::capi::RowsetPtr;
using tessera::capi::take;

namespace tessera::capi {
namespace {

bool has_bytes(int32_t type) {
  return type == TSR_VALUE_TEXT || type == TSR_VALUE_BLOB || type == TSR_VALUE_JSON;
}

/// What is wrong with a value, null when nothing is.
const char* problem(const tsr_value& value) {
  if (value.type < TSR_VALUE_NULL || value.type > TSR_VALUE_JSON) return "has a type that is not TSR_VALUE_*";
  if (value.reserved != 0) return "has a reserved field that is not 0";
  if (value.type == TSR_VALUE_BOOL && (value.integer & ~int64_t{1}) != 0)
    return "is a BOOL that is not 0 or 1";
  if (!has_bytes(value.type)) return nullptr;
  if (value.data == nullptr && value.len > 0) return "has a length but its data is NULL";
  if (value.len > static_cast<size_t>(PTRDIFF_MAX)) return "has an impossible length";
  return nullptr;
}

}  // namespace

Result<std::span<const store::Value>> values_in(const tsr_value* values, size_t count, const char* name) {
  if (values == nullptr && count > 0) return argument_error(std::string(name) + " is NULL but has a count");
  if (count > static_cast<size_t>(PTRDIFF_MAX) / sizeof(tsr_value)) {
    return argument_error(std::string(name) + " has an impossible count");
  }
  for (size_t i = 0; i < count; ++i) {
    if (const char* const wrong = problem(values[i])) {
      return argument_error(std::string(name) + " number " + std::to_string(i + 1) + ' ' + wrong);
    }
  }
  return std::span(reinterpret_cast<const store::Value*>(values), count);
}

ValuesCopy::ValuesCopy(std::span<const store::Value> values) : values_(values.begin(), values.end()) {
  size_t size = 0;
  for (store::Value& value : values_) {
    if (has_bytes(static_cast<int32_t>(value.type))) {
      size += value.size;
    } else {
      value.data = nullptr;
      value.size = 0;
    }
  }
  bytes_ = std::make_unique_for_overwrite<uint8_t[]>(size);
  uint8_t* at = bytes_.get();
  for (store::Value& value : values_) {
    if (value.size == 0) continue;
    std::memcpy(at, value.data, value.size);
    value.data = at;
    at += value.size;
  }
}

}  // namespace tessera::capi

size_t tsr_rowset_count(const tsr_rowset* rows) noexcept {
  return guard_value(__func__, size_t{0}, [&] { return is_live(rows) ? rows->rows.size() : 0; });
}

size_t tsr_rowset_column_count(const tsr_rowset* rows) noexcept {
  return guard_value(__func__, size_t{0}, [&] { return is_live(rows) ? rows->rows.columns().size() : 0; });
}

tsr_str tsr_rowset_column(const tsr_rowset* rows, size_t column) noexcept {
  return guard_value(__func__, tsr_str{}, [&]() -> tsr_str {
    if (!is_live(rows) || column >= rows->rows.columns().size()) return {};
    const std::string& name = rows->rows.columns()[column];
    return {name.data(), name.size()};
  });
}

const tsr_value* tsr_rowset_row(const tsr_rowset* rows, size_t row) noexcept {
  return guard_value(__func__, static_cast<const tsr_value*>(nullptr), [&]() -> const tsr_value* {
    return is_live(rows) && row < rows->rows.size() ? as_c(rows->rows.row(row)) : nullptr;
  });
}

int32_t tsr_rowset_more(const tsr_rowset* rows) noexcept {
  return guard_value(__func__, int32_t{0}, [&] { return is_live(rows) && rows->more ? 1 : 0; });
}

void tsr_rowset_free(tsr_rowset* rows) noexcept { guard_free(__func__, rows); }

tsr_status tsr_op_rowset(tsr_op* op, tsr_rowset** out, tsr_error** err) noexcept {
  return take<RowsetPtr>(__func__, op, err, out);
}
