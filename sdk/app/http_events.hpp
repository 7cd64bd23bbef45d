// The events of one client on their way to the application.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/fork_guard.hpp"
#include "http/client/events.hpp"

namespace tessera {

/// Hands each event to every subscriber, in order, on a worker: a subscriber on the client's own thread would
/// hold up all I/O, and could not wait for the client. Safe from any thread.
class HttpEvents final : public http::EventSink {
 public:
  using Subscriber = std::function<void(const http::Event&)>;

  HttpEvents();
  ~HttpEvents() override;
  HttpEvents(const HttpEvents&) = delete;
  HttpEvents& operator=(const HttpEvents&) = delete;

  /// It gets what happens from now on. The number is for detach().
  uint64_t attach(Subscriber subscriber);
  /// It is not called any more: waits for a call of it that runs, except from inside that.
  void detach(uint64_t id);

  void on_event(const http::Event& event) override;

 private:
  class Inbox;
  const std::shared_ptr<Inbox> inbox_;
  const ForkGuard fork_;
};

}  // namespace tessera
