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
};

inline void on_done(void* user, tsr_op*) noexcept {
  const auto& waiter = *static_cast<const Waiter*>(user);
  waiter.channel->post([id = waiter.id](Addon& addon) { addon.settle_operation(id); });
}

inline void free_waiter(void* user) noexcept { delete static_cast<Waiter*>(user); }

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

  /// Inputs, done, user, user_free, out, err. Gives {promise, id}.
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
    const tsr_status status =
        kFunction(std::get<kInputs>(inputs).get()..., &on_done, waiter.release(), &free_waiter, &op, &error);
    check(env, status, error);
    auto started = Napi::Object::New(env);
    started.Set("promise", addon.add_operation(id, op, settle));
    started.Set("id", Napi::Number::New(env, static_cast<double>(id)));
    return started;
  }

  static constexpr size_t kCount = sizeof...(P);
};

template <auto kFunction>
using CallerOf = Caller<kFunction, std::decay_t<decltype(+kFunction)>>;

}  // namespace detail

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
                       std::make_index_sequence<Caller::kCount - 5>());
}

/// Releases the handle now; later calls with it are refused by the library.
template <class T>
Napi::Value release(const Napi::CallbackInfo& info) {
  unwrap<T>(info[0]).reset();
  return info.Env().Undefined();
}

}  // namespace tessera::node
