// A queue in memory, a clock that tests turn, and a delivery between the queue and a real client.
#pragma once

#include <algorithm>
#include <map>
#include <new>

#include "client_fixture.hpp"
#include "http/delivery/delivery.hpp"

namespace tessera::http {

class DialClock final : public Clock {
 public:
  int64_t wall_ms() const override { return 1'780'000'000'000 + boot_ms_; }
  int64_t boot_ms() const override { return boot_ms_; }
  void pass(int64_t span_ms) { boot_ms_ += span_ms; }

 private:
  std::atomic<int64_t> boot_ms_{3'600'000};
};

/// Does what the port says, and remembers what was asked of it.
class FakeQueue final : public OutboxQueue {
 public:
  enum class State { kPending, kLeased, kDead, kDone };
  struct Item {
    OutboxRequest request;
    State state = State::kPending;
    int64_t attempts = 0, not_before_ms = 0, retry_after_ms = 0;
    std::string error;
  };
  static constexpr int64_t kBackoffMs = 5'000;

  explicit FakeQueue(const Clock& clock) : clock_(clock) {}

  std::string add(OutboxRequest request, int64_t not_before_ms = 0) {
    const std::scoped_lock lock(mutex_);
    request.id = "id-" + std::to_string(items_.size() + 1);
    if (request.method.empty()) request.method = "POST";
    if (request.topic.empty()) request.topic = "sales";
    if (request.idempotency_key.empty()) request.idempotency_key = "key-" + request.id;
    items_.push_back({.request = request, .not_before_ms = not_before_ms, .error = {}});
    if (waker_) waker_();
    return request.id;
  }

  Result<std::vector<OutboxRequest>> lease(const OutboxHold& hold, size_t count) override {
    const std::scoped_lock lock(mutex_);
    ++leases_;
    use_memory();
    if (is_broken) return Error{ErrorCode::kIO, "store", "the disk is gone", {}};
    std::vector<OutboxRequest> leased;
    for (size_t i = 0; i < items_.size() && leased.size() < count; ++i) {
      Item& item = items_[i];
      if (!may_go(i, hold) || item.not_before_ms > clock_.wall_ms()) continue;
      item.state = State::kLeased;
      item.request.attempt = ++item.attempts;
      item.request.lease_until_ms = clock_.wall_ms() + 60'000;
      leased.push_back(item.request);
    }
    const auto now_leased = std::ranges::count(items_, State::kLeased, &Item::state);
    most_leased_ = std::max(most_leased_, static_cast<size_t>(now_leased));
    return leased;
  }
  Status complete(std::string_view id, int64_t attempt) override {
    return change(id, attempt, [](Item& item) { item.state = State::kDone; });
  }
  Result<bool> fail(std::string_view id, int64_t attempt, std::string_view error, bool is_permanent,
                    int64_t retry_after_ms) override {
    TSR_RETURN_IF_ERROR(change(id, attempt, [&](Item& item) {
      item.state = is_permanent ? State::kDead : State::kPending;
      item.error = error;
      item.retry_after_ms = retry_after_ms;
      item.not_before_ms = clock_.wall_ms() + (retry_after_ms > 0 ? retry_after_ms : kBackoffMs);
    }));
    return is_permanent;
  }
  Status release(std::string_view id, int64_t attempt) override {
    return change(id, attempt, [](Item& item) {
      item.state = State::kPending;
      --item.attempts;
    });
  }
  Status extend(std::string_view id, int64_t attempt, int64_t lease_ms) override {
    return change(id, attempt, [&](Item& item) {
      item.request.lease_until_ms = clock_.wall_ms() + lease_ms;
      ++extensions_;
    });
  }
  Result<int64_t> revoke(std::string_view topic) override {
    const std::scoped_lock lock(mutex_);
    int64_t count = 0;
    for (Item& item : items_) {
      if (item.request.topic != topic || item.state == State::kDone) continue;
      item.state = State::kDone;
      item.attempts = -1;
      ++count;
    }
    return count;
  }
  Result<std::optional<int64_t>> next_due_ms(const OutboxHold& hold) override {
    const std::scoped_lock lock(mutex_);
    std::optional<int64_t> next;
    for (size_t i = 0; i < items_.size(); ++i) {
      if (may_go(i, hold)) next = std::min(next.value_or(INT64_MAX), items_[i].not_before_ms);
    }
    return next;
  }
  Result<OutboxDepth> depth() override {
    const std::scoped_lock lock(mutex_);
    ++depths_;
    changed_.notify_all();
    OutboxDepth depth;
    depth.pending = std::ranges::count(items_, State::kPending, &Item::state);
    depth.leased = std::ranges::count(items_, State::kLeased, &Item::state);
    depth.dead = std::ranges::count(items_, State::kDead, &Item::state);
    depth.ambiguous = ambiguous;
    return depth;
  }
  void set_waker(std::function<void()> waker) override {
    const std::scoped_lock lock(mutex_);
    waker_ = std::move(waker);
  }

