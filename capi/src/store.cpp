// Opening, sharing and closing stores, and their schema.
#include "tessera/store.h"

#include "call.hpp"
#include "core_handle.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "secrets.hpp"
#include "store_handle.hpp"
#include "subscription.hpp"
#include "user_data.hpp"
#include "values.hpp"

using tessera::Error;
using tessera::ErrorCode;
using tessera::Result;
using tessera::Status;
using tessera::StoreCore;
using tessera::capi::AppStore;
using tessera::capi::argument_error;
using tessera::capi::attach_log;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::core_of;
using tessera::capi::guard;
using tessera::capi::guard_free;
using tessera::capi::require_out;
using tessera::capi::RowsetPtr;
using tessera::capi::run_now;
using tessera::capi::secrets_in;
using tessera::capi::start;
using tessera::capi::store_of;
using tessera::capi::StoreRef;
using tessera::capi::StoreUse;
using tessera::capi::take;
using tessera::capi::text_in;
using tessera::capi::UserData;
using tessera::store::Migration;
using tessera::store::MigrationState;
using tessera::store::RowSet;
using tessera::store::Value;

namespace {

using StorePtr = std::unique_ptr<tsr_store>;

Result<Call<StorePtr>> opening(tsr_str config_json, const tsr_store_secrets* secrets) {
  TSR_ASSIGN_OR_RETURN(const auto config, text_in(config_json, "config_json"));
  TSR_ASSIGN_OR_RETURN(const auto given, secrets_in(secrets));
  return Call<StorePtr>{nullptr, [config = std::string(config), given]() -> Result<StorePtr> {
                          TSR_ASSIGN_OR_RETURN(auto core, StoreCore::open(config, given->view()));
                          auto use = std::make_shared<StoreUse>(std::move(core));
                          return std::make_unique<tsr_store>(StoreRef{std::move(use), nullptr});
                        }};
}

Result<Call<StorePtr>> opening_of(tsr_app* app, const tsr_store_secrets* secrets) {
  TSR_ASSIGN_OR_RETURN(const auto core, core_of(app, "application"));
  TSR_ASSIGN_OR_RETURN(const auto given, secrets_in(secrets));
  std::call_once(app->store_made, [app] { app->store = std::make_shared<AppStore>(); });
  return Call<StorePtr>{
      core, [core, given, shared = app->store]() -> Result<StorePtr> {
        TSR_ASSIGN_OR_RETURN(auto store, core->store(given->view()));
        return std::make_unique<tsr_store>(StoreRef{shared->use_of(std::move(store)), nullptr});
      }};
}

Result<Call<void>> declaring(tsr_store* store, tsr_str table, tsr_str column) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto where, text_in(table, "table"));
  TSR_ASSIGN_OR_RETURN(const auto which, text_in(column, "column"));
  return Call<void>{ref.place(), [ref, where = std::string(where), which = std::string(which)] {
                      return ref.core().tenants().declare(ref.database(), where, which);
                    }};
}

RowSet as_rows(const std::vector<MigrationState>& states, bool dry_run) {
  RowSet rows({"name", "state"});
  for (const MigrationState& state : states) {
    const std::string_view word = state.applied_before ? "present" : dry_run ? "pending" : "applied";
    const Value cells[] = {Value::of(std::string_view(state.name)), Value::of(word)};
    rows.add(cells);
  }
  return rows;
}

Result<Call<RowsetPtr>> migrating(tsr_store* store, const tsr_migration* steps, size_t step_count,
                                  uint32_t flags) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  if (steps == nullptr && step_count > 0) return argument_error("steps is NULL but has a count");
  if ((flags & ~uint32_t{TSR_MIGRATE_DRY_RUN}) != 0) return argument_error("flags has an unknown bit");
  std::vector<std::pair<std::string, std::string>> copies;
  for (size_t i = 0; i < step_count; ++i) {
    TSR_ASSIGN_OR_RETURN(const auto name, text_in(steps[i].name, "the name of a step"));
    TSR_ASSIGN_OR_RETURN(const auto sql, text_in(steps[i].sql, "the SQL of a step"));
    copies.emplace_back(name, sql);
  }
  const bool dry_run = (flags & TSR_MIGRATE_DRY_RUN) != 0;
  return Call<RowsetPtr>{ref.place(), [ref, copies = std::move(copies), dry_run]() -> Result<RowsetPtr> {
                           std::vector<Migration> wanted;
                           for (const auto& [name, sql] : copies) wanted.push_back({name, sql});
                           TSR_ASSIGN_OR_RETURN(const auto states, ref.database().migrate(wanted, dry_run));
                           return std::make_unique<tsr_rowset>(as_rows(states, dry_run));
                         }};
}

