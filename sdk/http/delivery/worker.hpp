// The thread that delivers: all that waits for the queue's disk is done there.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http/delivery/delivery.hpp"
#include "http/delivery/flights.hpp"
#include "http/delivery/rests.hpp"

namespace tessera::http {

class Worker {
 public:
  Worker(Client& client, DeliveryPorts ports, DeliveryConfig config, std::shared_ptr<Mailbox> mailbox,
         Consents& consents, Flights& flights);

  /// Until the mailbox says stop, and what is under way has ended. Without memory it tries again later.
  void run();
  bool is_current() const { return thread_.load() == std::this_thread::get_id(); }

 private:
  void listen();
  /// False when it is over. Thrown out of, it leaves in `mail` what is still to be done.
  bool turn(Mailbox::Mail& mail);
  void take_in(Mailbox::Mail& mail);
  void land(Flight& flight);
  void on_probed(const Flight& flight);
  void extend_leases();
  void fill();
  bool may_send() const;
  /// False: no more is to be had now.
  bool lease();
  void send(OutboxRequest item);
  void settle(const OutboxRequest& item, const std::string& host, const Verdict& verdict);
  Status write(const OutboxRequest& item, const Verdict& verdict);
  void rest_for_store(const Error& error);
  void look_ahead(const OutboxHold& hold);
  std::optional<std::chrono::milliseconds> pause() const;

  void tell_rests();
  void tell_consents();
  void tell_depth();
  void tell(const DeliveryEvent& event);

  Client& client_;
  const DeliveryPorts ports_;
  const DeliveryConfig config_;
  const std::shared_ptr<Mailbox> mailbox_;
  Consents& consents_;
  Flights& flights_;
  std::atomic<std::thread::id> thread_{};

  bool is_listening_ = false;
  Rests rests_;
  int64_t now_ms_ = 0;  // boot time of this turn
  bool asks_ = true;    // something may be due
  bool is_stopping_ = false;
  bool is_moved_ = true;  // the depth may have changed
  std::optional<int64_t> due_boot_ms_, due_wall_ms_;
  int spaced_ = 0;  // so many requests keep their distance
  int64_t next_send_ms_ = 0;
  std::vector<std::string> held_topics_;
  std::optional<OutboxDepth> depth_;
};

}  // namespace tessera::http
