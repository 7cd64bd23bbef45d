// Functions of JavaScript that hear of what happens in the library.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "call.hpp"

namespace tessera::node {

namespace detail {

inline std::string text_of(tsr_str text) { return {text.data, text.len}; }

/// Has the sink called, from any thread.
inline void tell(const Waiter& waiter, Arguments arguments) {
  waiter.channel->post(
      [id = waiter.id, arguments = std::move(arguments)](Addon& addon) { addon.call_sink(id, arguments); });
}

inline void on_record(void* user, int32_t level, tsr_str area, tsr_str event, tsr_str message,
                      tsr_str fields) {
  const auto& waiter = *static_cast<const Waiter*>(user);
  tell(waiter, {double(level), text_of(area), text_of(event), text_of(message), text_of(fields)});
}

inline tsr_status on_change(void* user, tsr_str key) {
  const auto& waiter = *static_cast<const Waiter*>(user);
  tell(waiter, {text_of(key)});
  return TSR_OK;
}

/// The library has no use for a sink any more.
inline void end_sink(void* user) noexcept {
  const std::unique_ptr<const Waiter> waiter(static_cast<const Waiter*>(user));
  waiter->channel->post([id = waiter->id](Addon& addon) { addon.remove_sink(id); });
}

/// Registers `sink` by `attach`, which gets the user data and out parameters of the registration; what is no
/// registration leaves that out. Gives its id. One that is asked is waited for up to `most`.
template <class Attach>
Napi::Value add_sink(Napi::Env env, Napi::Value sink, Attach attach,
                     std::optional<std::chrono::milliseconds> most = {}) {
  Addon& addon = Addon::of(env);
  const uint64_t id = addon.reserve_id();
  const auto asker = most ? std::make_shared<Asker>(addon.channel(), id, *most) : nullptr;
  auto waiter = std::make_unique<Waiter>(addon.channel(), id, nullptr, asker);
  tsr_sub* sub = nullptr;
  tsr_error* error = nullptr;
  const tsr_status status = attach(waiter.release(), &end_sink, &sub, &error);
  check(env, status, error);
  addon.add_sink(id, sub, sink.As<Napi::Function>(), asker);
  return Napi::Number::New(env, static_cast<double>(id));
}

/// What the sink of `user` says to a question.
inline std::optional<Answer> ask(void* user, const Arguments& arguments) {
  return static_cast<const Waiter*>(user)->asker->ask(arguments);
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
