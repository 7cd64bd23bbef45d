// Options of a statement.
#pragma once

#include "values.hpp"

namespace tessera::node {

inline tsr_sql_opts sql_opts(int32_t commit, int64_t timeout_ms, const tsr_str* names) {
  tsr_sql_opts opts;
  tsr_sql_opts_init(&opts, sizeof opts);
  opts.commit = commit;
  opts.timeout_ms = timeout_ms;
  opts.names = names;
  return opts;
}

/// A setting; JSON comes as its text.
inline tsr_value setting_of(tsr_value value, bool is_json) {
  if (is_json) value.type = TSR_VALUE_JSON;
  return value;
}

/// How often a statement with `width` parameters runs.
inline size_t rounds(size_t values, size_t width) { return width == 0 ? 0 : values / width; }

}  // namespace tessera::node
