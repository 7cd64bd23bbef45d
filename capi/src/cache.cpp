#include "tessera/cache.h"

#include "call.hpp"
#include "guard.hpp"
#include "op.hpp"
#include "store_handle.hpp"
#include "values.hpp"

using tessera::as_bytes;
using tessera::Bytes;
using tessera::Error;
using tessera::ErrorCode;
using tessera::Result;
using tessera::Status;
using tessera::to_bytes;
using tessera::capi::absent;
using tessera::capi::argument_error;
using tessera::capi::bytes_in;
using tessera::capi::Call;
using tessera::capi::clear;
using tessera::capi::guard;
using tessera::capi::Handle;
using tessera::capi::require_live;
using tessera::capi::require_out;
using tessera::capi::RowsetPtr;
using tessera::capi::run_now;
using tessera::capi::start;
using tessera::capi::store_of;
using tessera::capi::StoreRef;
using tessera::capi::Tag;
using tessera::capi::text_in;
using tessera::store::CacheEntry;
using tessera::store::Loaded;
using tessera::store::RowSet;
using tessera::store::Value;

/// Lives while a loader runs.
struct tsr_loaded : Handle<Tag::kLoaded> {
  std::optional<Loaded> answer;
};

namespace {

RowsetPtr as_row(const CacheEntry& entry) {
  RowSet rows({"value", "negative", "expires_in_ms"});
  const Value cells[] = {Value::of(tessera::ByteView(entry.value)),
                         Value::of(int64_t{entry.negative ? 1 : 0}), Value::of(entry.expires_in_ms)};
  rows.add(cells);
  return std::make_unique<tsr_rowset>(std::move(rows));
}

/// True when the key is known to have no value.
Result<bool> negative_in(uint32_t flags) {
  if ((flags & ~uint32_t{TSR_CACHE_NEGATIVE}) != 0) return argument_error("flags has an unknown bit");
  return (flags & TSR_CACHE_NEGATIVE) != 0;
}

struct Spot {
  std::string_view space, key;
};
Result<Spot> spot_in(tsr_str space, tsr_str key) {
  Spot spot;
  TSR_ASSIGN_OR_RETURN(spot.space, text_in(space, "space"));
  TSR_ASSIGN_OR_RETURN(spot.key, text_in(key, "key"));
  return spot;
}

// `Text` is a view where the caller waits, a copy where the call outlasts its arguments.

template <class Text>
Result<Call<void>> putting(tsr_store* store, tsr_str space, tsr_str key, const void* data, size_t len,
                           int64_t ttl_ms, uint32_t flags) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto spot, spot_in(space, key));
  TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
  TSR_ASSIGN_OR_RETURN(const bool negative, negative_in(flags));
  return Call<void>{ref.place(), [ref, space = Text(spot.space), key = Text(spot.key), bytes = Text(bytes),
                                  ttl_ms, negative] {
                      return ref.core().cache().put(space, key, as_bytes(bytes), ttl_ms, negative);
                    }};
}

template <class Text>
Result<Call<RowsetPtr>> getting(tsr_store* store, tsr_str space, tsr_str key) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto spot, spot_in(space, key));
  return Call<RowsetPtr>{ref.place(),
                         [ref, space = Text(spot.space), key = Text(spot.key)]() -> Result<RowsetPtr> {
                           TSR_ASSIGN_OR_RETURN(const auto found, ref.core().cache().get(space, key));
                           if (!found.has_value()) return absent();
                           return as_row(*found);
                         }};
}

Result<Call<void>> removing(tsr_store* store, tsr_str space, tsr_str key) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto spot, spot_in(space, key));
  return Call<void>{ref.place(), [ref, space = std::string(spot.space), key = std::string(spot.key)] {
                      return ref.core().cache().remove(space, key);
                    }};
}

Result<Call<void>> clearing(tsr_store* store, tsr_str space) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto name, text_in(space, "space"));
  return Call<void>{ref.place(), [ref, name = std::string(name)] { return ref.core().cache().clear(name); }};
}

Result<Call<RowsetPtr>> counting(tsr_store* store, tsr_str space) {
  TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
  TSR_ASSIGN_OR_RETURN(const auto name, text_in(space, "space"));
  return Call<RowsetPtr>{
      ref.place(), [ref, name = std::string(name)]() -> Result<RowsetPtr> {
        TSR_ASSIGN_OR_RETURN(const auto stats, ref.core().cache().stats(name));
        RowSet rows({"rows", "bytes", "hits", "misses", "evicted", "expired", "loads", "joined_loads"});
        const Value cells[] = {Value::of(stats.rows),    Value::of(stats.bytes),
                               Value::of(stats.hits),    Value::of(stats.misses),
                               Value::of(stats.evicted), Value::of(stats.expired),
                               Value::of(stats.loads),   Value::of(stats.joined_loads)};
        rows.add(cells);
        return std::make_unique<tsr_rowset>(std::move(rows));
      }};
}

