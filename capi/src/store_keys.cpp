#include "tessera/store_keys.h"

#include "call.hpp"
#include "care_opts.hpp"
#include "guard.hpp"
#include "keys/types.hpp"
#include "op.hpp"
#include "secrets.hpp"
#include "store_handle.hpp"
#include "values.hpp"

using tessera::Result;
using tessera::SecretBytes;
using tessera::Status;
using tessera::capi::argument_error;
using tessera::capi::as_rowset;
using tessera::capi::Call;
using tessera::capi::care_opts_in;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::guard_value;
using tessera::capi::hand_out;
using tessera::capi::passphrase_in;
using tessera::capi::require_out;
using tessera::capi::run_now;
using tessera::capi::secrets_in;
using tessera::capi::start;
using tessera::capi::store_of;
using tessera::capi::StoreRef;
using tessera::capi::text_in;
using tessera::keys::SlotType;

static_assert(TSR_SLOT_PASSPHRASE == int32_t(SlotType::kPassphrase) &&
              TSR_SLOT_APP_KEY == int32_t(SlotType::kAppKey) &&
              TSR_SLOT_DEVICE == int32_t(SlotType::kDevice) &&
              TSR_SLOT_PASSPHRASE_DEVICE == int32_t(SlotType::kPassphraseDevice) &&
              TSR_SLOT_RECOVERY == int32_t(SlotType::kRecovery) &&
              TSR_SLOT_KEYSTORE == int32_t(SlotType::kKeystore));

namespace {

Result<Call<void>> adding(tsr_store* store, int32_t type, const tsr_store_secrets* secrets) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  if (type < TSR_SLOT_PASSPHRASE || type > TSR_SLOT_KEYSTORE) {
    return argument_error("type is not one of TSR_SLOT_*");
  }
  if (type == TSR_SLOT_RECOVERY) {
    return argument_error("a recovery key can't be chosen; use tsr_store_create_recovery_key()");
  }
  TSR_ASSIGN_OR_RETURN(const auto given, secrets_in(secrets));
  return Call<void>{ref.place(), [ref, type, given] {
                      return ref.core().add_slot(static_cast<SlotType>(type), given->view());
                    }};
}

Result<Call<void>> removing(tsr_store* store, int64_t slot) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  return Call<void>{ref.place(), [ref, slot] { return ref.core().remove_slot(slot); }};
}

Result<Call<void>> changing(tsr_store* store, const void* old_passphrase, size_t old_len,
                            const void* new_passphrase, size_t new_len) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto before, passphrase_in(old_passphrase, old_len, "old_passphrase"));
  TSR_ASSIGN_OR_RETURN(const auto after, passphrase_in(new_passphrase, new_len, "new_passphrase"));
  return Call<void>{ref.place(), [ref, before, after] {
                      return ref.core().change_passphrase(before->view(), after->view());
                    }};
}

Result<Call<SecretBytes>> creating_recovery_key(tsr_store* store) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  return Call<SecretBytes>{ref.place(), [ref] { return ref.core().create_recovery_key(); }};
}

Result<Call<void>> rebinding(tsr_store* store) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  return Call<void>{ref.place(), [ref] { return ref.core().rebind_device(); }};
}

Result<Call<void>> rotating(tsr_store* store, const tsr_store_secrets* secrets, const tsr_care_opts* opts) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto given, secrets_in(secrets));
  TSR_ASSIGN_OR_RETURN(const auto options, care_opts_in(opts, TSR_ROTATE_DROP_SLOTS));
  return Call<void>{ref.place(), [ref, given, options] {
                      return ref.core().rotate_data_key(
                          given->view(), (options.flags & TSR_ROTATE_DROP_SLOTS) != 0, options.progress);
                    }};
}

Result<Call<SecretBytes>> exporting_key(tsr_store* store, tsr_str reason) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto why, text_in(reason, "reason"));
  if (why.empty()) return argument_error("reason is empty; say why the key leaves the store");
  return Call<SecretBytes>{ref.place(),
                           [ref, why = std::string(why)] { return ref.core().export_data_key(why); }};
}

}  // namespace

tsr_status tsr_store_slots(tsr_store* store, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(auto slots, as_rowset(ref.core().slots()));
    return hand_out(slots, out);
  });
}

tsr_status tsr_store_add_slot(tsr_store* store, int32_t type, const tsr_store_secrets* secrets,
                              tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(adding(store, type, secrets)); });
}

tsr_status tsr_store_add_slot_async(tsr_store* store, int32_t type, const tsr_store_secrets* secrets,
                                    tsr_done_fn done, void* user, void (*user_free)(void*), tsr_op** out,
                                    tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return adding(store, type, secrets); });
}

tsr_status tsr_store_remove_slot(tsr_store* store, int64_t slot, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(removing(store, slot)); });
}

tsr_status tsr_store_remove_slot_async(tsr_store* store, int64_t slot, tsr_done_fn done, void* user,
                                       void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return removing(store, slot); });
}

tsr_status tsr_store_change_passphrase(tsr_store* store, const void* old_passphrase, size_t old_len,
                                       const void* new_passphrase, size_t new_len, tsr_error** err) noexcept {
  return guard(__func__, err,
               [&] { return run_now(changing(store, old_passphrase, old_len, new_passphrase, new_len)); });
}

tsr_status tsr_store_change_passphrase_async(tsr_store* store, const void* old_passphrase, size_t old_len,
                                             const void* new_passphrase, size_t new_len, tsr_done_fn done,
                                             void* user, void (*user_free)(void*), tsr_op** out,
                                             tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return changing(store, old_passphrase, old_len, new_passphrase, new_len); });
}

tsr_status tsr_store_create_recovery_key(tsr_store* store, tsr_buf* out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(creating_recovery_key(store), out);
  });
}

tsr_status tsr_store_create_recovery_key_async(tsr_store* store, tsr_done_fn done, void* user,
                                               void (*user_free)(void*), tsr_op** out,
                                               tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return creating_recovery_key(store); });
}

int32_t tsr_store_has_recovery_key(tsr_store* store) noexcept {
  return guard_value(__func__, int32_t{0}, [&] {
    auto ref = store_of(store);
    return ref.ok() && ref->core().has_recovery_key() ? 1 : 0;
  });
}

int32_t tsr_store_protection(tsr_store* store) noexcept {
  return guard_value(__func__, int32_t{0}, [&] {
    auto ref = store_of(store);
    if (!ref.ok()) return 0;
    const auto weakest = ref->core().protection();
    return weakest.has_value() ? static_cast<int32_t>(*weakest) : 0;
  });
}

tsr_status tsr_store_rebind_device(tsr_store* store, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(rebinding(store)); });
}

tsr_status tsr_store_rebind_device_async(tsr_store* store, tsr_done_fn done, void* user,
                                         void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return rebinding(store); });
}

tsr_status tsr_store_rotate_data_key(tsr_store* store, const tsr_store_secrets* secrets,
                                     const tsr_care_opts* opts, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(rotating(store, secrets, opts)); });
}

tsr_status tsr_store_rotate_data_key_async(tsr_store* store, const tsr_store_secrets* secrets,
                                           const tsr_care_opts* opts, tsr_done_fn done, void* user,
                                           void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return rotating(store, secrets, opts); });
}

tsr_status tsr_store_export_data_key(tsr_store* store, tsr_str reason, tsr_buf* out,
                                     tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(exporting_key(store, reason), out);
  });
}

tsr_status tsr_store_export_data_key_async(tsr_store* store, tsr_str reason, tsr_done_fn done, void* user,
                                           void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return exporting_key(store, reason); });
}
