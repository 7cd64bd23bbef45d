// Values into and out of SQLite's prepared statements.
#pragma once

#include <sqlite3.h>

#include <new>

#include "store/value.hpp"

namespace tessera::store {

/// Who keeps the bytes of a bound text or blob: the caller until the last step, or a copy inside SQLite.
enum class Lifetime { kBorrowed, kCopied };

inline int bind_value(sqlite3_stmt* statement, int index, const Value& value, Lifetime lifetime) {
  const sqlite3_destructor_type keeper = lifetime == Lifetime::kBorrowed ? SQLITE_STATIC : SQLITE_TRANSIENT;
  switch (value.type) {
    case ValueType::kNull:
      return sqlite3_bind_null(statement, index);
    case ValueType::kInteger:
    case ValueType::kBool:
      return sqlite3_bind_int64(statement, index, value.integer);
    case ValueType::kReal:
      return sqlite3_bind_double(statement, index, value.real);
    case ValueType::kText:
    case ValueType::kJson:
      return sqlite3_bind_text64(statement, index,
                                 value.size == 0 ? "" : static_cast<const char*>(value.data), value.size,
                                 keeper, SQLITE_UTF8);
    case ValueType::kBlob:
      if (value.size == 0) return sqlite3_bind_zeroblob(statement, index, 0);
      return sqlite3_bind_blob64(statement, index, value.data, value.size, keeper);
  }
  return SQLITE_MISMATCH;
}

/// The cell lives as long as the value. What its type does not use may be left from before, but for `data`
/// and `size`. std::bad_alloc when there is no memory to bring it into shape.
inline void read_value(sqlite3_value* value, Value* cell) {
  const auto set = [cell](ValueType type, const void* data, size_t size) {
    cell->type = type;
    cell->data = data;
    cell->size = size;
  };
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      cell->integer = sqlite3_value_int64(value);
      set(ValueType::kInteger, nullptr, 0);
      return;
    case SQLITE_FLOAT:
      cell->real = sqlite3_value_double(value);
      set(ValueType::kReal, nullptr, 0);
      return;
    case SQLITE_TEXT: {
      const unsigned char* const text = sqlite3_value_text(value);
      if (text == nullptr) throw std::bad_alloc();
      set(ValueType::kText, text, static_cast<size_t>(sqlite3_value_bytes(value)));
      return;
    }
    case SQLITE_BLOB: {
      // Its size first: a blob that there is no memory for is empty afterwards.
      const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
      const void* const bytes = sqlite3_value_blob(value);
      if (bytes == nullptr && size != 0) throw std::bad_alloc();
      set(ValueType::kBlob, size == 0 ? "" : bytes, size);
      return;
    }
    default:
      set(ValueType::kNull, nullptr, 0);
  }
}

/// The cell lives until the statement's next step or reset.
inline void read_column(sqlite3_stmt* statement, int index, Value* cell) {
  read_value(sqlite3_column_value(statement, index), cell);
}

}  // namespace tessera::store
