// Server-sent events (WHATWG HTML section 9.2), taken one at a time: what nobody takes stays with the server.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/fork_guard.hpp"
#include "base/random.hpp"
#include "http/client/client.hpp"
#include "http/sse/config.hpp"
#include "http/sse/event_queue.hpp"

namespace tessera::http {

class EventSource;

struct SsePorts {
  const Clock* clock = nullptr;
  Random* random = nullptr;
};

/// A stream that loses its connection comes back and asks for what follows the last event. It ends with
/// status 204, and with an error that another try would not mend: the client's, a status below 500 (but for
/// 408, 425 and 429) with the detail {"status"}, PROTOCOL for another type than text/event-stream, LIMIT for
/// an event that is too large. Without SseConfig::reconnects it ends with its first body, or whatever came
/// instead.
class EventStream {
 public:
  using Next = EventQueue::Next;
  using Done = EventQueue::Done;

  /// Asks at once. Of the request it sets what a stream needs: no total time and no limit of the body's size,
  /// no cache, Accept. ARG for a URL, header field or `source` that can't be used. `client` outlives the
  /// stream.
  static Result<std::unique_ptr<EventStream>> open(Client& client, Request request, SseConfig config,
                                                   const SsePorts& ports);
  /// Closes it.
  ~EventStream();

  /// The next event, or nothing at the end. TIMEOUT once `timeout_ms` passed, below zero: never; CANCELLED
  /// when it is closed meanwhile; STATE when it was before, or on the client's own thread; BUSY beside
  /// another call that waits. An error that ended the stream comes again with each call.
  Next next(int64_t timeout_ms);
  /// The same without waiting: `done` is called once, before this returns when an event is there, else on the
  /// client's thread or that of close(). It may call next_async(), and may destroy the stream.
  Status next_async(Done done, const void* asker = nullptr);
  /// From any thread: ends the next_async() of that asker with CANCELLED, if it still waits. No event is
  /// lost.
  void leave(const void* asker);
  /// From any thread, any number of times. Drops what nobody took.
  void close();

 private:
  explicit EventStream(std::shared_ptr<EventSource> source) : source_(std::move(source)) {}

  std::shared_ptr<EventSource> source_;
  ForkGuard fork_;
};

}  // namespace tessera::http
