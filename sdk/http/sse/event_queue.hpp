// Events between the client's thread, which makes them, and whoever takes them, one at a time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace tessera::http {

/// All of it is UTF-8.
struct ServerEvent {
  std::string type;  // "message" unless the server says otherwise
  std::string data;
  std::string id;                   // the last that came, with this event or before it
  std::optional<int64_t> retry_ms;  // the last that came: how long the server wants its clients to wait
};

class EventQueue {
 public:
  /// Nothing: the stream has ended, and no more events come.
  using Next = Result<std::optional<ServerEvent>>;
  using Done = std::function<void(Next)>;

  /// `on_room` lets who makes events go on after must_wait(). Called by who takes one, without a lock.
  EventQueue(size_t most, std::function<void()> on_room) : most_(most), on_room_(std::move(on_room)) {}

  // Of who makes them. A piece of the network's may make a few more than `most`.
  void push(ServerEvent event);
  /// True: it is full, and `on_room` will be called.
  bool must_wait();
  /// After the events that it holds comes `error`, or the end. The first call counts.
  void end(std::optional<Error> error = std::nullopt);
  bool has_ended();

  // Of who takes them; one call at a time, BUSY for another. STATE once closed.
  /// TIMEOUT after `timeout_ms`; below zero it waits for as long as it takes.
  Next next(int64_t timeout_ms);
  /// `done` is called once, without a lock: before this returns when an event is there, else by the thread
  /// that brings or closes. It may ask for the next one.
  Status next_async(Done done, const void* asker = nullptr);
  /// Ends the next_async() of that asker with CANCELLED, if it still waits.
  void leave(const void* asker);
  /// Ends a call that waits with CANCELLED, and drops what nobody took.
  void close();

 private:
  bool is_ready() const { return is_closed_ || is_ended_ || !events_.empty(); }
  Status enter() const;
  Next take();
  bool make_room();
  void hand_over(std::unique_lock<std::mutex>& lock);

  const size_t most_;
  const std::function<void()> on_room_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<ServerEvent> events_;
  size_t bytes_ = 0;
  bool is_full_ = false;  // and its maker waits
  bool is_ended_ = false, is_closed_ = false;
  std::optional<Error> error_;  // it ended with
  bool is_awaited_ = false;     // by next()
  Done done_;                   // of next_async()
  const void* asker_ = nullptr;
  bool is_handing_over_ = false;
};

}  // namespace tessera::http
