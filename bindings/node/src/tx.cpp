// tsr_tx.
#include "call.hpp"
#include "define.hpp"
#include "sql.hpp"

namespace tessera::node {

namespace {

tsr_tx_opts tx_opts(int32_t commit, int64_t timeout_ms) {
  tsr_tx_opts opts;
  tsr_tx_opts_init(&opts, sizeof opts);
  opts.commit = commit;
  opts.timeout_ms = timeout_ms;
  return opts;
}

constexpr auto kBegin = [](tsr_store* store, int32_t commit, int64_t timeout_ms,
                           const Start& to) noexcept -> tsr_status {
  const tsr_tx_opts opts = tx_opts(commit, timeout_ms);
  return to(&tsr_tx_begin_async, store, &opts);
};

constexpr auto kBeginNow = [](tsr_store* store, int32_t commit, int64_t timeout_ms, tsr_tx** out,
                              tsr_error** error) noexcept -> tsr_status {
  const tsr_tx_opts opts = tx_opts(commit, timeout_ms);
  return tsr_tx_begin(store, &opts, out, error);
};

constexpr auto kExecute = [](tsr_tx* tx, tsr_str sql, const Parameters& params,
                             const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(TSR_COMMIT_DEFAULT, 0, params.names());
  return to(&tsr_tx_execute_async, tx, sql, params.values(), params.count(), &opts);
};

constexpr auto kExecuteMany = [](tsr_tx* tx, tsr_str sql, const Parameters& params, uint32_t width,
                                 const Start& to) noexcept -> tsr_status {
  return to(&tsr_tx_execute_many_async, tx, sql, params.values(), size_t{width},
            rounds(params.count(), width));
};

constexpr auto kExecuteManyNow = [](tsr_tx* tx, tsr_str sql, const Parameters& params, uint32_t width,
                                    Changes* out, tsr_error** error) noexcept -> tsr_status {
  return tsr_tx_execute_many(tx, sql, params.values(), width, rounds(params.count(), width), &out->count,
                             error);
};

constexpr auto kQuery = [](tsr_tx* tx, tsr_str sql, const Parameters& params,
                           const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(TSR_COMMIT_DEFAULT, 0, params.names());
  return to(&tsr_tx_query_async, tx, sql, params.values(), params.count(), &opts);
};

constexpr auto kQueryAll = [](tsr_tx* tx, tsr_str sql, const Parameters& params,
                              const Start& to) noexcept -> tsr_status {
  const tsr_sql_opts opts = sql_opts(TSR_COMMIT_DEFAULT, 0, params.names());
  return to(&tsr_tx_query_all_async, tx, sql, params.values(), params.count(), &opts);
};

constexpr auto kPut = [](tsr_tx* tx, tsr_str key, const tsr_value* value, bool is_json,
                         const Start& to) noexcept -> tsr_status {
  const tsr_value setting = setting_of(*value, is_json);
  return to(&tsr_tx_put_async, tx, key, &setting);
};

constexpr auto kPutNow = [](tsr_tx* tx, tsr_str key, const tsr_value* value, bool is_json, Nothing*,
                            tsr_error** error) noexcept -> tsr_status {
  const tsr_value setting = setting_of(*value, is_json);
  return tsr_tx_put(tx, key, &setting, error);
};

constexpr auto kRemoveNow = [](tsr_tx* tx, tsr_str key, bool* out, tsr_error** error) noexcept -> tsr_status {
  return was_found(tsr_tx_remove(tx, key, error), out, error);
};

constexpr auto kCommitNow = [](tsr_tx* tx, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_tx_commit(tx, error);
};

constexpr auto kRollbackNow = [](tsr_tx* tx, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_tx_rollback(tx, error);
};

}  // namespace

void define_tx(Napi::Env env, Napi::Object exports) {
  define<&start<kBegin, &tsr_op_tx>>(env, exports, "txBegin");
  define<&call<kBeginNow>>(env, exports, "txBeginSync");
  define<&call<&tsr_tx_nest>>(env, exports, "txNest");
  define<&start<kExecute, kTakeChanges>>(env, exports, "txExecute");
  define<&start<kExecuteMany, kTakeChanges>>(env, exports, "txExecuteMany");
  define<&call<kExecuteManyNow>>(env, exports, "txExecuteManySync");
  define<&start<kQuery, &tsr_op_rows>>(env, exports, "txQuery");
  define<&start<kQueryAll, &tsr_op_rowset>>(env, exports, "txQueryAll");
  define<&start<kPut, kTakeNothing>>(env, exports, "txPut");
  define<&call<kPutNow>>(env, exports, "txPutSync");
  define<&start<&tsr_tx_remove_async, kTakeWhetherFound>>(env, exports, "txRemove");
  define<&call<kRemoveNow>>(env, exports, "txRemoveSync");
  define<&start<&tsr_tx_commit_async, kTakeNothing>>(env, exports, "txCommit");
  define<&call<kCommitNow>>(env, exports, "txCommitSync");
  define<&start<&tsr_tx_rollback_async, kTakeNothing>>(env, exports, "txRollback");
  define<&call<kRollbackNow>>(env, exports, "txRollbackSync");
  define<&release<tsr_tx>>(env, exports, "txFree");
}

}  // namespace tessera::node
