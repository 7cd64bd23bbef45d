#include "base/log.hpp"

#include <algorithm>
#include <condition_variable>
#include <thread>

#include "base/utf8_sequence.hpp"

namespace tessera {
namespace {

void append_json_string(std::string_view text, std::string* out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  *out += '"';
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    const auto byte = static_cast<uint8_t>(c);
    const size_t length = utf8_sequence(text, at);
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += c;
    } else if (byte < 0x20) {
      *out += "\\u00";
      *out += kHex[byte >> 4];
      *out += kHex[byte & 0xF];
    } else {
      // Bytes that are no UTF-8, say of a file name, become U+FFFD.
      *out += length > 0 ? text.substr(at, length) : "\xEF\xBF\xBD";
    }
    at += std::max<size_t>(length, 1);
  }
  *out += '"';
}

std::string redacted_json(std::initializer_list<LogField> fields) {
  std::string json = "{";
  for (const LogField& field : fields) {
    if (json.size() > 1) json += ',';
    append_json_string(field.key, &json);
    json += ':';
    append_json_string(redact(field.key, field.value), &json);
  }
  return json += '}';
}

}  // namespace

/// One attached sink and the threads that are inside it now.
struct Logger::Slot {
  const uint64_t id;
  const LogLevel least;
  const LogSink sink;
  std::mutex mutex;
  std::condition_variable left;
  std::vector<std::thread::id> inside;
  bool detached = false;

  Slot(uint64_t slot_id, LogLevel slot_least, LogSink slot_sink)
      : id(slot_id), least(slot_least), sink(std::move(slot_sink)) {}

  bool is_inside() const {
    return std::find(inside.begin(), inside.end(), std::this_thread::get_id()) != inside.end();
  }

  void call(const LogRecord& record) {
    {
      const std::lock_guard lock(mutex);
      // What a sink logs itself does not come back to it.
      if (detached || is_inside()) return;
      inside.push_back(std::this_thread::get_id());
    }
    try {
      sink(record);
    } catch (...) {  // NOLINT(bugprone-empty-catch): a failing sink must not fail the operation that logs
    }
    const std::lock_guard lock(mutex);
    std::erase(inside, std::this_thread::get_id());
    left.notify_all();
  }

  void detach() {
    std::unique_lock lock(mutex);
    detached = true;
    if (!is_inside()) left.wait(lock, [this] { return inside.empty(); });
  }
};

Logger::Logger() = default;

Logger::~Logger() {
  if (fork_.in_child()) return;
  for (const auto& slot : slots_) slot->detach();
}

uint64_t Logger::attach(LogLevel least, LogSink sink) {
  const std::lock_guard lock(mutex_);
  const uint64_t id = next_id_++;
  slots_.push_back(std::make_shared<Slot>(id, least, std::move(sink)));
  return id;
}

void Logger::detach(uint64_t id) {
  if (fork_.in_child()) return;
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(slots_.begin(), slots_.end(), [id](const auto& each) { return each->id == id; });
    if (found == slots_.end()) return;
    slot = *found;
    slots_.erase(found);
  }
  slot->detach();
}

void Logger::write(LogLevel level, std::string_view area, std::string_view event, std::string_view message,
                   std::initializer_list<LogField> fields) const {
  std::vector<std::shared_ptr<Slot>> wanting;
  {
    const std::lock_guard lock(mutex_);
    std::copy_if(slots_.begin(), slots_.end(), std::back_inserter(wanting),
                 [level](const auto& slot) { return slot->least <= level && slot->least != LogLevel::kOff; });
  }
  if (wanting.empty()) return;
  const std::string clean_message = redact({}, message);
  const LogRecord record{level, area, event, clean_message, redacted_json(fields)};
  for (const auto& slot : wanting) slot->call(record);
}

}  // namespace tessera
