// The cache inside a store.
#include <optional>

#include "call.hpp"
#include "define.hpp"

namespace tessera::node {

namespace {

/// The value of a key; null when it is known to have none.
uint32_t flags_of(const Bytes& value) { return value.data == nullptr ? uint32_t{TSR_CACHE_NEGATIVE} : 0; }

constexpr auto kPut = [](tsr_store* store, tsr_str space, tsr_str key, OptionalBytes value, int64_t ttl_ms,
                         const Start& to) noexcept -> tsr_status {
  return to(&tsr_cache_put_async, store, space, key, value.data, value.len, ttl_ms, flags_of(value));
};

/// A loader in JavaScript, and what it threw.
struct Loading {
  Napi::Env env;
  Napi::Function loader;
  std::optional<Napi::Error> thrown;
};

tsr_status on_load(void* user, tsr_str key, tsr_loaded* loaded) noexcept {
  auto& loading = *static_cast<Loading*>(user);
  try {
    const auto answer =
        loading.loader.Call({Napi::String::New(loading.env, key.data, key.len)}).As<Napi::Array>();
    const In<OptionalBytes> value(answer.Get(0U));
    const In<int64_t> ttl_ms(answer.Get(1U));
    tsr_error* error = nullptr;
    const tsr_status status = tsr_loaded_set(loaded, value.get().data, value.get().len, ttl_ms.get(),
                                             flags_of(value.get()), &error);
    check(loading.env, status, error);
    return TSR_OK;
  } catch (const Napi::Error& error) {
    loading.thrown = error;
    return TSR_E_CALLBACK;
  }
}

/// (store, space, key, key => [value, ttlMs], timeoutMs) => rows
Napi::Value load(const Napi::CallbackInfo& info) {
  const In<tsr_store*> store(info[0]);
  const In<tsr_str> space(info[1]);
  const In<tsr_str> key(info[2]);
  Loading loading{info.Env(), info[3].As<Napi::Function>(), {}};
  const In<uint32_t> timeout_ms(info[4]);
  Out<tsr_rowset*> out;
  tsr_error* error = nullptr;
  const tsr_status status = tsr_cache_load(store.get(), space.get(), key.get(), &on_load, &loading,
                                           timeout_ms.get(), out.slot(), &error);
  if (loading.thrown.has_value()) {
    tsr_error_free(error);
    throw Napi::Error(*loading.thrown);
  }
  check(info.Env(), status, error);
  return out.take(info.Env());
}

}  // namespace

void define_cache(Napi::Env env, Napi::Object exports) {
  define<&start<kPut, kTakeNothing>>(env, exports, "cachePut");
  define<&start<&tsr_cache_get_async, kTakeRowsIfFound>>(env, exports, "cacheGet");
  define<&load>(env, exports, "cacheLoad");
  define<&start<&tsr_cache_remove_async, kTakeNothing>>(env, exports, "cacheRemove");
  define<&start<&tsr_cache_clear_async, kTakeNothing>>(env, exports, "cacheClear");
  define<&start<&tsr_cache_stats_async, &tsr_op_rowset>>(env, exports, "cacheStats");
}

}  // namespace tessera::node
