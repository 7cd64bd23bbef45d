// Ways into a store.
#include "call.hpp"
#include "define.hpp"

namespace tessera::node {

namespace {

constexpr auto kChangePassphrase = [](tsr_store* store, SecretBytes old_passphrase,
                                      SecretBytes new_passphrase, const Start& to) noexcept -> tsr_status {
  return to(&tsr_store_change_passphrase_async, store, old_passphrase.data, old_passphrase.len,
            new_passphrase.data, new_passphrase.len);
};

constexpr auto kRotate = [](tsr_store* store, const tsr_store_secrets* secrets, uint32_t flags,
                            const tsr_care_opts* care, const Start& to) noexcept -> tsr_status {
  tsr_care_opts opts = *care;
  opts.flags = flags;
  return to(&tsr_store_rotate_data_key_async, store, secrets, &opts);
};

constexpr auto kTakeSecret = [](tsr_op* op, SecretBuf* out, tsr_error** error) noexcept -> tsr_status {
  return tsr_op_buf(op, &out->buf, error);
};

Napi::Value has_recovery_key(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), tsr_store_has_recovery_key(In<tsr_store*>(info[0]).get()) != 0);
}

Napi::Value protection(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), tsr_store_protection(In<tsr_store*>(info[0]).get()));
}

}  // namespace

void define_store_keys(Napi::Env env, Napi::Object exports) {
  define<&call<&tsr_store_slots>>(env, exports, "storeSlots");
  define<&start<&tsr_store_add_slot_async, kTakeNothing>>(env, exports, "storeAddSlot");
  define<&start<&tsr_store_remove_slot_async, kTakeNothing>>(env, exports, "storeRemoveSlot");
  define<&start<kChangePassphrase, kTakeNothing>>(env, exports, "storeChangePassphrase");
  define<&start<&tsr_store_create_recovery_key_async, &tsr_op_buf>>(env, exports, "storeCreateRecoveryKey");
  define<&has_recovery_key>(env, exports, "storeHasRecoveryKey");
  define<&protection>(env, exports, "storeProtection");
  define<&start<&tsr_store_rebind_device_async, kTakeNothing>>(env, exports, "storeRebindDevice");
  define<&start_long<kRotate, kTakeNothing>>(env, exports, "storeRotateDataKey");
  define<&start<&tsr_store_export_data_key_async, kTakeSecret>>(env, exports, "storeExportDataKey");
}

}  // namespace tessera::node
