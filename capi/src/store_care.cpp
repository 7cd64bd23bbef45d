#include "tessera/store_care.h"

#include "call.hpp"
#include "care_opts.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "secrets.hpp"
#include "store_handle.hpp"
#include "values.hpp"

using tessera::ImportKind;
using tessera::Result;
using tessera::Status;
using tessera::StoreCore;
using tessera::capi::argument_error;
using tessera::capi::as_rowset;
using tessera::capi::Call;
using tessera::capi::care_opts_in;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::path_in;
using tessera::capi::require_out;
using tessera::capi::RowsetPtr;
using tessera::capi::run_now;
using tessera::capi::secrets_in;
using tessera::capi::start;
using tessera::capi::store_of;
using tessera::capi::StoreRef;
using tessera::capi::text_in;

static_assert(TSR_IMPORT_TESSERA == int32_t(ImportKind::kTessera) &&
              TSR_IMPORT_PLAIN == int32_t(ImportKind::kPlain) &&
              TSR_IMPORT_SQLCIPHER == int32_t(ImportKind::kSqlcipher));

namespace {

Result<Call<void>> backing_up(tsr_store* store, tsr_str path, const tsr_care_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto target, path_in(path));
  TSR_ASSIGN_OR_RETURN(const auto options, care_opts_in(opts));
  return Call<void>{ref.place(),
                    [ref, target, options] { return ref.core().back_up(target, options.progress); }};
}

Result<Call<void>> compacting(tsr_store* store, const tsr_care_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto options, care_opts_in(opts));
  return Call<void>{ref.place(), [ref, options] { return ref.core().compact(options.progress); }};
}

Result<Call<void>> exporting(tsr_store* store, tsr_str path, const tsr_store_secrets* secrets,
                             const tsr_care_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto target, path_in(path));
  TSR_ASSIGN_OR_RETURN(const auto given, secrets_in(secrets));
  if (!given->view().passphrase && !given->view().app_key) {
    return argument_error(
        "secrets has neither passphrase nor app_key; pass one, else nobody opens the export");
  }
  TSR_ASSIGN_OR_RETURN(const auto options, care_opts_in(opts));
  return Call<void>{ref.place(), [ref, target, given, options] {
                      return ref.core().export_to(target, given->view(), options.progress);
                    }};
}

Result<Call<void>> exporting_plain(tsr_store* store, tsr_str path, tsr_str reason,
                                   const tsr_care_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto target, path_in(path));
  TSR_ASSIGN_OR_RETURN(const auto why, text_in(reason, "reason"));
  if (why.empty()) return argument_error("reason is empty; say why the data leaves in the clear");
  TSR_ASSIGN_OR_RETURN(const auto options, care_opts_in(opts));
  return Call<void>{ref.place(), [ref, target, why = std::string(why), options] {
                      return ref.core().export_plain(target, why, options.progress);
                    }};
}

Result<Call<void>> importing(tsr_store* store, tsr_str path, int32_t kind, const tsr_store_secrets* secrets,
                             const tsr_care_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto source, path_in(path));
  if (kind < TSR_IMPORT_TESSERA || kind > TSR_IMPORT_SQLCIPHER) {
    return argument_error("kind is not one of TSR_IMPORT_*");
  }
  TSR_ASSIGN_OR_RETURN(const auto given, secrets_in(secrets));
  TSR_ASSIGN_OR_RETURN(const auto options, care_opts_in(opts));
  return Call<void>{ref.place(), [ref, source, kind, given, options] {
                      return ref.core().import_from(source, static_cast<ImportKind>(kind), given->view(),
                                                    options.progress);
                    }};
}

Result<Call<RowsetPtr>> checking(tsr_store* store, const tsr_care_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto options, care_opts_in(opts));
  return Call<RowsetPtr>{ref.place(),
                         [ref, options] { return as_rowset(ref.core().check(options.progress)); }};
}

Result<Call<std::string>> telling_stats(tsr_store* store) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  return Call<std::string>{ref.place(), [ref] { return ref.core().stats_json(); }};
}

Result<Call<RowsetPtr>> auditing(tsr_store* store) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  return Call<RowsetPtr>{ref.place(), [ref] { return as_rowset(ref.core().audit()); }};
}

