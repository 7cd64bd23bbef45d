// Values that go into SQL and come out of it, and rows that outlive their statement.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace tessera::store {

/// kBool and kJson exist for settings only: as SQL parameters they are an integer and a text.
enum class ValueType : int32_t {
  kNull = 0,
  kInteger = 1,
  kReal = 2,
  kText = 3,
  kBlob = 4,
  kBool = 5,
  kJson = 6
};

/// A borrowed parameter or cell; `data` belongs to who gave it. Same layout as tsr_value (capi asserts it).
struct Value {
  ValueType type = ValueType::kNull;
  uint32_t reserved = 0;
  int64_t integer = 0;  // also kBool: 0 or 1
  double real = 0;
  const void* data = nullptr;  // text (UTF-8, may hold NUL) or bytes
  size_t size = 0;

  static Value of(int64_t number) { return {.type = ValueType::kInteger, .integer = number}; }
  static Value of(double number) { return {.type = ValueType::kReal, .real = number}; }
  static Value of(std::string_view text) {
    return {.type = ValueType::kText, .data = text.data(), .size = text.size()};
  }
  static Value of(ByteView bytes) {
    return {.type = ValueType::kBlob, .data = bytes.data(), .size = bytes.size()};
  }
  bool is_null() const { return type == ValueType::kNull; }
  std::string_view text() const { return {static_cast<const char*>(data), size}; }
  ByteView bytes() const { return {static_cast<const uint8_t*>(data), size}; }
};

/// Positional values, or named ones when `names` is not empty (same length; "id", ":id", "@id" and "$id" are
/// the same name).
struct Parameters {
  std::span<const Value> values;
  std::span<const std::string_view> names;
};

/// Copied rows of one shape.
class RowSet {
 public:
  RowSet() = default;
  explicit RowSet(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  RowSet(RowSet&&) noexcept = default;
  RowSet& operator=(RowSet&&) noexcept = default;

  const std::vector<std::string>& columns() const { return columns_; }
  size_t size() const { return columns_.empty() ? 0 : cells_.size() / columns_.size(); }
  /// columns().size() cells, valid as long as this.
  const Value* row(size_t index) const { return cells_.data() + index * columns_.size(); }
  /// Copies columns().size() cells.
  void add(const Value* row);

 private:
  std::vector<std::string> columns_;
  std::vector<Value> cells_;
  std::deque<std::vector<uint8_t>> blocks_;  // the bytes of texts and blobs; a block never moves
};

}  // namespace tessera::store
