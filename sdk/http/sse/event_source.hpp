// The connections of one event stream, one after another. Its calls end on the client's thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/client/client.hpp"
#include "http/fields/sse_parser.hpp"
#include "http/sse/backoff.hpp"
#include "http/sse/config.hpp"
#include "http/sse/event_queue.hpp"

namespace tessera::http {

class EventSource final : public Receiver, public std::enable_shared_from_this<EventSource> {
 public:
  /// `target` is for error texts: "GET example.com".
  EventSource(Client& client, Request request, std::string target, SseConfig config, const Clock& clock,
              Random& random);

  Status start() { return connect(0); }
  EventQueue& queue() { return queue_; }
  /// Whether the caller is on the client's thread.
  bool is_own_thread() const { return client_.is_current(); }
  void close();

 private:
  Flow on_head(const Response& head) override;
  bool takes_body() const override { return true; }
  Flow on_body(ByteView piece) override;
  void on_done(Result<Response> response) override;

  Status connect(int64_t delay_ms);
  void resume();
  void keep(const SseEvent& event);
  void judge(const Response& head);
  std::optional<int64_t> wait_asked(const Result<Response>& response) const;

  Client& client_;
  const Request request_;  // of every connection
  const std::string target_;
  const SseConfig config_;
  const Clock& clock_;
  EventQueue queue_;

  // Of the client's thread, and of start() before it.
  SseParser parser_;
  Backoff backoff_;
  bool is_open_ = false;   // the head was that of an event stream
  int64_t opened_ms_ = 0;  // then
  size_t discarded_ = 0;
  std::optional<int64_t> retry_after_ms_;

  std::mutex mutex_;
  // Guarded by mutex_.
  bool is_closed_ = false;
  std::shared_ptr<CallHandle> handle_;
  std::shared_ptr<EventSource> self_;  // while a call runs
};

}  // namespace tessera::http
