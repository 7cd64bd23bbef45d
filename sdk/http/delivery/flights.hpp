// Queued requests on their way.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/outbox_queue.hpp"
#include "http/client/client.hpp"
#include "http/delivery/consents.hpp"
#include "http/delivery/mailbox.hpp"

namespace tessera::http {

class Flight final : public Receiver, public Ended {
 public:
  Flight(std::shared_ptr<Mailbox> mailbox, OutboxRequest leased, std::string to)
      : item(std::move(leased)), host(std::move(to)), mailbox_(std::move(mailbox)) {}

  void on_done(Result<Response> response) override {
    const std::shared_ptr<Mailbox> mailbox = mailbox_;  // told, the owner may end this flight
    mailbox->end(*this, std::move(response));
  }

  // Of the thread that delivers.
  const OutboxRequest item;
  const std::string host;
  bool is_probe = false;
  int64_t extend_ms = 0;  // boot time from which its lease is to be longer

 private:
  friend class Flights;
  const std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<CallHandle> handle_;  // guarded by Flights::mutex_
};

/// Launched and landed by the thread that delivers, cancelled by any.
class Flights {
 public:
  /// Null: nobody agrees any longer to what its topic sends.
  Result<Flight*> launch(Client& client, Request request, std::unique_ptr<Flight> flight,
                         const Consents& consents);
  std::unique_ptr<Flight> land(Flight& flight);
  void cancel_topic(std::string_view topic);
  void cancel(const Flight& flight);
  void cancel_all();

  size_t size() const { return all_.size(); }
  const std::list<std::unique_ptr<Flight>>& all() const { return all_; }

 private:
  void cancel_if(const std::function<bool(const Flight&)>& is_meant);

  mutable std::mutex mutex_;
  std::list<std::unique_ptr<Flight>> all_;  // changed under mutex_
};

}  // namespace tessera::http