Result<Call<void>> closing(tsr_store* store, uint32_t timeout_ms) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  return Call<void>{ref.place(), [ref, timeout_ms] { return ref.core().close(timeout_ms); }};
}

}  // namespace

tsr_status tsr_store_open(tsr_str config_json, const tsr_store_secrets* secrets, tsr_store** out,
                          tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(opening(config_json, secrets), out);
  });
}

tsr_status tsr_store_open_async(tsr_str config_json, const tsr_store_secrets* secrets, tsr_done_fn done,
                                void* user, void (*user_free)(void*), tsr_op** out,
                                tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return opening(config_json, secrets); });
}

tsr_status tsr_op_store(tsr_op* op, tsr_store** out, tsr_error** err) noexcept {
  return take<StorePtr>(__func__, op, err, out);
}

tsr_status tsr_app_store(tsr_app* app, const tsr_store_secrets* secrets, tsr_store** out,
                         tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(opening_of(app, secrets), out);
  });
}

tsr_status tsr_app_store_async(tsr_app* app, const tsr_store_secrets* secrets, tsr_done_fn done, void* user,
                               void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return opening_of(app, secrets); });
}

tsr_status tsr_store_with_tenant(tsr_store* store, tsr_str tenant, tsr_store** out,
                                 tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto name, text_in(tenant, "tenant"));
    if (name.empty()) return argument_error("tenant is empty");
    if (ref.tenant != nullptr && *ref.tenant != name) {
      return Error{ErrorCode::kSTATE,
                   "abi",
                   "the handle has a tenant, whose scope it can't leave; start from the store's own handle",
                   {}};
    }
    TSR_RETURN_IF_ERROR(ref.core().check_open());
    *out = new tsr_store(StoreRef{ref.use, std::make_shared<const std::string>(name)});
    return {};
  });
}

tsr_status tsr_store_declare_tenant(tsr_store* store, tsr_str table, tsr_str column,
                                    tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(declaring(store, table, column)); });
}

tsr_status tsr_store_declare_tenant_async(tsr_store* store, tsr_str table, tsr_str column, tsr_done_fn done,
                                          void* user, void (*user_free)(void*), tsr_op** out,
                                          tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return declaring(store, table, column); });
}

tsr_status tsr_store_migrate(tsr_store* store, const tsr_migration* steps, size_t step_count, uint32_t flags,
                             tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(migrating(store, steps, step_count, flags), out); });
}

tsr_status tsr_store_migrate_async(tsr_store* store, const tsr_migration* steps, size_t step_count,
                                   uint32_t flags, tsr_done_fn done, void* user, void (*user_free)(void*),
                                   tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return migrating(store, steps, step_count, flags); });
}

tsr_status tsr_store_on_log(tsr_store* store, int32_t level, tsr_log_fn fn, void* user,
                            void (*user_free)(void*), tsr_sub** out, tsr_error** err) noexcept {
  clear(out);
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    return attach_log(ref.use, ref.core().logger(), level, fn, std::move(owned), out);
  });
}

tsr_status tsr_store_close(tsr_store* store, uint32_t timeout_ms, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(closing(store, timeout_ms)); });
}

tsr_status tsr_store_close_async(tsr_store* store, uint32_t timeout_ms, tsr_done_fn done, void* user,
                                 void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return closing(store, timeout_ms); });
}

void tsr_store_free(tsr_store* store) noexcept { guard_free(__func__, store); }
