// A request as an operation: the client's own thread does it, and no worker waits for it.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "http_handle.hpp"
#include "op.hpp"

namespace tessera::capi {

struct HttpSend {
  using Value = HttpResponsePtr;
  Place place;
  HttpPtr core;
  http::Request request;
};

class HttpOperation final : public OperationWith<HttpResponsePtr>, private http::Receiver {
 public:
  HttpOperation(const char* function, Listener listener, HttpSend send)
      : OperationWith(function, std::move(listener)), send_(std::move(send)) {}

 private:
  Status submit(const Place&) override {
    const HttpPtr core = send_.core;  // this may be gone before send() returns
    const auto sent = core->client().send(std::move(send_.request), *this);
    return sent.ok() ? Status() : Status(sent.error());
  }
  void on_sent(const std::shared_ptr<http::CallHandle>& call) override {
    const std::lock_guard lock(call_mutex_);
    call_ = call;
    if (is_cancelled()) call->cancel();
  }
  void hurry() override {
    std::shared_ptr<http::CallHandle> call;
    {
      const std::lock_guard lock(call_mutex_);
      call = call_;
    }
    if (call != nullptr) call->cancel();
  }
  void on_done(Result<http::Response> response) override {
    complete([&]() -> Status {
      if (!response.ok()) return std::move(response).error();
      return keep(std::make_unique<tsr_http_response>(std::move(response).value()));
    });
  }
  void release_inputs() override {
    // The core stays: it must not go before the call has come back from here.
    const std::lock_guard lock(call_mutex_);
    call_.reset();
  }

  HttpSend send_;
  std::mutex call_mutex_;
  std::shared_ptr<http::CallHandle> call_;  // guarded by call_mutex_
};

inline std::unique_ptr<Operation> make_operation(const char* function, Listener listener, HttpSend send) {
  return std::make_unique<HttpOperation>(function, std::move(listener), std::move(send));
}

}  // namespace tessera::capi
