// Makes a JavaScript function of a function of the C ABI: arguments by In, the result by Out, a failure
// thrown.
#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "addon.hpp"
#include "convert.hpp"

namespace tessera::node {

namespace detail {

/// Who is told when an operation ends.
struct Waiter {
  std::shared_ptr<Channel> channel;
  uint64_t id;
  std::shared_ptr<Progress> progress{};  // of long work, which reports to it
};

inline void on_done(void* user, tsr_op*) noexcept {
  const auto& waiter = *static_cast<const Waiter*>(user);
  waiter.channel->post([id = waiter.id](Addon& addon) { addon.settle_operation(id); });
}

inline void free_waiter(void* user) noexcept { delete static_cast<Waiter*>(user); }

inline tsr_status on_progress(void* user, int64_t done, int64_t total) noexcept {
  return static_cast<Progress*>(user)->report(done, total);
}

/// The last parameters of every `_async` function.
struct Start {
  void* user;
  tsr_op** out;
  tsr_error** error;

  template <class Function, class... Inputs>
  tsr_status operator()(Function function, Inputs... inputs) const {
    return function(inputs..., &on_done, user, &free_waiter, out, error);
  }
};

inline Napi::Value started(Napi::Env env, Napi::Promise promise, uint64_t id) {
  auto started = Napi::Object::New(env);
  started.Set("promise", promise);
  started.Set("id", Napi::Number::New(env, static_cast<double>(id)));
  return started;
}

template <auto kTake, class Signature>
struct Taker;

template <auto kTake, class T>
struct Taker<kTake, tsr_status (*)(tsr_op*, T*, tsr_error**) noexcept> {
  static Napi::Value settle(Napi::Env env, tsr_op* op) {
    Out<T> out;
    tsr_error* error = nullptr;
    const tsr_status status = kTake(op, out.slot(), &error);
    check(env, status, error);
    return out.take(env);
  }
};

template <auto kFunction, class Signature>
struct Caller;

template <auto kFunction, class... P>
struct Caller<kFunction, tsr_status (*)(P...) noexcept> {
  template <size_t kIndex>
  using Parameter = std::tuple_element_t<kIndex, std::tuple<P...>>;

  /// Inputs, out, err.
  template <size_t... kInputs>
  static Napi::Value call(const Napi::CallbackInfo& info, std::index_sequence<kInputs...>) {
    const std::tuple<In<Parameter<kInputs>>...> inputs{info[kInputs]...};
    Out<std::remove_pointer_t<Parameter<sizeof...(kInputs)>>> out;
    tsr_error* error = nullptr;
    const tsr_status status = kFunction(std::get<kInputs>(inputs).get()..., out.slot(), &error);
    check(info.Env(), status, error);
    return out.take(info.Env());
  }

  /// Inputs, and the last parameters one by one or as Start. Gives {promise, id}.
  template <size_t... kInputs>
  static Napi::Value start(const Napi::CallbackInfo& info, Addon::Settle settle,
                           std::index_sequence<kInputs...>) {
    const Napi::Env env = info.Env();
    const std::tuple<In<Parameter<kInputs>>...> inputs{info[kInputs]...};
    Addon& addon = Addon::of(env);
    const uint64_t id = addon.reserve_id();
    auto waiter = std::make_unique<Waiter>(addon.channel(), id);
    tsr_op* op = nullptr;
    tsr_error* error = nullptr;
    const Start to{waiter.release(), &op, &error};
    const tsr_status status = begin(to, std::get<kInputs>(inputs).get()...);
    check(env, status, error);
    return started(env, addon.add_operation(id, op, settle), id);
  }

