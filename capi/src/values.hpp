// tsr_value is store::Value in C: values pass in both directions as they lie in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "handle.hpp"
#include "store/value.hpp"
#include "tessera/value.h"

namespace tessera::capi {

static_assert(sizeof(tsr_value) == sizeof(store::Value) && alignof(tsr_value) == alignof(store::Value));
static_assert(offsetof(tsr_value, type) == offsetof(store::Value, type) &&
              sizeof(tsr_value::type) == sizeof(store::Value::type));
static_assert(offsetof(tsr_value, reserved) == offsetof(store::Value, reserved));
static_assert(offsetof(tsr_value, integer) == offsetof(store::Value, integer));
static_assert(offsetof(tsr_value, real) == offsetof(store::Value, real));
static_assert(offsetof(tsr_value, data) == offsetof(store::Value, data));
static_assert(offsetof(tsr_value, len) == offsetof(store::Value, size));
static_assert(TSR_VALUE_NULL == int32_t(store::ValueType::kNull) &&
              TSR_VALUE_INTEGER == int32_t(store::ValueType::kInteger) &&
              TSR_VALUE_REAL == int32_t(store::ValueType::kReal) &&
              TSR_VALUE_TEXT == int32_t(store::ValueType::kText) &&
              TSR_VALUE_BLOB == int32_t(store::ValueType::kBlob) &&
              TSR_VALUE_BOOL == int32_t(store::ValueType::kBool) &&
              TSR_VALUE_JSON == int32_t(store::ValueType::kJson));

/// SQLite's limit of parameters in one statement.
inline constexpr size_t kMostParameters = 32'766;

inline const tsr_value* as_c(const store::Value* values) {
  return reinterpret_cast<const tsr_value*>(values);
}

/// `count` values of the caller, each one possible, without a copy. ARG names the one that is not.
Result<std::span<const store::Value>> values_in(const tsr_value* values, size_t count, const char* name);

/// Values with their bytes, for calls that outlast their arguments.
class ValuesCopy {
 public:
  explicit ValuesCopy(std::span<const store::Value> values);
  ValuesCopy(const ValuesCopy&) = delete;
  ValuesCopy& operator=(const ValuesCopy&) = delete;
  std::span<const store::Value> view() const { return values_; }

 private:
  std::vector<store::Value> values_;
  std::unique_ptr<uint8_t[]> bytes_;
};

}  // namespace tessera::capi

struct tsr_rowset : tessera::capi::Handle<tessera::capi::Tag::kRowset> {
  explicit tsr_rowset(tessera::store::RowSet copied, bool has_more = false)
      : rows(std::move(copied)), more(has_more) {}
  const tessera::store::RowSet rows;
  const bool more;
};

namespace tessera::capi {

using RowsetPtr = std::unique_ptr<tsr_rowset>;

inline Result<RowsetPtr> as_rowset(Result<store::RowSet> rows) {
  if (!rows.ok()) return std::move(rows).error();
  return std::make_unique<tsr_rowset>(std::move(rows).value());
}

}  // namespace tessera::capi
