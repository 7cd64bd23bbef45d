// SQL outside of transactions.
#include "call.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "rows_handle.hpp"
#include "sql_input.hpp"
#include "store/application.hpp"
#include "store_handle.hpp"
#include "values.hpp"

using tessera::Result;
using tessera::Status;
using tessera::capi::all_of;
using tessera::capi::Call;
using tessera::capi::call_options_in;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::hand_out;
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
using tessera::capi::ValuesCopy;
using tessera::capi::Write;
using tessera::store::execute_on;
using tessera::store::may_roll_back;
using tessera::store::Outcome;
using tessera::store::WriteScope;

namespace {

using SqlPtr = std::shared_ptr<const SqlCopy>;

// What the functions that take one statement do with it, for themselves and their `_async` twins.

Result<Outcome> execute(const StoreRef& ref, const SqlInput& input) {
  return ref.database().execute(input.sql, input.parameters(), input.options);
}

Result<RowsPtr> query(const StoreRef& ref, const SqlInput& input) {
  TSR_ASSIGN_OR_RETURN(auto rows, ref.database().query(input.sql, input.parameters(), input.options));
  return std::make_shared<tsr_rows>(ref, std::move(rows));
}

Result<RowsetPtr> query_all(const StoreRef& ref, const SqlInput& input) {
  TSR_ASSIGN_OR_RETURN(const auto rows, ref.database().query(input.sql, input.parameters(), input.options));
  return all_of(*rows);
}

/// Blocking: nothing is copied.
template <class Run, class... Out>
Status run_sql(tsr_store* store, tsr_str sql, const tsr_value* params, size_t param_count,
               const tsr_sql_opts* opts, Run run, Out*... out) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const SqlInput input, sql_in(sql, params, param_count, opts, ref));
  TSR_ASSIGN_OR_RETURN(auto made, run(ref, input));
  return hand_out(made, out...);
}

Result<SqlPtr> copied(tsr_store* store, tsr_str sql, const tsr_value* params, size_t param_count,
                      const tsr_sql_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const SqlInput input, sql_in(sql, params, param_count, opts, ref));
  return std::make_shared<const SqlCopy>(input, ref);
}

template <class T>
Result<Call<T>> calling(tsr_store* store, tsr_str sql, const tsr_value* params, size_t param_count,
                        const tsr_sql_opts* opts, Result<T> (*run)(const StoreRef&, const SqlInput&)) {
  TSR_ASSIGN_OR_RETURN(const SqlPtr copy, copied(store, sql, params, param_count, opts));
  return Call<T>{copy->ref().place(), [copy, run] { return run(copy->ref(), copy->input()); }};
}

Result<Write<Outcome>> executing(tsr_store* store, tsr_str sql, const tsr_value* params, size_t param_count,
                                 const tsr_sql_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const SqlPtr copy, copied(store, sql, params, param_count, opts));
  Write<Outcome> write{{copy, nullptr, copy->ref().use->line}, nullptr};
  if (may_roll_back(copy->input().sql)) {
    write.alone = [kept = copy.get()] { return execute(kept->ref(), kept->input()); };
    return write;
  }
  write.begin = [kept = copy.get()](Write<Outcome>::Done done) {
    const auto outcome = std::make_shared<Outcome>();
    return kept->ref().database().write_async(
        kept->input().options,
        [kept, outcome](WriteScope& scope) -> Status {
          const SqlInput& input = kept->input();
          TSR_ASSIGN_OR_RETURN(*outcome, execute_on(scope.connection(), &kept->ref().core().tenants(),
                                                    input.sql, input.parameters(), input.options.tenant));
          return {};
        },
        [outcome, done = std::move(done)](Status committed) {
          if (committed.ok()) {
            done(*outcome);
          } else {
            done(std::move(committed).error());
          }
        });
  };
  return write;
}

