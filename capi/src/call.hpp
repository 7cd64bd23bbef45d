// A call of the ABI between its arguments and its outputs, so that the blocking function and its `_async`
// twin share it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "convert.hpp"
#include "core_handle.hpp"

namespace tessera::capi {

/// Its arguments are checked and copied; it runs once, now or on a worker. A handle that it makes comes as
/// std::unique_ptr, bytes as std::string.
template <class T>
struct Call {
  using Value = T;
  CorePtr core;  // what it works on; null when it needs no handle
  std::function<Result<T>()> body;
};

template <class T>
Status hand_out(std::unique_ptr<T>& made, T** out) {
  if (out != nullptr) *out = made.release();
  return {};
}
inline Status hand_out(const std::string& made, tsr_buf* out) { return bytes_out(made, out); }
inline Status hand_out(const MeterReading& made, int64_t* used, int64_t* limit) {
  if (used != nullptr) *used = made.used;
  if (limit != nullptr) *limit = made.limit;
  return {};
}

/// What the blocking function does with its call.
template <class T, class... Out>
Status run_now(const Result<Call<T>>& call, Out*... out) {
  if (!call.ok()) return call.error();
  Result<T> made = call.value().body();
  if (!made.ok()) return std::move(made).error();
  if constexpr (!std::is_void_v<T>) return hand_out(made.value(), out...);
  return {};
}

}  // namespace tessera::capi
