// The way from a thread of the library to the JavaScript thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "setup.hpp"
#include "tessera/tessera.h"

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

/// How far long work is, and whether it is to end.
class Progress {
 public:
  Progress(std::shared_ptr<Channel> channel, uint64_t id, bool has_listener)
      : channel_(std::move(channel)), id_(id), has_listener_(has_listener) {}

  /// From the thread that works. Reports that JavaScript did not get to are replaced by later ones.
  tsr_status report(int64_t done, int64_t total);
  /// The work ends at its next report.
  void abort() { is_aborted_ = true; }

  struct Reading {
    int64_t done;
    int64_t total;
  };
  Reading read() {
    is_posted_ = false;
    return {done_, total_};
  }

 private:
  const std::shared_ptr<Channel> channel_;
  const uint64_t id_;
  const bool has_listener_;
  std::atomic<int64_t> done_{0};
  std::atomic<int64_t> total_{0};
  std::atomic<bool> is_posted_{false};
  std::atomic<bool> is_aborted_{false};
};

}  // namespace tessera::node
