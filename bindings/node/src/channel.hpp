// The way from a thread of the library to the JavaScript thread.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "setup.hpp"

namespace tessera::node {

class Addon;

/// A log record with text of its own.
struct LogRecord {
  int level;
  std::string area;
  std::string event;
  std::string message;
  std::string fields;
};

/// Runs tasks on the JavaScript thread, in order. Outlives its environment as long as the library may call.
class Channel {
 public:
  using Task = std::function<void(Addon&)>;

  Channel(Napi::Env env, Addon* addon);

  /// Any thread; after close() the task is dropped.
  void post(Task task);

  // JavaScript thread only.
  void hold(Napi::Env env) { function_.Ref(env); }
  void let_go(Napi::Env env) { function_.Unref(env); }
  void close();

 private:
  static void run(Napi::Env env, Napi::Function, Addon* addon, Task* task);
  using Function = Napi::TypedThreadSafeFunction<Addon, Task, &Channel::run>;

  std::mutex mutex_;
  bool is_closed_ = false;
  Function function_;
};

}  // namespace tessera::node