Result<Call<RowsetPtr>> salvaging(tsr_str config_json, const tsr_store_secrets* secrets, tsr_str path,
                                  const tsr_care_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const auto config, text_in(config_json, "config_json"));
  TSR_ASSIGN_OR_RETURN(const auto given, secrets_in(secrets));
  TSR_ASSIGN_OR_RETURN(const auto target, path_in(path));
  TSR_ASSIGN_OR_RETURN(const auto options, care_opts_in(opts));
  return Call<RowsetPtr>{
      nullptr, [config = std::string(config), given, target, options] {
        return as_rowset(StoreCore::salvage(config, given->view(), target, options.progress));
      }};
}

Result<Call<void>> erasing(tsr_str config_json) {
  TSR_ASSIGN_OR_RETURN(const auto config, text_in(config_json, "config_json"));
  return Call<void>{nullptr, [config = std::string(config)] { return StoreCore::erase(config); }};
}

}  // namespace

tsr_status tsr_store_backup(tsr_store* store, tsr_str path, const tsr_care_opts* opts,
                            tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(backing_up(store, path, opts)); });
}

tsr_status tsr_store_backup_async(tsr_store* store, tsr_str path, const tsr_care_opts* opts, tsr_done_fn done,
                                  void* user, void (*user_free)(void*), tsr_op** out,
                                  tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return backing_up(store, path, opts); });
}

tsr_status tsr_store_compact(tsr_store* store, const tsr_care_opts* opts, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(compacting(store, opts)); });
}

tsr_status tsr_store_compact_async(tsr_store* store, const tsr_care_opts* opts, tsr_done_fn done, void* user,
                                   void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return compacting(store, opts); });
}

tsr_status tsr_store_export(tsr_store* store, tsr_str path, const tsr_store_secrets* secrets,
                            const tsr_care_opts* opts, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(exporting(store, path, secrets, opts)); });
}

tsr_status tsr_store_export_async(tsr_store* store, tsr_str path, const tsr_store_secrets* secrets,
                                  const tsr_care_opts* opts, tsr_done_fn done, void* user,
                                  void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return exporting(store, path, secrets, opts); });
}

tsr_status tsr_store_export_plain(tsr_store* store, tsr_str path, tsr_str reason, const tsr_care_opts* opts,
                                  tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(exporting_plain(store, path, reason, opts)); });
}

tsr_status tsr_store_export_plain_async(tsr_store* store, tsr_str path, tsr_str reason,
                                        const tsr_care_opts* opts, tsr_done_fn done, void* user,
                                        void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return exporting_plain(store, path, reason, opts); });
}

tsr_status tsr_store_import(tsr_store* store, tsr_str path, int32_t kind, const tsr_store_secrets* secrets,
                            const tsr_care_opts* opts, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(importing(store, path, kind, secrets, opts)); });
}

tsr_status tsr_store_import_async(tsr_store* store, tsr_str path, int32_t kind,
                                  const tsr_store_secrets* secrets, const tsr_care_opts* opts,
                                  tsr_done_fn done, void* user, void (*user_free)(void*), tsr_op** out,
                                  tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return importing(store, path, kind, secrets, opts); });
}

tsr_status tsr_store_check(tsr_store* store, const tsr_care_opts* opts, tsr_rowset** out,
                           tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(checking(store, opts), out);
  });
}

tsr_status tsr_store_check_async(tsr_store* store, const tsr_care_opts* opts, tsr_done_fn done, void* user,
                                 void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return checking(store, opts); });
}

tsr_status tsr_store_stats(tsr_store* store, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(telling_stats(store), out);
  });
}

tsr_status tsr_store_stats_async(tsr_store* store, tsr_done_fn done, void* user, void (*user_free)(void*),
                                 tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return telling_stats(store); });
}

tsr_status tsr_store_audit(tsr_store* store, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(auditing(store), out);
  });
}

tsr_status tsr_store_audit_async(tsr_store* store, tsr_done_fn done, void* user, void (*user_free)(void*),
                                 tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return auditing(store); });
}

tsr_status tsr_store_salvage(tsr_str config_json, const tsr_store_secrets* secrets, tsr_str path,
                             const tsr_care_opts* opts, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&] { return run_now(salvaging(config_json, secrets, path, opts), out); });
}

tsr_status tsr_store_salvage_async(tsr_str config_json, const tsr_store_secrets* secrets, tsr_str path,
                                   const tsr_care_opts* opts, tsr_done_fn done, void* user,
                                   void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return salvaging(config_json, secrets, path, opts); });
}

tsr_status tsr_store_erase(tsr_str config_json, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(erasing(config_json)); });
}

tsr_status tsr_store_erase_async(tsr_str config_json, tsr_done_fn done, void* user, void (*user_free)(void*),
                                 tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return erasing(config_json); });
}
