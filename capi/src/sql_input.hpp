// SQL with its parameters and options as it comes in, and a copy for calls that outlast their arguments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/database.hpp"
#include "store_handle.hpp"
#include "tessera/store.h"
#include "values.hpp"

namespace tessera::capi {

/// What a caller's options say; null gives the defaults. The tenant is that of `ref`, which outlives it.
Result<store::CallOptions> call_options_in(const tsr_sql_opts* opts, const StoreRef& ref);

/// One statement, borrowed.
struct SqlInput {
  std::string_view sql;
  std::span<const store::Value> values;
  std::vector<std::string_view> names;
  store::CallOptions options;

  store::Parameters parameters() const { return {values, names}; }
};
Result<SqlInput> sql_in(tsr_str sql, const tsr_value* params, size_t param_count, const tsr_sql_opts* opts,
                        const StoreRef& ref);

/// The same, with everything that it refers to.
class SqlCopy {
 public:
  SqlCopy(const SqlInput& input, StoreRef ref);
  SqlCopy(const SqlCopy&) = delete;
  SqlCopy& operator=(const SqlCopy&) = delete;
  const SqlInput& input() const { return input_; }
  const StoreRef& ref() const { return ref_; }

 private:
  const StoreRef ref_;
  const std::string sql_;
  const ValuesCopy values_;
  std::vector<std::string> names_;
  SqlInput input_;
};

/// Values for `count` runs of a statement with `width` parameters.
Result<std::span<const store::Value>> table_in(const tsr_value* params, size_t width, size_t count);

}  // namespace tessera::capi
