// Functions of JavaScript that hear of what happens in the library.
#pragma once

#include <string>

#include "call.hpp"

namespace tessera::node {

namespace detail {

inline std::string text_of(tsr_str text) { return {text.data, text.len}; }

inline void on_record(void* user, int32_t level, tsr_str area, tsr_str event, tsr_str message,
                      tsr_str fields) {
  const auto& waiter = *static_cast<const Waiter*>(user);
  waiter.channel->post(
      [id = waiter.id, record = LogRecord{level, text_of(area), text_of(event), text_of(message),
                                          text_of(fields)}](Addon& addon) { addon.call_sink(id, record); });
}

inline tsr_status on_change(void* user, tsr_str key) {
  const auto& waiter = *static_cast<const Waiter*>(user);
  waiter.channel->post([id = waiter.id, name = text_of(key)](Addon& addon) { addon.call_sink(id, name); });
  return TSR_OK;
}

/// Registers `sink` by `attach`, which gets the user data and out parameters of the registration. Gives its
/// id.
template <class Attach>
Napi::Value add_sink(Napi::Env env, Napi::Value sink, Attach attach) {
  Addon& addon = Addon::of(env);
  const uint64_t id = addon.reserve_id();
  auto waiter = std::make_unique<Waiter>(addon.channel(), id);
  tsr_sub* sub = nullptr;
  tsr_error* error = nullptr;
  const tsr_status status = attach(waiter.release(), &free_waiter, &sub, &error);
  check(env, status, error);
  addon.add_sink(id, sub, sink.As<Napi::Function>());
  return Napi::Number::New(env, static_cast<double>(id));
}

}  // namespace detail

/// (handle, level, function) => id
template <auto kAttach, class T>
Napi::Value on_log(const Napi::CallbackInfo& info) {
  const In<T*> handle(info[0]);
  const In<int32_t> level(info[1]);
  return detail::add_sink(info.Env(), info[2], [&](auto... registration) {
    return kAttach(handle.get(), level.get(), &detail::on_record, registration...);
  });
}

}  // namespace tessera::node
