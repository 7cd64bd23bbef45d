// Transactions.
#include "call.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "options.hpp"
#include "rows_handle.hpp"
#include "sql_input.hpp"
#include "store_handle.hpp"
#include "tx_handle.hpp"
#include "values.hpp"

using tessera::Result;
using tessera::Status;
using tessera::capi::all_of;
using tessera::capi::argument_error;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_free_kept;
using tessera::capi::hand_out;
using tessera::capi::options_in;
using tessera::capi::place_of;
using tessera::capi::require_out;
using tessera::capi::RowsetPtr;
using tessera::capi::RowsPtr;
using tessera::capi::run_now;
using tessera::capi::sql_in;
using tessera::capi::SqlCopy;
using tessera::capi::SqlInput;
using tessera::capi::start;
using tessera::capi::store_of;
using tessera::capi::StoreRef;
using tessera::capi::table_in;
using tessera::capi::take;
using tessera::capi::text_in;
using tessera::capi::tx_of;
using tessera::capi::TxPtr;
using tessera::capi::values_in;
using tessera::capi::ValuesCopy;
using tessera::store::Durability;
using tessera::store::Outcome;
using tessera::store::TransactionOptions;

tsr_tx::~tsr_tx() {
  if (state != State::kOpen || fork.in_child()) return;
  try {
    // On a thread that may not: when the last of what refers to the transaction goes.
    static_cast<void>(transaction->rollback());
  } catch (...) {  // NOLINT(bugprone-empty-catch): as above
  }
}