  Item item(std::string_view id) {
    const std::scoped_lock lock(mutex_);
    return *std::ranges::find(items_, id, [](const Item& one) { return one.request.id; });
  }
  void wait_until(const std::function<bool()>& is_so) {
    std::unique_lock lock(mutex_);
    BOOST_REQUIRE(changed_.wait_for(lock, std::chrono::seconds(60), is_so));
  }
  void wait_for(std::string_view id, State state) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      return std::ranges::find(items_, id, [](const Item& one) { return one.request.id; })->state == state;
    });
    BOOST_REQUIRE_MESSAGE(came, std::string(id) + " did not get there");
  }
  void wait_for_failure(std::string_view id) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      return !std::ranges::find(items_, id, [](const Item& one) { return one.request.id; })->error.empty();
    });
    BOOST_REQUIRE_MESSAGE(came, std::string(id) + " did not fail");
  }
  /// The delivery has looked at everything that was there before the call.
  void wait_for_turn(Delivery& delivery) {
    // A turn asks for the depth at its end; the one that runs may have begun before.
    for (int i = 0; i < 2; ++i) {
      int before = 0;
      {
        const std::scoped_lock lock(mutex_);
        before = depths_;
      }
      delivery.poke();
      wait_until([&] { return depths_ > before; });
    }
  }
  int leases() {
    const std::scoped_lock lock(mutex_);
    return leases_;
  }
  int extensions() {
    const std::scoped_lock lock(mutex_);
    return extensions_;
  }
  size_t most_leased() {
    const std::scoped_lock lock(mutex_);
    return most_leased_;
  }

  std::atomic<bool> is_broken = false;
  std::atomic<int> without_memory = 0;  // so many calls
  std::atomic<int64_t> ambiguous = 0;

 private:
  void use_memory() {
    if (without_memory == 0) return;
    --without_memory;
    changed_.notify_all();
    throw std::bad_alloc();
  }
  bool may_go(size_t index, const OutboxHold& hold) const {
    const Item& item = items_[index];
    const std::string& order = item.request.ordering_key;
    for (size_t i = 0; !order.empty() && i < items_.size(); ++i) {
      if (items_[i].request.ordering_key != order || i == index) continue;
      if (items_[i].state == State::kLeased || (i < index && items_[i].state == State::kPending))
        return false;
    }
    return item.state == State::kPending &&
           std::ranges::find(hold.topics, item.request.topic) == hold.topics.end() &&
           std::ranges::none_of(hold.url_prefixes, [&](const std::string& prefix) {
             return item.request.url.starts_with(prefix);
           });
  }
  Status change(std::string_view id, int64_t attempt, const std::function<void(Item&)>& how) {
    const std::scoped_lock lock(mutex_);
    use_memory();
    const auto item = std::ranges::find(items_, id, [](const Item& one) { return one.request.id; });
    if (item->attempts != attempt) return Error{ErrorCode::kNOT_FOUND, "store", "it is gone", {}};
    how(*item);
    changed_.notify_all();
    return {};
  }

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> items_;
  std::function<void()> waker_;
  int leases_ = 0, extensions_ = 0, depths_ = 0;
  size_t most_leased_ = 0;
};

struct DeliveryFixture : ClientFixture {
  using Kind = DeliveryEvent::Kind;
  using State = FakeQueue::State;

  DeliveryFixture() {
    config.policies.retry.max_attempts = 1;
    config.policies.timeouts.total_ms = 0;  // the client's clock runs fast
  }
  ~DeliveryFixture() { delivery_ = nullptr; }

  OutboxRequest to(std::string url, std::string order = {}) {
    OutboxRequest request;
    request.url = std::move(url);
    request.ordering_key = std::move(order);
    request.body = to_bytes("{}");
    return request;
  }

  /// Starts with the first use.
  Delivery& delivery() {
    if (delivery_ == nullptr) {
      DeliveryPorts ports;
      ports.queue = &queue;
      ports.clock = delivery_clock;
      ports.on_event = [this](const DeliveryEvent& event) { on_event(event); };
      delivery_ = Delivery::start(client(), ports, delivery_config).value();
    }
    return *delivery_;
  }
  void turn() { queue.wait_for_turn(delivery()); }
  void pass(int64_t span_ms) {
    dial.pass(span_ms);
    turn();
  }

  DeliveryEvent wait_for(Kind kind, size_t number = 1) {
    std::unique_lock lock(mutex_);
    const DeliveryEvent* found = nullptr;
    const bool came = changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      found = find(kind, number);
      return found != nullptr;
    });
    BOOST_REQUIRE_MESSAGE(came, "the event did not come");
    return *found;
  }
  size_t count(Kind kind) {
    const std::scoped_lock lock(mutex_);
    return static_cast<size_t>(std::ranges::count(events_, kind, &DeliveryEvent::kind));
  }

  DialClock dial;
  FakeQueue queue{dial};
  Clock* delivery_clock = &dial;
  DeliveryConfig delivery_config;
  std::function<void(const DeliveryEvent&)> also;

 private:
  void on_event(const DeliveryEvent& event) {
    if (also) also(event);
    const std::scoped_lock lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  const DeliveryEvent* find(Kind kind, size_t number) const {
    for (const DeliveryEvent& event : events_) {
      if (event.kind == kind && --number == 0) return &event;
    }
    return nullptr;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<DeliveryEvent> events_;
  std::unique_ptr<Delivery> delivery_;
};

inline std::ostream& operator<<(std::ostream& out, FakeQueue::State state) {
  return out << static_cast<int>(state);
}
inline std::ostream& operator<<(std::ostream& out, PauseReason reason) {
  return out << pause_reason_name(reason);
}

}  // namespace tessera::http
