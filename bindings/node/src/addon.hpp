// What one JavaScript environment (the main thread or a worker) holds. Nothing here is shared between two.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "channel.hpp"
#include "scratch.hpp"
#include "setup.hpp"
#include "tessera/tessera.h"

namespace tessera::node {

class Addon : public Napi::Addon<Addon> {
 public:
  /// Makes the value that a promise is resolved with, or throws what it is rejected with.
  using Settle = Napi::Value (*)(Napi::Env env, tsr_op* op);

  Addon(Napi::Env env, Napi::Object exports);
  Addon(const Addon&) = delete;
  Addon& operator=(const Addon&) = delete;
  ~Addon();

  static Addon& of(Napi::Env env) { return *env.GetInstanceData<Addon>(); }

  const std::shared_ptr<Channel>& channel() const { return channel_; }

  /// Makes a TesseraError by the function that JavaScript gave.
  Napi::Value make_error(const tsr_error* error, tsr_status status) const;
  void set_error_factory(Napi::Function factory) { error_factory_ = Napi::Persistent(factory); }

  /// Where rows lie on their way to JavaScript; there once set_scratch() was called.
  Scratch& scratch() { return *scratch_; }
  void set_scratch(std::unique_ptr<Scratch> scratch) { scratch_ = std::move(scratch); }

  // Operations. The environment stays alive while one is pending.
  uint64_t reserve_id() { return next_id_++; }
  Napi::Promise add_operation(uint64_t id, tsr_op* op, Settle settle,
                              std::shared_ptr<Progress> progress = nullptr, Napi::Value listener = {});
  void cancel_operation(uint64_t id);
  void settle_operation(uint64_t id);
  void report_progress(uint64_t id);

  // Sinks of log records and of changed settings. They do not keep the environment alive.
  void add_sink(uint64_t id, tsr_sub* sub, Napi::Function sink);
  void remove_sink(uint64_t id);
  void call_sink(uint64_t id, const LogRecord& record);
  void call_sink(uint64_t id, const std::string& key);

 private:
  template <auto kFree>
  struct Free {
    template <class T>
    void operator()(T* handle) const {
      kFree(handle);
    }
  };
  struct Operation {
    std::unique_ptr<tsr_op, Free<&tsr_op_free>> op;
    Settle settle;
    Napi::Promise::Deferred deferred;
    std::shared_ptr<Progress> progress;
    Napi::FunctionReference listener;  // of the progress; may be empty
  };
  struct Sink {
    std::unique_ptr<tsr_sub, Free<&tsr_sub_free>> sub;
    Napi::FunctionReference function;
  };

  /// Lets go of the library: nothing of this environment is called any more.
  void close();

  Napi::Env env_;
  std::shared_ptr<Channel> channel_;
  Napi::FunctionReference error_factory_;
  std::unique_ptr<Scratch> scratch_;
  std::map<uint64_t, Operation> operations_;
  std::map<uint64_t, Sink> sinks_;
  uint64_t next_id_ = 1;
};

}  // namespace tessera::node
