#include "http/delivery/delivery.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/thread.hpp"
#include "http/delivery/worker.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr size_t kMostConcurrency = 64;
constexpr size_t kMostTopics = 256;
constexpr size_t kMaxTopicBytes = 256;
constexpr int64_t kLeastLeaseMs = 1'000;
constexpr int64_t kMostMs = int64_t{24} * 3'600'000;

Error bad(std::string text) { return {ErrorCode::kARG, "http", std::move(text), {}}; }

Status check_topic(std::string_view topic) {
  if (topic.empty() || topic.size() > kMaxTopicBytes || !is_utf8(topic))
    return bad("a topic must have 1 to 256 bytes of UTF-8");
  return {};
}

Status check(const DeliveryConfig& config) {
  if (config.concurrency == 0 || config.concurrency > kMostConcurrency)
    return bad("the concurrency of a delivery must be 1 to 64");
  if (config.lease_ms < kLeastLeaseMs || config.lease_ms > kMostMs)
    return bad("the lease of a delivery must be 1 s to 24 h");
  if (config.spacing_ms < 0 || config.spacing_ms > kMostMs)
    return bad("the spacing of a delivery must be 0 s to 24 h");
  if (config.consent_topics.size() > kMostTopics)
    return bad("at most 256 topics of a delivery can need consent");
  for (const std::string& topic : config.consent_topics) TSR_RETURN_IF_ERROR(check_topic(topic));
  return {};
}

Error forked() {
  return {ErrorCode::kFORKED, "http", "the delivery belongs to the parent process; start another", {}};
}

}  // namespace

struct Delivery::Parts {
  Parts(Client& client, const DeliveryPorts& ports, const DeliveryConfig& config)
      : queue(*ports.queue),
        consents(config.consent_topics),
        worker(client, ports, config, mailbox, consents, flights) {}

  OutboxQueue& queue;
  const std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
  Consents consents;
  Flights flights;
  Worker worker;
  std::mutex consent_mutex;  // one decision at a time, with what it removes
  std::optional<Thread> thread;
};

Delivery::Delivery() = default;

Result<std::unique_ptr<Delivery>> Delivery::start(Client& client, const DeliveryPorts& ports,
                                                  const DeliveryConfig& config) {
  TSR_RETURN_IF_ERROR(check(config));
  std::unique_ptr<Delivery> delivery(new Delivery);
  auto parts = std::make_unique<Parts>(client, ports, config);
  TSR_ASSIGN_OR_RETURN(parts->thread,
                       Thread::start("tessera-outbox", [&worker = parts->worker] { worker.run(); }));
  delivery->parts_ = std::move(parts);
  return delivery;
}

Delivery::~Delivery() {
  if (parts_ == nullptr) return;
  if (fork_.in_child()) {
    // What the parent's threads wait for can't be destroyed.
    static_cast<void>(parts_.release());
    return;
  }
  static_cast<void>(stop(0));
}

void Delivery::poke() {
  if (!fork_.in_child()) parts_->mailbox->wake();
}

void Delivery::retry_now() {
  if (!fork_.in_child()) parts_->mailbox->hurry();
}

Result<int64_t> Delivery::set_consent(std::string_view topic, bool is_granted) {
  if (fork_.in_child()) return forked();
  TSR_RETURN_IF_ERROR(check_topic(topic));
  const std::scoped_lock lock(parts_->consent_mutex);
  const bool was_withdrawn = parts_->consents.decision(topic) == false;
  if (!is_granted) {
    parts_->consents.decide(topic, false);
    parts_->flights.cancel_topic(topic);
  }
  Result<int64_t> removed = int64_t{0};
  if (!is_granted || was_withdrawn) removed = parts_->queue.revoke(topic);
  if (is_granted && removed.ok()) parts_->consents.decide(topic, true);
  parts_->mailbox->wake();
  return removed;
}

Status Delivery::stop(int64_t timeout_ms) {
  if (fork_.in_child()) return forked();
  if (parts_->worker.is_current()) {
    return Error{ErrorCode::kSTATE, "http", "a delivery can't be stopped from inside its own event", {}};
  }
  parts_->mailbox->stop(/*is_out_of_time=*/false);
  const std::chrono::milliseconds time(std::clamp<int64_t>(timeout_ms, 0, kMostMs));
  const bool is_in_time = parts_->mailbox->wait_for_close(time);
  if (!is_in_time) {
    parts_->mailbox->stop(/*is_out_of_time=*/true);
    parts_->mailbox->wait_for_close(std::nullopt);
  }
  const std::scoped_lock lock(join_mutex_);
  parts_->thread->join();
  if (is_in_time) return {};
  return Error{ErrorCode::kTIMEOUT,
               "http",
               "requests were still under way when the time was over; they stay in the outbox",
               {}};
}

}  // namespace tessera::http
