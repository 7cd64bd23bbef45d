#include "http/fields/sse_parser.hpp"

#include <algorithm>

#include "base/utf8_sequence.hpp"
#include "http/fields/cursor.hpp"
#include "http/fields/retry_after.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// How much of the malformed sequence at `text[at]` one replacement stands for: as long as it could still
/// have become a character.
size_t broken_sequence(std::string_view text, size_t at) {
  for (const size_t length : {size_t{3}, size_t{2}}) {
    std::string completed(text.substr(at, length));
    if (completed.size() != length) continue;
    completed.resize(4, '\x80');
    if (utf8_sequence(completed, 0) > length) return length;
  }
  return 1;
}

/// Lines end with ASCII, so that decoding each alone is decoding the stream.
void append_decoded(std::string_view text, std::string* out) {
  if (is_utf8(text)) {
    *out += text;
    return;
  }
  for (size_t at = 0; at < text.size();) {
    if (const size_t length = utf8_sequence(text, at); length != 0) {
      *out += text.substr(at, length);
      at += length;
    } else {
      *out += kReplacement;
      at += broken_sequence(text, at);
    }
  }
}

}  // namespace

Status SseParser::feed(std::string_view bytes, const OnEvent& on_event) {
  if (is_too_large_) return too_large();
  while (!bytes.empty()) {
    if (is_after_cr_) {
      is_after_cr_ = false;
      if (bytes.front() == '\n') bytes.remove_prefix(1);
      continue;
    }
    const auto end = std::ranges::find_if(bytes, [](char c) { return c == '\n' || c == '\r'; });
    const std::string_view part = bytes.substr(0, static_cast<size_t>(end - bytes.begin()));
    if (part.size() > most_ - line_.size()) return too_large();
    if (end == bytes.end()) {
      line_ += part;
      return {};
    }
    is_after_cr_ = *end == '\r';
    bytes.remove_prefix(part.size() + 1);
    bool is_read = false;
    if (line_.empty()) {
      is_read = read_line(part, on_event);
    } else {
      line_ += part;
      is_read = read_line(line_, on_event);
      line_.clear();
    }
    if (!is_read) return too_large();
  }
  return {};
}

void SseParser::restart() {
  is_first_line_ = true;
  is_after_cr_ = is_too_large_ = false;
  line_.clear();
  type_.clear();
  data_.clear();
  id_ = last_event_id_;
}

bool SseParser::read_line(std::string_view line, const OnEvent& on_event) {
  if (is_first_line_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  is_first_line_ = false;
  if (line.empty()) {
    dispatch(on_event);
    return true;
  }
  const size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    append_decoded(value, &data_);
    data_ += '\n';
    return data_.size() - 1 <= most_;
  }
  if (field == "event") {
    type_.clear();
    append_decoded(value, &type_);
  } else if (field == "id") {
    if (value.find('\0') != std::string_view::npos) return true;
    id_.clear();
    append_decoded(value, &id_);
  } else if (field == "retry") {
    if (const auto time = parse_digits(value, kLongestWaitMs)) retry_ms_ = time;
  }
  return true;
}

void SseParser::dispatch(const OnEvent& on_event) {
  last_event_id_ = id_;
  if (!data_.empty()) {
    const std::string_view data = std::string_view(data_).substr(0, data_.size() - 1);
    on_event({type_.empty() ? "message" : std::string_view(type_), data, last_event_id_});
  }
  data_.clear();
  type_.clear();
}

Status SseParser::too_large() {
  is_too_large_ = true;
  return Error{ErrorCode::kLIMIT,
               "http",
               "an event stream holds a line or an event of more than " + std::to_string(most_) +
                   " bytes; raise the limit or reconnect",
               {}};
}

}  // namespace tessera::http