Result<Loaded> call_loader(tsr_load_fn load, void* user, tsr_str key) {
  tsr_loaded loaded;
  tsr_status status = TSR_E_CALLBACK;
  try {
    status = load(user, key, &loaded);
  } catch (...) {  // NOLINT(bugprone-empty-catch): it must not throw; told as a failure
  }
  if (status != TSR_OK) {
    return Error{ErrorCode::kCALLBACK,
                 "abi",
                 "the function that loads the key failed with status " + std::to_string(status),
                 {}};
  }
  if (!loaded.answer.has_value()) {
    return Error{ErrorCode::kCALLBACK,
                 "abi",
                 "the function that loads the key gave no answer; it must call tsr_loaded_set()",
                 {}};
  }
  return *std::move(loaded.answer);
}

}  // namespace

tsr_status tsr_cache_put(tsr_store* store, tsr_str space, tsr_str key, const void* data, size_t len,
                         int64_t ttl_ms, uint32_t flags, tsr_error** err) noexcept {
  return guard(__func__, err, [&] {
    return run_now(putting<std::string_view>(store, space, key, data, len, ttl_ms, flags));
  });
}

tsr_status tsr_cache_put_async(tsr_store* store, tsr_str space, tsr_str key, const void* data, size_t len,
                               int64_t ttl_ms, uint32_t flags, tsr_done_fn done, void* user,
                               void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return putting<std::string>(store, space, key, data, len, ttl_ms, flags); });
}

tsr_status tsr_cache_get(tsr_store* store, tsr_str space, tsr_str key, tsr_rowset** out,
                         tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(getting<std::string_view>(store, space, key), out);
  });
}

tsr_status tsr_cache_get_async(tsr_store* store, tsr_str space, tsr_str key, tsr_done_fn done, void* user,
                               void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err,
               [&] { return getting<std::string>(store, space, key); });
}

tsr_status tsr_cache_load(tsr_store* store, tsr_str space, tsr_str key, tsr_load_fn load, void* user,
                          uint32_t timeout_ms, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    TSR_ASSIGN_OR_RETURN(const StoreRef ref, store_of(store));
    TSR_ASSIGN_OR_RETURN(const auto spot, spot_in(space, key));
    if (load == nullptr) return argument_error("the function that loads is NULL");
    TSR_ASSIGN_OR_RETURN(const auto entry,
                         ref.core().cache().get_or_load(spot.space, spot.key, timeout_ms,
                                                        [&] { return call_loader(load, user, key); }));
    *out = as_row(entry).release();
    return {};
  });
}

tsr_status tsr_loaded_set(tsr_loaded* loaded, const void* data, size_t len, int64_t ttl_ms, uint32_t flags,
                          tsr_error** err) noexcept {
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_live(loaded, "answer"));
    TSR_ASSIGN_OR_RETURN(const auto bytes, bytes_in(data, len, "data"));
    TSR_ASSIGN_OR_RETURN(const bool negative, negative_in(flags));
    if (ttl_ms <= 0) return argument_error("ttl_ms is not positive");
    loaded->answer = Loaded{.value = to_bytes(bytes), .negative = negative, .ttl_ms = ttl_ms};
    return {};
  });
}

tsr_status tsr_cache_remove(tsr_store* store, tsr_str space, tsr_str key, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(removing(store, space, key)); });
}

tsr_status tsr_cache_remove_async(tsr_store* store, tsr_str space, tsr_str key, tsr_done_fn done, void* user,
                                  void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return removing(store, space, key); });
}

tsr_status tsr_cache_clear(tsr_store* store, tsr_str space, tsr_error** err) noexcept {
  return guard(__func__, err, [&] { return run_now(clearing(store, space)); });
}

tsr_status tsr_cache_clear_async(tsr_store* store, tsr_str space, tsr_done_fn done, void* user,
                                 void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return clearing(store, space); });
}

tsr_status tsr_cache_stats(tsr_store* store, tsr_str space, tsr_rowset** out, tsr_error** err) noexcept {
  clear(out);
  return guard(__func__, err, [&]() -> Status {
    TSR_RETURN_IF_ERROR(require_out(out));
    return run_now(counting(store, space), out);
  });
}

tsr_status tsr_cache_stats_async(tsr_store* store, tsr_str space, tsr_done_fn done, void* user,
                                 void (*user_free)(void*), tsr_op** out, tsr_error** err) noexcept {
  return start(__func__, {done, {user, user_free}}, out, err, [&] { return counting(store, space); });
}
