// Settings of a store, and watching them.
#include "store/settings.hpp"

#include "call.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "sql_input.hpp"
#include "store_handle.hpp"
#include "subscription.hpp"
#include "user_data.hpp"
#include "values.hpp"

using tessera::ErrorCode;
using tessera::Result;
using tessera::Status;
using tessera::capi::absent;
using tessera::capi::argument_error;
using tessera::capi::as_rowset;
using tessera::capi::Call;
using tessera::capi::call_options_in;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::hand_out;
using tessera::capi::optional_text_in;
using tessera::capi::Registration;
using tessera::capi::require_out;
using tessera::capi::RowsetPtr;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::store_of;
using tessera::capi::StoreRef;
using tessera::capi::text_in;
using tessera::capi::UserData;
using tessera::capi::values_in;
using tessera::capi::ValuesCopy;
using tessera::capi::Write;
using tessera::store::CallOptions;

namespace {

Result<RowsetPtr> get(const StoreRef& ref, std::string_view key) {
  TSR_ASSIGN_OR_RETURN(auto found, ref.core().settings().get(key, {.tenant = ref.tenant.get()}));
  if (found.size() == 0) return absent();
  return std::make_unique<tsr_rowset>(std::move(found));
}

Status remove(const StoreRef& ref, std::string_view key, const CallOptions& options) {
  Status removed = ref.core().settings().remove(key, options);
  if (!removed.ok() && removed.error().code == ErrorCode::kNOT_FOUND) return absent();
  return removed;
}

struct Put {
  const StoreRef ref;
  const std::string key;
  const ValuesCopy values;
  const CallOptions options;  // points to the tenant of `ref`
};

Result<Write<void>> putting(tsr_store* store, tsr_str key, const tsr_value* value, const tsr_sql_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto name, text_in(key, "key"));
  TSR_ASSIGN_OR_RETURN(const auto given, values_in(value, 1, "value"));
  TSR_ASSIGN_OR_RETURN(const auto options, call_options_in(opts, ref));
  const std::shared_ptr<Put> put(new Put{ref, std::string(name), ValuesCopy(given), options});
  return Write<void>{{put, nullptr, ref.use->line}, [kept = put.get()](Write<void>::Done done) {
                       return kept->ref.core().settings().put_async(kept->key, kept->values.view().front(),
                                                                    kept->options, std::move(done));
                     }};
}

Result<Call<RowsetPtr>> getting(tsr_store* store, tsr_str key) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto name, text_in(key, "key"));
  return Call<RowsetPtr>{ref.place(), [ref, name = std::string(name)] { return get(ref, name); }};
}

Result<Call<void>> removing(tsr_store* store, tsr_str key, const tsr_sql_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto name, text_in(key, "key"));
  TSR_ASSIGN_OR_RETURN(const auto options, call_options_in(opts, ref));
  return Call<void>{ref.place(),
                    [ref, name = std::string(name), options] { return remove(ref, name, options); }};
}

Result<Call<RowsetPtr>> listing(tsr_store* store, tsr_str prefix) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto begin, optional_text_in(prefix, "prefix"));
  return Call<RowsetPtr>{ref.place(), [ref, begin = std::string(begin)] {
                           return as_rowset(ref.core().settings().list(begin, {.tenant = ref.tenant.get()}));
                         }};
}

/// The application's function and its data, until the last call has returned.
class WatchTarget {
 public:
  WatchTarget(tsr_changed_fn fn, UserData user) : fn_(fn), user_(std::move(user)) {}
  bool call(std::string_view key) const {
    try {
      return fn_(user_.get(), {key.data(), key.size()}) == TSR_OK;
    } catch (...) {
      return false;
    }
  }

 private:
  const tsr_changed_fn fn_;
  const UserData user_;
};

class Watch final : public Registration {
 public:
  static Result<std::unique_ptr<Registration>> start(const StoreRef& ref, std::string_view prefix,
                                                     const std::shared_ptr<const WatchTarget>& target) {
    TSR_ASSIGN_OR_RETURN(
        const uint64_t id,
        ref.core().settings().watch(prefix, [target](std::string_view key) { return target->call(key); }));
    return std::unique_ptr<Registration>(std::make_unique<Watch>(ref, id));
  }
  Watch(StoreRef ref, uint64_t id) : ref_(std::move(ref)), id_(id) {}
  ~Watch() override {
    if (!fork_.in_child()) ref_.core().settings().unwatch(id_);
  }

 private:
  const StoreRef ref_;
  const uint64_t id_;
  const tessera::ForkGuard fork_;
};

}  // namespace

tsr_status tsr_store_put(tsr_store* store, tsr_str key, const tsr_value* value, const tsr_sql_opts* opts,
                         tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto name, text_in(key, "key"));
    TSR_ASSIGN_OR_RETURN(const auto given, values_in(value, 1, "value"));
    TSR_ASSIGN_OR_RETURN(const auto options, call_options_in(opts, ref));
    return ref.core().settings().put(name, given.front(), options);
  });
}

tsr_status tsr_store_put_async(tsr_store* store, tsr_str key, const tsr_value* value,
                               const tsr_sql_opts* opts, tsr_done_fn done, void* user,
                               void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return putting(store, key, value, opts); });
}

tsr_status tsr_store_get(tsr_store* store, tsr_str key, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto name, text_in(key, "key"));
    TSR_ASSIGN_OR_RETURN(auto found, get(ref, name));
    return hand_out(found, out);
  });
}

tsr_status tsr_store_get_async(tsr_store* store, tsr_str key, tsr_done_fn done, void* user,
                               void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return getting(store, key); });
}

tsr_status tsr_store_remove(tsr_store* store, tsr_str key, const tsr_sql_opts* opts,
                            tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(removing(store, key, opts)); });
}

tsr_status tsr_store_remove_async(tsr_store* store, tsr_str key, const tsr_sql_opts* opts, tsr_done_fn done,
                                  void* user, void (*user_free)(void*), tsr_op** out,
                                  tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return removing(store, key, opts); });
}

tsr_status tsr_store_list(tsr_store* store, tsr_str prefix, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(listing(store, prefix), out);
  });
}

tsr_status tsr_store_list_async(tsr_store* store, tsr_str prefix, tsr_done_fn done, void* user,
                                void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return listing(store, prefix); });
}

tsr_status tsr_store_watch(tsr_store* store, tsr_str prefix, tsr_changed_fn fn, void* user,
                           void (*user_free)(void*), tsr_sub** out, tsr_error** err) noexcept {
  clear(out);
  UserData owned(user, user_free);
  return guard(__func__, err, [&]() -> Status {
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const auto begin, optional_text_in(prefix, "prefix"));
    if (fn == nullptr) return argument_error("the function to call is NULL");
    TSR_ASSIGN_OR_RETURN(auto watch,
                         Watch::start(ref, begin, std::make_shared<const WatchTarget>(fn, std::move(owned))));
    *out = new tsr_sub(std::move(watch));
    return {};
  });
}
