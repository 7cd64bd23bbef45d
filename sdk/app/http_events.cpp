#include "app/http_events.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.hpp"

namespace tessera {
namespace {

/// Of events that wait for a subscriber that takes long; then the oldest go.
constexpr size_t kMostWaiting = 1024;

struct OwnedEvent {
  explicit OwnedEvent(const http::Event& event)
      : kind(event.kind),
        subject(event.subject),
        state(event.state),
        until_ms(event.until_ms),
        mark(event.mark) {}
  http::Event view() const { return {kind, subject, state, until_ms, mark}; }

  http::EventKind kind;
  std::string subject, state;
  int64_t until_ms, mark;
  uint64_t number = 0;
};

struct Slot {
  uint64_t id = 0;
  uint64_t first = 0;                 // of the events that are its
  std::recursive_mutex running;       // held while it is called; it may detach itself
  HttpEvents::Subscriber subscriber;  // guarded by `running`; empty once detached
};

}  // namespace

/// What waits, and the worker's task that empties it. Outlives the client for as long as that runs.
class HttpEvents::Inbox final : public Task, public std::enable_shared_from_this<Inbox> {
 public:
  uint64_t attach(Subscriber subscriber) {
    auto slot = std::make_shared<Slot>();
    slot->subscriber = std::move(subscriber);
    const std::scoped_lock lock(mutex_);
    slot->id = ++last_id_;
    slot->first = next_number_;
    slots_.push_back(std::move(slot));
    return last_id_;
  }

  void detach(uint64_t id) {
    std::shared_ptr<Slot> slot;
    {
      const std::scoped_lock lock(mutex_);
      const auto place = std::ranges::find(slots_, id, [](const auto& other) { return other->id; });
      if (place == slots_.end()) return;
      slot = *place;
      slots_.erase(place);
    }
    Subscriber removed;  // destroyed outside the lock
    const std::scoped_lock lock(slot->running);
    removed.swap(slot->subscriber);
  }

  void add(const http::Event& event) {
    const std::scoped_lock lock(mutex_);
    if (slots_.empty()) return;
    if (waiting_.size() == kMostWaiting) waiting_.pop_front();
    waiting_.emplace_back(event).number = next_number_++;
    if (self_ != nullptr) return;
    self_ = shared_from_this();
    // Without a worker they wait for the next event.
    if (!Executor::submit(*this).ok()) self_ = nullptr;
  }

  void run() noexcept override {
    std::shared_ptr<Inbox> kept;
    for (;;) {
      std::vector<std::shared_ptr<Slot>> slots;
      std::deque<OwnedEvent> events;
      {
        const std::scoped_lock lock(mutex_);
        if (waiting_.empty()) {
          kept = std::exchange(self_, nullptr);
          return;
        }
        slots = slots_;
        events.swap(waiting_);
      }
      for (const OwnedEvent& event : events) {
        for (const auto& slot : slots) give(event, *slot);
      }
    }
  }

 private:
  static void give(const OwnedEvent& event, Slot& slot) {
    if (event.number < slot.first) return;
    const std::scoped_lock lock(slot.running);
    if (!slot.subscriber) return;
    const Subscriber kept = slot.subscriber;  // it may detach itself
    kept(event.view());
  }

  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<std::shared_ptr<Slot>> slots_;
  std::deque<OwnedEvent> waiting_;
  uint64_t last_id_ = 0, next_number_ = 0;
  std::shared_ptr<Inbox> self_;  // while the task waits or runs
};

HttpEvents::HttpEvents() : inbox_(std::make_shared<Inbox>()) {}
HttpEvents::~HttpEvents() = default;

uint64_t HttpEvents::attach(Subscriber subscriber) { return inbox_->attach(std::move(subscriber)); }

void HttpEvents::detach(uint64_t id) {
  // In a forked child nothing runs any more, and locks may be held for ever.
  if (!fork_.in_child()) inbox_->detach(id);
}

void HttpEvents::on_event(const http::Event& event) { inbox_->add(event); }

}  // namespace tessera