namespace {

constexpr size_t kFirstTxOptsSize = offsetof(tsr_tx_opts, timeout_ms) + sizeof(tsr_tx_opts::timeout_ms);

Result<TransactionOptions> transaction_options_in(const tsr_tx_opts* opts, const StoreRef& ref) {
  TSR_ASSIGN_OR_RETURN(const auto own, options_in(opts, kFirstTxOptsSize, "opts", "tsr_tx_opts_init"));
  if ((own.flags & ~uint32_t{TSR_TX_ANY_THREAD}) != 0) return argument_error("opts.flags has an unknown bit");
  if (own.reserved != 0) return argument_error("opts.reserved is not 0");
  if (own.commit < TSR_COMMIT_DEFAULT || own.commit > TSR_COMMIT_STRICT) {
    return argument_error("opts.commit is not one of TSR_COMMIT_*");
  }
  if (own.timeout_ms < 0) return argument_error("opts.timeout_ms is negative");
  return TransactionOptions{.durability = static_cast<Durability>(own.commit),
                            .any_thread = (own.flags & TSR_TX_ANY_THREAD) != 0,
                            .timeout_ms = own.timeout_ms,
                            .tenant = ref.tenant.get()};
}

Result<TxPtr> begin(const StoreRef& ref, const TransactionOptions& options) {
  TSR_ASSIGN_OR_RETURN(auto transaction, ref.database().begin(options));
  auto made = std::make_shared<tsr_tx>(ref, std::move(transaction));
  return made;
}

Result<Call<TxPtr>> beginning(tsr_store* store, const tsr_tx_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(auto options, transaction_options_in(opts, ref));
  options.any_thread = true;
  // Not in the line: what it waits for may be waiting there.
  return Call<TxPtr>{{ref.use, &ref.use->begins, nullptr}, [ref, options] { return begin(ref, options); }};
}

// What the functions that take one statement do with it, for themselves and their `_async` twins.

Result<Outcome> execute(const tsr_tx& tx, const SqlInput& input) {
  return tx.transaction->execute(input.sql, input.parameters());
}

Result<RowsPtr> query(const tsr_tx& tx, const SqlInput& input) {
  TSR_ASSIGN_OR_RETURN(auto rows, tx.transaction->query(input.sql, input.parameters()));
  return std::make_shared<tsr_rows>(tx.ref, std::move(rows), tx.transaction, tx.strand);
}

Result<RowsetPtr> query_all(const tsr_tx& tx, const SqlInput& input) {
  TSR_ASSIGN_OR_RETURN(const auto rows, tx.transaction->query(input.sql, input.parameters()));
  return all_of(*rows);
}

template <class Run, class... Out>
Status run_sql(tsr_tx* handle, tsr_str sql, const tsr_value* params, size_t param_count,
               const tsr_sql_opts* opts, Run run, Out*... out) {
  TSR_ASSIGN_OR_RETURN(const TxPtr tx, tx_of(handle));
  TSR_ASSIGN_OR_RETURN(const SqlInput input, sql_in(sql, params, param_count, opts, tx->ref));
  TSR_ASSIGN_OR_RETURN(auto made, run(*tx, input));
  return hand_out(made, out...);
}

template <class T>
Result<Call<T>> calling(tsr_tx* handle, tsr_str sql, const tsr_value* params, size_t param_count,
                        const tsr_sql_opts* opts, Result<T> (*run)(const tsr_tx&, const SqlInput&)) {
  TSR_ASSIGN_OR_RETURN(const TxPtr tx, tx_of(handle));
  TSR_ASSIGN_OR_RETURN(const SqlInput input, sql_in(sql, params, param_count, opts, tx->ref));
  const auto copy = std::make_shared<const SqlCopy>(input, tx->ref);
  return Call<T>{place_of(tx), [tx, copy, run] { return run(*tx, copy->input()); }};
}

Result<Call<Outcome>> executing_many(tsr_tx* handle, tsr_str sql, const tsr_value* params, size_t width,
                                     size_t count) {
  TSR_ASSIGN_OR_RETURN(const TxPtr tx, tx_of(handle));
  TSR_ASSIGN_OR_RETURN(const auto text, text_in(sql, "sql"));
  TSR_ASSIGN_OR_RETURN(const auto values, table_in(params, width, count));
  return Call<Outcome>{place_of(tx), [tx, text = std::string(text), width,
                                      values = std::make_shared<const ValuesCopy>(values)] {
                         return tx->transaction->execute_many(text, values->view(), width);
                       }};
}

Result<Call<void>> putting(tsr_tx* handle, tsr_str key, const tsr_value* value) {
  TSR_ASSIGN_OR_RETURN(const TxPtr tx, tx_of(handle));
  TSR_ASSIGN_OR_RETURN(const auto name, text_in(key, "key"));
  TSR_ASSIGN_OR_RETURN(const auto given, values_in(value, 1, "value"));
  return Call<void>{
      place_of(tx), [tx, name = std::string(name), values = std::make_shared<const ValuesCopy>(given)] {
        return tx->ref.core().settings().put_within(*tx->transaction, name, values->view().front());
      }};
}

Result<Call<void>> removing(tsr_tx* handle, tsr_str key) {
  TSR_ASSIGN_OR_RETURN(const TxPtr tx, tx_of(handle));
  TSR_ASSIGN_OR_RETURN(const auto name, text_in(key, "key"));
  return Call<void>{place_of(tx), [tx, name = std::string(name)] {
                      return tx->ref.core().settings().remove_within(*tx->transaction, name);
                    }};
}

Result<Call<void>> committing(tsr_tx* handle) {
  TSR_ASSIGN_OR_RETURN(const TxPtr tx, tx_of(handle));
  return Call<void>{place_of(tx), [tx]() -> Status {
                      TSR_RETURN_IF_ERROR(tx->transaction->commit());
                      tx->state = tsr_tx::State::kCommitted;
                      return {};
                    }};
}

Result<Call<void>> rolling_back(tsr_tx* handle) {
  TSR_ASSIGN_OR_RETURN(const TxPtr tx, tx_of(handle));
  return Call<void>{place_of(tx), [tx]() -> Status {
                      if (tx->state == tsr_tx::State::kRolledBack) return {};
                      TSR_RETURN_IF_ERROR(tx->transaction->rollback());
                      tx->state = tsr_tx::State::kRolledBack;
                      return {};
                    }};
}

}  // namespace

tsr_status tsr_tx_begin(tsr_store* store, const tsr_tx_opts* opts, tsr_tx** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto options, transaction_options_in(opts, ref));
    TSR_ASSIGN_OR_RETURN(auto made, begin(ref, options));
    return hand_out(made, out);
  });
}

tsr_status tsr_tx_begin_async(tsr_store* store, const tsr_tx_opts* opts, tsr_done_fn done, void* user,
                              void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return beginning(store, opts); });
}

tsr_status tsr_op_tx(tsr_op* op, tsr_tx** out, tsr_error** err) noexcept {
  return take<TxPtr>(__func__, op, err, out);
}