Result<Call<Outcome>> executing_many(tsr_store* store, tsr_str sql, const tsr_value* params, size_t width,
                                     size_t count, const tsr_sql_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto text, text_in(sql, "sql"));
  TSR_ASSIGN_OR_RETURN(const auto values, table_in(params, width, count));
  TSR_ASSIGN_OR_RETURN(const auto options, call_options_in(opts, ref));
  return Call<Outcome>{ref.place(), [ref, text = std::string(text), options, width,
                                     values = std::make_shared<const ValuesCopy>(values)] {
                         return ref.database().execute_many(text, values->view(), width, options);
                       }};
}

Result<Call<void>> executing_script(tsr_store* store, tsr_str sql, const tsr_sql_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto text, text_in(sql, "sql"));
  TSR_ASSIGN_OR_RETURN(const auto options, call_options_in(opts, ref));
  return Call<void>{ref.place(), [ref, text = std::string(text), options] {
                      return ref.database().execute_script(text, options);
                    }};
}

}  // namespace

tsr_status tsr_store_execute(tsr_store* store, tsr_str sql, const tsr_value* params, size_t param_count,
                             const tsr_sql_opts* opts, int64_t* changes_out, int64_t* row_id_out,
                             tsr_error** err) noexcept {
  clear(changes_out);
  clear(row_id_out);
  return guard(__func__, err, [&] {
    return run_sql(store, sql, params, param_count, opts, execute, changes_out, row_id_out);
  });
}

tsr_status tsr_store_execute_async(tsr_store* store, tsr_str sql, const tsr_value* params, size_t param_count,
                                   const tsr_sql_opts* opts, tsr_done_fn done, void* user,
                                   void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return executing(store, sql, params, param_count, opts); });
}

tsr_status tsr_op_changes(tsr_op* op, int64_t* changes_out, int64_t* row_id_out, tsr_error** err) noexcept {
  return take<Outcome>(__func__, op, err, changes_out, row_id_out);
}

tsr_status tsr_store_execute_many(tsr_store* store, tsr_str sql, const tsr_value* params, size_t width,
                                  size_t count, const tsr_sql_opts* opts, int64_t* changes_out,
                                  tsr_error** err) noexcept {
  clear(changes_out);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto text, text_in(sql, "sql"));
    TSR_ASSIGN_OR_RETURN(const auto values, table_in(params, width, count));
    TSR_ASSIGN_OR_RETURN(const auto options, call_options_in(opts, ref));
    TSR_ASSIGN_OR_RETURN(const auto made, ref.database().execute_many(text, values, width, options));
    return hand_out(made, changes_out);
  });
}

tsr_status tsr_store_execute_many_async(tsr_store* store, tsr_str sql, const tsr_value* params, size_t width,
                                        size_t count, const tsr_sql_opts* opts, tsr_done_fn done, void* user,
                                        void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return executing_many(store, sql, params, width, count, opts); });
}

tsr_status tsr_store_execute_script(tsr_store* store, tsr_str sql, const tsr_sql_opts* opts,
                                    tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(executing_script(store, sql, opts)); });
}

tsr_status tsr_store_execute_script_async(tsr_store* store, tsr_str sql, const tsr_sql_opts* opts,
                                          tsr_done_fn done, void* user, void (*user_free)(void*),
                                          tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return executing_script(store, sql, opts); });
}

tsr_status tsr_store_query(tsr_store* store, tsr_str sql, const tsr_value* params, size_t param_count,
                           const tsr_sql_opts* opts, tsr_rows** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_sql(store, sql, params, param_count, opts, query, out);
  });
}

tsr_status tsr_store_query_async(tsr_store* store, tsr_str sql, const tsr_value* params, size_t param_count,
                                 const tsr_sql_opts* opts, tsr_done_fn done, void* user,
                                 void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return calling(store, sql, params, param_count, opts, query); });
}

tsr_status tsr_store_query_all(tsr_store* store, tsr_str sql, const tsr_value* params, size_t param_count,
                               const tsr_sql_opts* opts, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_sql(store, sql, params, param_count, opts, query_all, out);
  });
}

tsr_status tsr_store_query_all_async(tsr_store* store, tsr_str sql, const tsr_value* params,
                                     size_t param_count, const tsr_sql_opts* opts, tsr_done_fn done,
                                     void* user, void (*user_free)(void*), tsr_op** out,
                                     tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return calling(store, sql, params, param_count, opts, query_all); });
}
