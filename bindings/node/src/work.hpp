// Functions of the C ABI that block and have no twin in the background: they run on Node's thread pool.
#pragma once

#include <memory>
#include <tuple>
#include <utility>

#include "call.hpp"

namespace tessera::node {

/// One call and its promise.
template <auto kFunction, class Indices>
class Work;

template <auto kFunction, size_t... kInputs>
class Work<kFunction, std::index_sequence<kInputs...>> final : public Napi::AsyncWorker {
  using Caller = detail::CallerOf<kFunction>;

 public:
  explicit Work(const Napi::CallbackInfo& info)
      : AsyncWorker(info.Env(), "tessera"),
        inputs_{info[kInputs]...},
        keeper_(Napi::Persistent(Napi::Object::New(info.Env()))),
        deferred_(Napi::Promise::Deferred::New(info.Env())) {
    (keeper_.Set(static_cast<uint32_t>(kInputs), info[kInputs]), ...);
  }
  ~Work() override { tsr_error_free(error_); }

  Napi::Promise promise() const { return deferred_.Promise(); }

 private:
  void Execute() override { status_ = kFunction(std::get<kInputs>(inputs_).get()..., out_.slot(), &error_); }

  void OnOK() override {
    try {
      check(Env(), status_, std::exchange(error_, nullptr));
      deferred_.Resolve(out_.take(Env()));
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }

  const std::tuple<In<typename Caller::template Parameter<kInputs>>...> inputs_;
  Out<std::remove_pointer_t<typename Caller::template Parameter<sizeof...(kInputs)>>> out_;
  Napi::ObjectReference keeper_;  // of the handles among the inputs
  Napi::Promise::Deferred deferred_;
  tsr_status status_ = TSR_OK;
  tsr_error* error_ = nullptr;
};

/// Calls on another thread and gives a promise.
template <auto kFunction>
Napi::Value work(const Napi::CallbackInfo& info) {
  using Caller = detail::CallerOf<kFunction>;
  auto work = std::make_unique<Work<kFunction, std::make_index_sequence<Caller::kCount - 2>>>(info);
  const Napi::Promise promise = work->promise();
  work->Queue();
  static_cast<void>(work.release());  // deletes itself
  return promise;
}

}  // namespace tessera::node