  /// The same with tsr_care_opts before the last parameters: long work. The last argument hears how far it
  /// is, or is undefined.
  template <size_t... kInputs>
  static Napi::Value start_long(const Napi::CallbackInfo& info, Addon::Settle settle,
                                std::index_sequence<kInputs...>) {
    const Napi::Env env = info.Env();
    const std::tuple<In<Parameter<kInputs>>...> inputs{info[kInputs]...};
    const Napi::Value listener = info[sizeof...(kInputs)];
    Addon& addon = Addon::of(env);
    const uint64_t id = addon.reserve_id();
    const auto progress = std::make_shared<Progress>(addon.channel(), id, !listener.IsUndefined());
    auto waiter = std::make_unique<Waiter>(addon.channel(), id, progress);
    tsr_care_opts opts;
    tsr_care_opts_init(&opts, sizeof opts);
    opts.progress = &on_progress;
    opts.user = progress.get();
    tsr_op* op = nullptr;
    tsr_error* error = nullptr;
    const Start to{waiter.release(), &op, &error};
    const tsr_status status = begin(to, std::get<kInputs>(inputs).get()..., &opts);
    check(env, status, error);
    return started(env, addon.add_operation(id, op, settle, progress, listener), id);
  }

  static constexpr size_t kCount = sizeof...(P);
  static constexpr bool kTakesStart = std::is_same_v<Parameter<kCount - 1>, const Start&>;
  /// How many of the last parameters are those of every start.
  static constexpr size_t kLast = kTakesStart ? 1 : 5;

 private:
  template <class... Inputs>
  static tsr_status begin(const Start& to, Inputs&&... inputs) {
    if constexpr (kTakesStart) {
      return kFunction(std::forward<Inputs>(inputs)..., to);
    } else {
      return to(kFunction, inputs...);
    }
  }
};

template <auto kFunction>
using CallerOf = Caller<kFunction, std::decay_t<decltype(+kFunction)>>;

}  // namespace detail

using detail::Start;

/// Calls now and gives the result.
template <auto kFunction>
Napi::Value call(const Napi::CallbackInfo& info) {
  using Caller = detail::CallerOf<kFunction>;
  return Caller::call(info, std::make_index_sequence<Caller::kCount - 2>());
}

/// Starts an operation whose result `kTake` takes.
template <auto kStart, auto kTake>
Napi::Value start(const Napi::CallbackInfo& info) {
  using Caller = detail::CallerOf<kStart>;
  return Caller::start(info, &detail::Taker<kTake, std::decay_t<decltype(+kTake)>>::settle,
                       std::make_index_sequence<Caller::kCount - Caller::kLast>());
}

/// The same for long work, which can be ended while it runs.
template <auto kStart, auto kTake>
Napi::Value start_long(const Napi::CallbackInfo& info) {
  using Caller = detail::CallerOf<kStart>;
  return Caller::start_long(info, &detail::Taker<kTake, std::decay_t<decltype(+kTake)>>::settle,
                            std::make_index_sequence<Caller::kCount - Caller::kLast - 1>());
}

/// Takes nothing but the status.
inline constexpr auto kTakeNothing = [](tsr_op* op, Nothing*, tsr_error** error) noexcept -> tsr_status {
  return tsr_op_void(op, error);
};

/// The status of an outcome that has no error: "not found" is an answer.
inline tsr_status found(tsr_status status, tsr_error* const* error) {
  return status == TSR_E_NOT_FOUND && *error == nullptr ? tsr_status{TSR_OK} : status;
}

inline tsr_status was_found(tsr_status status, bool* out, tsr_error* const* error) {
  *out = status == TSR_OK;
  return found(status, error);
}

inline constexpr auto kTakeChanges = [](tsr_op* op, Changes* out, tsr_error** error) noexcept -> tsr_status {
  return tsr_op_changes(op, &out->count, &out->row_id, error);
};

inline constexpr auto kTakeRowsIfFound = [](tsr_op* op, tsr_rowset** out,
                                            tsr_error** error) noexcept -> tsr_status {
  return found(tsr_op_rowset(op, out, error), error);
};

inline constexpr auto kTakeWhetherFound = [](tsr_op* op, bool* out,
                                             tsr_error** error) noexcept -> tsr_status {
  return was_found(tsr_op_void(op, error), out, error);
};

/// Releases the handle now; later calls with it are refused by the library.
template <class T>
Napi::Value release(const Napi::CallbackInfo& info) {
  unwrap<T>(info[0]).reset();
  return info.Env().Undefined();
}

}  // namespace tessera::node
