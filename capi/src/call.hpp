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
#include "crypto/crypto.hpp"
#include "line.hpp"
#include "store/database.hpp"

namespace tessera::capi {

/// Where operations wait for their turn; with neither, an operation has none and runs beside all others.
struct Place {
  std::shared_ptr<const void> owner;  // keeps the strand, and what the operation works on
  Strand* strand = nullptr;
  std::shared_ptr<Line> line;
};

/// Its arguments are checked and copied; it runs once, now or on a worker. A handle that it makes comes as
/// std::unique_ptr, bytes as std::string or
/// SecretBytes.
template <class T>
struct Call {
  using Value = T;
  using Body = std::function<Result<T>()>;

  Call() = default;
  Call(Place where, Body run) : place(std::move(where)), body(std::move(run)) {}
  Call(std::nullptr_t, Body run) : body(std::move(run)) {}
  Call(const CorePtr& core, Body run) : place{core, &core->strand(), nullptr}, body(std::move(run)) {}

  Place place;
  Body body;
};

template <class T>
Status hand_out(std::unique_ptr<T>& made, T** out) {
  if (out != nullptr) *out = made.release();
  return {};
}
template <class T>
Status hand_out(std::shared_ptr<T>& made, T** out) {
  if (out == nullptr) return {};
  *out = made.get();
  (*out)->self = std::move(made);
  return {};
}
inline Status hand_out(const std::string& made, tsr_buf* out) {
  return out == nullptr ? Status() : bytes_out(made, out);
}
inline Status hand_out(const SecretBytes& made, tsr_buf* out) {
  return out == nullptr ? Status() : bytes_out(as_text(made.view()), out);
}
inline Status hand_out(const MeterReading& made, int64_t* used, int64_t* limit) {
  if (used != nullptr) *used = made.used;
  if (limit != nullptr) *limit = made.limit;
  return {};
}
inline Status hand_out(const store::Outcome& made, int64_t* changes, int64_t* row_id = nullptr) {
  if (changes != nullptr) *changes = made.changes;
  if (row_id != nullptr) *row_id = made.last_row_id;
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
