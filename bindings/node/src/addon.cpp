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
  define_http(env, exports);
  define_http_stream(env, exports);
  define_http_series(env, exports);
  define_http_download(env, exports);
  define_http_auth(env, exports);
  define_http_hooks(env, exports);
  define_delivery(env, exports);
  // Last, because nobody would take the hook back if one of those threw, as all do while a worker is
  // terminated; and after the channel, so that it runs before the channel's own end.
  env.AddCleanupHook([](Addon* addon) { addon->close(); }, this);
}

Addon::~Addon() { close(); }

void Addon::close() {
  channel_->close();
  // First of all: what follows may wait for threads that wait for answers.
  for (const auto& [id, sink] : sinks_)
    if (sink.asker != nullptr) sink.asker->close();
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

// Whoever waits for an answer would be waited for by the end of the registration.
Addon::Sink::~Sink() {
  if (asker != nullptr) asker->close();
}

void Addon::add_sink(uint64_t id, tsr_sub* sub, Napi::Function sink, std::shared_ptr<Asker> asker) {
  decltype(Sink::sub) owned(sub);
  Sink& added = sinks_[id];
  added.sub = std::move(owned);
  added.function = Napi::Persistent(sink);
  added.asker = std::move(asker);
}

void Addon::remove_sink(uint64_t id) { sinks_.erase(id); }

namespace {

struct ToValue {
  Napi::Env env;

  napi_value operator()(std::monostate) const { return env.Undefined(); }
  napi_value operator()(double number) const { return Napi::Number::New(env, number); }
  napi_value operator()(const std::string& text) const { return Napi::String::New(env, text); }
  napi_value operator()(const Latin1& latin1) const {
    napi_value value = nullptr;
    if (napi_create_string_latin1(env, latin1.text.data(), latin1.text.size(), &value) != napi_ok)
      throw Napi::Error::New(env);
    return value;
  }
  napi_value operator()(const std::vector<uint8_t>& bytes) const {
    return bytes_out(env, bytes.data(), bytes.size());
  }
};

}  // namespace

void Addon::call_sink(uint64_t id, const Arguments& arguments) {
  const auto found = sinks_.find(id);
  if (found == sinks_.end()) return;
  const Napi::HandleScope scope(env_);
  std::vector<napi_value> values;
  values.reserve(arguments.size());
  for (const Argument& argument : arguments) values.push_back(std::visit(ToValue{env_}, argument));
  found->second.function.Call(values);
}

void Addon::answer(uint64_t id, uint64_t question, std::optional<Answer> answer) {
  const auto found = sinks_.find(id);
  if (found == sinks_.end() || found->second.asker == nullptr) return;
  found->second.asker->answer(question, std::move(answer));
}

}  // namespace tessera::node

namespace {
using Addon = tessera::node::Addon;
NODE_API_ADDON(Addon)
}  // namespace
