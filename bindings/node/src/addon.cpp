#include "addon.hpp"

#include <utility>

#include "convert.hpp"
#include "define.hpp"

namespace tessera::node {

Addon::Addon(Napi::Env env, Napi::Object exports)
    : env_(env), channel_(std::make_shared<Channel>(env, this)) {
  define_library(env, exports);
  define_license(env, exports);
  define_verdict(env, exports);
  define_hwid(env, exports);
  define_issuer(env, exports);
  define_rows(env, exports);
  define_statement(env, exports);
  define_store(env, exports);
  define_tx(env, exports);
  define_store_keys(env, exports);
  define_store_care(env, exports);
  define_cache(env, exports);
  define_outbox(env, exports);
  define_sealed(env, exports);
  // Last, because nobody would take the hook back if one of those threw, as all do while a worker is
  // terminated; and after the channel, so that it runs before the channel's own end.
  env.AddCleanupHook([](Addon* addon) { addon->close(); }, this);
}

Addon::~Addon() { close(); }

void Addon::close() {
  channel_->close();
  for (const auto& [id, operation] : operations_) {
    tsr_op_cancel(operation.op.get());
    if (operation.progress != nullptr) operation.progress->abort();
  }
  operations_.clear();
  sinks_.clear();
}

Napi::Value Addon::make_error(const tsr_error* error, tsr_status status) const {
  return error_factory_.Call({Napi::String::New(env_, tsr_status_name(status)),
                              Napi::String::New(env_, tsr_error_text(error)),
                              Napi::String::New(env_, tsr_error_domain(error)),
                              Napi::Boolean::New(env_, tsr_error_retryable(error) != 0),
                              Napi::String::New(env_, tsr_error_detail(error))});
}

Napi::Promise Addon::add_operation(uint64_t id, tsr_op* op, Settle settle, std::shared_ptr<Progress> progress,
                                   Napi::Value listener) {
  decltype(Operation::op) owned(op);
  const auto deferred = Napi::Promise::Deferred::New(env_);
  Napi::FunctionReference hears;
  if (!listener.IsEmpty() && listener.IsFunction()) hears = Napi::Persistent(listener.As<Napi::Function>());
  if (operations_.empty()) channel_->hold(env_);
  operations_.emplace(id,
                      Operation{std::move(owned), settle, deferred, std::move(progress), std::move(hears)});
  return deferred.Promise();
}

void Addon::cancel_operation(uint64_t id) {
  const auto found = operations_.find(id);
  if (found == operations_.end()) return;
  tsr_op_cancel(found->second.op.get());
  if (found->second.progress != nullptr) found->second.progress->abort();
}

void Addon::report_progress(uint64_t id) {
  const auto found = operations_.find(id);
  if (found == operations_.end() || found->second.listener.IsEmpty()) return;
  const Napi::HandleScope scope(env_);
  const auto [done, total] = found->second.progress->read();
  found->second.listener.Call({Napi::Number::New(env_, static_cast<double>(done)),
                               Napi::Number::New(env_, static_cast<double>(total))});
}

void Addon::settle_operation(uint64_t id) {
  const auto node = operations_.extract(id);
  if (node.empty()) return;
  const Operation& operation = node.mapped();
  if (operations_.empty()) channel_->let_go(env_);
  const Napi::HandleScope scope(env_);
  try {
    operation.deferred.Resolve(operation.settle(env_, operation.op.get()));
  } catch (const Napi::Error& error) {
    operation.deferred.Reject(error.Value());
  }
}

void Addon::add_sink(uint64_t id, tsr_sub* sub, Napi::Function sink) {
  decltype(Sink::sub) owned(sub);
  sinks_.emplace(id, Sink{std::move(owned), Napi::Persistent(sink)});
}

void Addon::remove_sink(uint64_t id) { sinks_.erase(id); }

void Addon::call_sink(uint64_t id, const LogRecord& record) {
  const auto found = sinks_.find(id);
  if (found == sinks_.end()) return;
  const Napi::HandleScope scope(env_);
  found->second.function.Call({Napi::Number::New(env_, record.level), Napi::String::New(env_, record.area),
                               Napi::String::New(env_, record.event), Napi::String::New(env_, record.message),
                               Napi::String::New(env_, record.fields)});
}

void Addon::call_sink(uint64_t id, const std::string& key) {
  const auto found = sinks_.find(id);
  if (found == sinks_.end()) return;
  const Napi::HandleScope scope(env_);
  found->second.function.Call({Napi::String::New(env_, key)});
}

}  // namespace tessera::node

namespace {
using Addon = tessera::node::Addon;
NODE_API_ADDON(Addon)
}  // namespace
