#include "sql_input.hpp"

#include "options.hpp"

namespace tessera::capi {
namespace {

static_assert(TSR_COMMIT_DEFAULT == int32_t(store::Durability::kDefault) &&
              TSR_COMMIT_RELAXED == int32_t(store::Durability::kRelaxed) &&
              TSR_COMMIT_STRICT == int32_t(store::Durability::kStrict));

constexpr size_t kFirstSize = offsetof(tsr_sql_opts, names) +
                              sizeof(tsr_sql_opts::names);  // NOLINT(bugprone-sizeof-expression): the pointer

Result<tsr_sql_opts> sql_opts_in(const tsr_sql_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const auto own, options_in(opts, kFirstSize, "opts", "tsr_sql_opts_init"));
  if (own.flags != 0) return argument_error("opts.flags has an unknown bit");
  if (own.reserved != 0) return argument_error("opts.reserved is not 0");
  if (own.commit < TSR_COMMIT_DEFAULT || own.commit > TSR_COMMIT_STRICT) {
    return argument_error("opts.commit is not one of TSR_COMMIT_*");
  }
  if (own.timeout_ms < 0) return argument_error("opts.timeout_ms is negative");
  return own;
}

store::CallOptions call_options(const tsr_sql_opts& opts, const StoreRef& ref) {
  return {.durability = static_cast<store::Durability>(opts.commit),
          .timeout_ms = opts.timeout_ms,
          .tenant = ref.tenant.get()};
}

}  // namespace

Result<store::CallOptions> call_options_in(const tsr_sql_opts* opts, const StoreRef& ref) {
  if (opts == nullptr) return store::CallOptions{.tenant = ref.tenant.get()};
  TSR_ASSIGN_OR_RETURN(const auto own, sql_opts_in(opts));
  return call_options(own, ref);
}

Result<SqlInput> sql_in(tsr_str sql, const tsr_value* params, size_t param_count, const tsr_sql_opts* opts,
                        const StoreRef& ref) {
  SqlInput input;
  TSR_ASSIGN_OR_RETURN(input.sql, text_in(sql, "sql"));
  if (param_count > kMostParameters) return argument_error("params has more than 32,766 values");
  TSR_ASSIGN_OR_RETURN(input.values, values_in(params, param_count, "params"));
  if (opts == nullptr) {
    input.options.tenant = ref.tenant.get();
    return input;
  }
  TSR_ASSIGN_OR_RETURN(const auto own, sql_opts_in(opts));
  input.options = call_options(own, ref);
  if (own.names == nullptr) return input;
  input.names.reserve(param_count);
  for (size_t i = 0; i < param_count; ++i) {
    TSR_ASSIGN_OR_RETURN(const auto name, text_in(own.names[i], "one of opts.names"));
    if (name.empty()) return argument_error("one of opts.names is empty");
    input.names.push_back(name);
  }
  return input;
}

SqlCopy::SqlCopy(const SqlInput& input, StoreRef ref)
    : ref_(std::move(ref)),
      sql_(input.sql),
      values_(input.values),
      names_(input.names.begin(), input.names.end()),
      input_{sql_, values_.view(), {names_.begin(), names_.end()}, input.options} {
  input_.options.tenant = ref_.tenant.get();
}

Result<std::span<const store::Value>> table_in(const tsr_value* params, size_t width, size_t count) {
  if (count == 0) return std::span<const store::Value>();
  if (width == 0 || width > kMostParameters) return argument_error("width is not 1 to 32,766");
  if (count > SIZE_MAX / width) return argument_error("count is impossible");
  return values_in(params, width * count, "params");
}

}  // namespace tessera::capi
