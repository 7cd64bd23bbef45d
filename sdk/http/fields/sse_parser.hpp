// An incremental parser of text/event-stream (WHATWG HTML section 9.2).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tessera::http {

/// UTF-8, with U+FFFD for what came malformed; valid during the call.
struct SseEvent {
  std::string_view type;  // "message" unless the server says otherwise
  std::string_view data;
  std::string_view id;  // the last one that came, with this event or before it
};

class SseParser {
 public:
  using OnEvent = std::function<void(const SseEvent&)>;

  /// `most` bytes of one line, and of one event's data.
  explicit SseParser(size_t most = size_t{1} << 20) : most_(most) {}

  /// Calls `on_event` for each event that `bytes` complete; it must not call this parser. LIMIT, then and
  /// until restart(), when a line or an event's data is longer than allowed.
  Status feed(std::string_view bytes, const OnEvent& on_event);

  /// For a new stream: forgets what is not complete, keeps last_event_id() and retry_ms().
  void restart();

  /// What Last-Event-ID says to resume; empty before the first. Without CR, LF and NUL.
  const std::string& last_event_id() const { return last_event_id_; }
  /// The last `retry`, at most a day.
  std::optional<int64_t> retry_ms() const { return retry_ms_; }

 private:
  bool read_line(std::string_view line, const OnEvent& on_event);
  void dispatch(const OnEvent& on_event);
  Status too_large();

  size_t most_;
  bool is_first_line_ = true;
  bool is_after_cr_ = false;
  bool is_too_large_ = false;
  std::string line_;  // the part of a line that came before
  std::string type_, data_;
  std::string id_;  // becomes last_event_id_ with the end of the event
  std::string last_event_id_;
  std::optional<int64_t> retry_ms_;
};

}  // namespace tessera::http