tsr_status tsr_tx_nest(tsr_tx* tx, tsr_tx** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const TxPtr outer, tx_of(tx));
    TSR_ASSIGN_OR_RETURN(auto nested, outer->transaction->nest());
    auto made = std::make_shared<tsr_tx>(*outer, std::move(nested));
    return hand_out(made, out);
  });
}

tsr_status tsr_tx_execute(tsr_tx* tx, tsr_str sql, const tsr_value* params, size_t param_count,
                          const tsr_sql_opts* opts, int64_t* changes_out, int64_t* row_id_out,
                          tsr_error** err) noexcept {
  clear(changes_out);
  clear(row_id_out);
  return guard(__func__, err,
               [&] { return run_sql(tx, sql, params, param_count, opts, execute, changes_out, row_id_out); });
}

tsr_status tsr_tx_execute_async(tsr_tx* tx, tsr_str sql, const tsr_value* params, size_t param_count,
                                const tsr_sql_opts* opts, tsr_done_fn done, void* user,
                                void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return calling(tx, sql, params, param_count, opts, execute); });
}

tsr_status tsr_tx_execute_many(tsr_tx* tx, tsr_str sql, const tsr_value* params, size_t width, size_t count,
                               int64_t* changes_out, tsr_error** err) noexcept {
  clear(changes_out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const TxPtr kept, tx_of(tx));
    TSR_ASSIGN_OR_RETURN(const auto text, text_in(sql, "sql"));
    TSR_ASSIGN_OR_RETURN(const auto values, table_in(params, width, count));
    TSR_ASSIGN_OR_RETURN(const auto made, kept->transaction->execute_many(text, values, width));
    return hand_out(made, changes_out);
  });
}

tsr_status tsr_tx_execute_many_async(tsr_tx* tx, tsr_str sql, const tsr_value* params, size_t width,
                                     size_t count, tsr_done_fn done, void* user, void (*user_free)(void*),
                                     tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return executing_many(tx, sql, params, width, count); });
}

tsr_status tsr_tx_query(tsr_tx* tx, tsr_str sql, const tsr_value* params, size_t param_count,
                        const tsr_sql_opts* opts, tsr_rows** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_sql(tx, sql, params, param_count, opts, query, out);
  });
}

tsr_status tsr_tx_query_async(tsr_tx* tx, tsr_str sql, const tsr_value* params, size_t param_count,
                              const tsr_sql_opts* opts, tsr_done_fn done, void* user,
                              void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return calling(tx, sql, params, param_count, opts, query); });
}

tsr_status tsr_tx_query_all(tsr_tx* tx, tsr_str sql, const tsr_value* params, size_t param_count,
                            const tsr_sql_opts* opts, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_sql(tx, sql, params, param_count, opts, query_all, out);
  });
}

tsr_status tsr_tx_query_all_async(tsr_tx* tx, tsr_str sql, const tsr_value* params, size_t param_count,
                                  const tsr_sql_opts* opts, tsr_done_fn done, void* user,
                                  void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return calling(tx, sql, params, param_count, opts, query_all); });
}

tsr_status tsr_tx_put(tsr_tx* tx, tsr_str key, const tsr_value* value, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(putting(tx, key, value)); });
}

tsr_status tsr_tx_put_async(tsr_tx* tx, tsr_str key, const tsr_value* value, tsr_done_fn done, void* user,
                            void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return putting(tx, key, value); });
}

tsr_status tsr_tx_remove(tsr_tx* tx, tsr_str key, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(removing(tx, key)); });
}

tsr_status tsr_tx_remove_async(tsr_tx* tx, tsr_str key, tsr_done_fn done, void* user,
                               void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return removing(tx, key); });
}

tsr_status tsr_tx_commit(tsr_tx* tx, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(committing(tx)); });
}

tsr_status tsr_tx_commit_async(tsr_tx* tx, tsr_done_fn done, void* user, void (*user_free)(void*),
                               tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return committing(tx); });
}

tsr_status tsr_tx_rollback(tsr_tx* tx, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(rolling_back(tx)); });
}

tsr_status tsr_tx_rollback_async(tsr_tx* tx, tsr_done_fn done, void* user, void (*user_free)(void*),
                                 tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return rolling_back(tx); });
}

void tsr_tx_free(tsr_tx* tx) noexcept { guard_free_kept(__func__, tx); }
