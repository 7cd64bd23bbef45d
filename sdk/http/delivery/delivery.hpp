// Sends what a durable queue holds through a client, at least once, in the order of each ordering key.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/fork_guard.hpp"
#include "base/log.hpp"
#include "base/outbox_queue.hpp"
#include "http/client/client.hpp"
#include "http/delivery/verdict.hpp"

namespace tessera::http {

struct DeliveryConfig {
  size_t concurrency = 4;                        // requests at once, one of each ordering key; 1 to 64
  int64_t lease_ms = 60'000;                     // what a lease is extended by while its request is under way
  int64_t spacing_ms = 100;                      // between requests after a pause
  std::vector<std::string> consent_topics = {};  // nothing of them is sent until set_consent()
};

struct DeliveryEvent {
  enum class Kind : uint8_t {
    kDelivered,
    kDead,       // to the dead letters; `text` says why
    kAmbiguous,  // `depth` says how many: too old for the server to know that it saw them
    kPaused,
    kResumed,
    kDepth,  // changed
  };
  Kind kind = Kind::kDepth;
  std::string id, topic;  // of kDelivered and kDead; of a pause for want of consent its topic
  PauseReason reason = PauseReason::kOffline;
  std::string host;  // of a pause: "https://host/"; empty: all hosts
  std::string text;
  OutboxDepth depth;  // of kAmbiguous and kDepth
};

struct DeliveryPorts {
  OutboxQueue* queue = nullptr;
  Clock* clock = nullptr;
  Logger* logger = nullptr;
  /// On the delivery's thread, one at a time; may call all but stop().
  std::function<void(const DeliveryEvent&)> on_event;
};

/// Safe from any thread. Credentials are the client's to add when it sends; the queue holds none. The client
/// and the ports outlive it.
class Delivery {
 public:
  /// Sends from now on. ARG for a configuration out of range, BUSY when no thread can be started.
  static Result<std::unique_ptr<Delivery>> start(Client& client, const DeliveryPorts& ports,
                                                 const DeliveryConfig& config);
  /// stop(0).
  ~Delivery();

  /// Something may have become due; the queue's own changes are noticed without it.
  void poke();
  /// The network may be back: what waits for a time to pass is tried at once.
  void retry_now();
  /// Withdrawn, what the queue holds of the topic is removed and what is under way is cancelled; gives how
  /// many. Agreed to again, what came in between is removed as well: nobody agreed to it.
  Result<int64_t> set_consent(std::string_view topic, bool is_granted);
  /// Sends nothing more and lets what is under way end within `timeout_ms`, then cancels it; that stays in
  /// the queue. TIMEOUT when it had to, STATE from inside on_event.
  Status stop(int64_t timeout_ms);

 private:
  struct Parts;
  Delivery();

  ForkGuard fork_;
  std::unique_ptr<Parts> parts_;
  std::mutex join_mutex_;
};

}  // namespace tessera::http
