// tsr_value made and read.
#pragma once

#include <tessera/value.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tessera::test {

inline tsr_value null_value() { return {}; }
inline tsr_value integer(int64_t number) {
  tsr_value value{};
  value.type = TSR_VALUE_INTEGER;
  value.integer = number;
  return value;
}
inline tsr_value real(double number) {
  tsr_value value{};
  value.type = TSR_VALUE_REAL;
  value.real = number;
  return value;
}
inline tsr_value bytes_value(int32_t type, std::string_view content) {
  tsr_value value{};
  value.type = type;
  value.data = content.data();
  value.len = content.size();
  return value;
}
inline tsr_value text(std::string_view content) { return bytes_value(TSR_VALUE_TEXT, content); }
inline tsr_value blob(std::string_view content) { return bytes_value(TSR_VALUE_BLOB, content); }

inline std::string content_of(const tsr_value& value) {
  return {static_cast<const char*>(value.data), value.len};
}

/// A cell of copied rows; throws when there is none.
inline const tsr_value& cell(const tsr_rowset* rows, size_t row, size_t column) {
  const tsr_value* const cells = tsr_rowset_row(rows, row);
  if (cells == nullptr || column >= tsr_rowset_column_count(rows)) throw std::out_of_range("no such cell");
  return cells[column];
}
/// The same by the column's name.
inline const tsr_value& cell(const tsr_rowset* rows, size_t row, std::string_view name) {
  for (size_t column = 0; column < tsr_rowset_column_count(rows); ++column) {
    const tsr_str own = tsr_rowset_column(rows, column);
    if (std::string_view(own.data, own.len) == name) return cell(rows, row, column);
  }
  throw std::out_of_range("no such column");
}

}  // namespace tessera::test
