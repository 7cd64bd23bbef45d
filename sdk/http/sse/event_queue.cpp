#include "http/sse/event_queue.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tessera::http {
namespace {

/// Beside the number of events: a few of the largest are enough to wait for.
constexpr size_t kMostBytes = size_t{1} << 20;
constexpr int64_t kYearMs = int64_t{365} * 24 * 3600 * 1000;

size_t size_of(const ServerEvent& event) {
  return sizeof(ServerEvent) + event.type.size() + event.data.size() + event.id.size();
}

Error error(ErrorCode code, std::string text) { return {code, "http", std::move(text), {}}; }

}  // namespace

void EventQueue::push(ServerEvent event) {
  std::unique_lock lock(mutex_);
  if (is_closed_ || is_ended_) return;
  bytes_ += size_of(event);
  events_.push_back(std::move(event));
  changed_.notify_all();
  hand_over(lock);
}

bool EventQueue::must_wait() {
  const std::scoped_lock lock(mutex_);
  if (is_closed_ || (events_.size() < most_ && bytes_ < kMostBytes)) return false;
  is_full_ = true;
  return true;
}

void EventQueue::end(std::optional<Error> error) {
  std::unique_lock lock(mutex_);
  if (is_closed_ || is_ended_) return;
  is_ended_ = true;
  error_ = std::move(error);
  changed_.notify_all();
  hand_over(lock);
}

bool EventQueue::has_ended() {
  const std::scoped_lock lock(mutex_);
  return is_closed_ || is_ended_;
}

Status EventQueue::enter() const {
  if (is_closed_) return error(ErrorCode::kSTATE, "the event stream is closed; open another");
  if (is_awaited_ || done_)
    return error(ErrorCode::kBUSY, "the event stream has another call that waits for its next event");
  return {};
}

EventQueue::Next EventQueue::take() {
  if (is_closed_) return error(ErrorCode::kCANCELLED, "the event stream was closed while a call waited");
  if (!events_.empty()) {
    std::optional<ServerEvent> event(std::move(events_.front()));
    bytes_ -= size_of(*event);
    events_.pop_front();
    return event;
  }
  if (error_) return *error_;
  return std::optional<ServerEvent>();
}

/// Half of it, so that its maker is not woken for each event.
bool EventQueue::make_room() {
  if (!is_full_ || events_.size() > most_ / 2 || bytes_ > kMostBytes / 2) return false;
  is_full_ = false;
  return true;
}

EventQueue::Next EventQueue::next(int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  TSR_RETURN_IF_ERROR(enter());
  is_awaited_ = true;
  bool is_there = true;
  if (timeout_ms < 0) {
    changed_.wait(lock, [this] { return is_ready(); });
  } else {
    is_there = changed_.wait_for(lock, std::chrono::milliseconds(std::min(timeout_ms, kYearMs)),
                                 [this] { return is_ready(); });
  }
  is_awaited_ = false;
  if (!is_there) {
    return error(ErrorCode::kTIMEOUT,
                 "no event came within " + std::to_string(timeout_ms) + " ms; the stream goes on, ask again");
  }
  Next next = take();
  const bool has_room = make_room();
  lock.unlock();
  if (has_room) on_room_();
  return next;
}

Status EventQueue::next_async(Done done, const void* asker) {
  std::unique_lock lock(mutex_);
  TSR_RETURN_IF_ERROR(enter());
  done_ = std::move(done);
  asker_ = asker;
  hand_over(lock);
  return {};
}

void EventQueue::leave(const void* asker) {
  Done done;
  {
    const std::scoped_lock lock(mutex_);
    if (done_ && asker_ == asker) done = std::exchange(done_, nullptr);
  }
  if (done) done(error(ErrorCode::kCANCELLED, "the wait for an event was cancelled; the stream goes on"));
}

void EventQueue::close() {
  std::unique_lock lock(mutex_);
  if (is_closed_) return;
  is_closed_ = true;
  events_.clear();
  bytes_ = 0;
  changed_.notify_all();
  hand_over(lock);
}

/// To next_async(). One thread at a time, in a loop: what `done` asks for is served when it has returned.
void EventQueue::hand_over(std::unique_lock<std::mutex>& lock) {
  if (is_handing_over_) return;
  is_handing_over_ = true;
  while (done_ && is_ready()) {
    {
      const Done done = std::exchange(done_, nullptr);
      Next next = take();
      const bool has_room = make_room();
      lock.unlock();
      if (has_room) on_room_();
      done(std::move(next));
    }  // what `done` holds may be the last to hold the stream
    lock.lock();
  }
  is_handing_over_ = false;
}

}  // namespace tessera::http
