// Log port: structured records to a sink of the application. The library itself never prints.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/fork_guard.hpp"

namespace tessera {

enum class LogLevel : int32_t { kTrace = 0, kDebug = 1, kInfo = 2, kWarn = 3, kError = 4, kOff = 5 };

struct LogField {
  std::string_view key;
  std::string value;
};

struct LogRecord {
  LogLevel level;
  std::string_view area;     // "license", "hwid", ...
  std::string_view event;    // stable snake_case name: "import_refused"
  std::string_view message;  // one sentence, redacted
  std::string fields_json;   // JSON object of the redacted fields
};

using LogSink = std::function<void(const LogRecord&)>;

/// Hands records to the attached sinks. One per handle tree; safe from any thread; calls sinks outside its
/// lock.
class Logger {
 public:
  Logger();
  ~Logger();
  /// Sinks may run on several threads at once. What a sink logs or throws itself is dropped.
  uint64_t attach(LogLevel least, LogSink sink);
  /// Waits for running calls of the sink, except from inside that sink. In a forked child nothing runs any
  /// more, and locks may be held for ever: there the sink stays until the logger goes, which waits for none.
  void detach(uint64_t id);
  void write(LogLevel level, std::string_view area, std::string_view event, std::string_view message,
             std::initializer_list<LogField> fields = {}) const;

 private:
  struct Slot;
  const ForkGuard fork_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Slot>> slots_;
  uint64_t next_id_ = 1;
};

/// Replaces what looks like a secret: values of keys such as "token" or "key", compact JWS, PEM blocks, long
/// base64url or hex runs, MAC addresses and UUIDs.
std::string redact(std::string_view key, std::string_view value);

}  // namespace tessera
