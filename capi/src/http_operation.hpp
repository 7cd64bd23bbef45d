// A request as an operation: the client's own thread does it, and no worker waits for it.
#pragma once

#include <memory>
#include <utility>

#include "http_handle.hpp"
#include "op.hpp"

namespace tessera::capi {

struct HttpSend {
  using Value = HttpResponsePtr;
  Place place;
  HttpPtr core;
  std::unique_ptr<http::Request> request;
};

class HttpOperation final : public OperationWith<HttpResponsePtr>, private http::Receiver {
 public:
  HttpOperation(const char* function, Listener listener, HttpSend send)
      : OperationWith(function, std::move(listener)),
        core_(std::move(send.core)),
        request_(std::move(send.request)) {}

 private:
  Status submit(const Place&) override {
    const HttpPtr core = core_;  // this may be gone before send() returns
    const std::unique_ptr<http::Request> request = std::move(request_);
    const auto sent = core->client().send(std::move(*request), *this);
    return sent.ok() ? Status() : Status(sent.error());
  }
  void on_sent(const std::shared_ptr<http::CallHandle>& call) override {
    const auto locked = lock();
    call_ = call;
    if (is_cancelled()) call->cancel();
  }
  void hurry() override {
    std::shared_ptr<http::CallHandle> call;
    {
      const auto locked = lock();
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
    const auto locked = lock();
    call_.reset();
  }

  const HttpPtr core_;
  std::unique_ptr<http::Request> request_;  // until it is sent
  std::shared_ptr<http::CallHandle> call_;  // guarded by lock()
};

inline std::unique_ptr<Operation> make_operation(const char* function, Listener listener, HttpSend send) {
  return std::make_unique<HttpOperation>(function, std::move(listener), std::move(send));
}

}  // namespace tessera::capi
