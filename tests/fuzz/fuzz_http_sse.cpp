// Event streams. The first byte sets the limit of a line, the second where the stream is cut; however it is
// cut, it holds the same events.
#include <algorithm>

#include "base/bytes.hpp"
#include "http/fields/sse_parser.hpp"
#include "text/utf8.hpp"

namespace {

using namespace tessera;
using http::SseEvent;
using http::SseParser;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

struct Heard {
  std::string text;
  size_t limit;

  void operator()(const SseEvent& event) {
    check(!event.type.empty() && is_utf8(event.type) && is_utf8(event.data) && is_utf8(event.id));
    check(event.data.size() <= limit &&
          event.id.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    check(event.data.find('\r') == std::string::npos);
    for (const std::string_view part : {event.type, event.data, event.id}) {
      text += std::to_string(part.size()) + ':';
      text += part;
    }
  }
};

/// What a stream in pieces of `piece` bytes, the first of `first`, holds; twice, with a new stream between.
std::string hear(std::string_view stream, size_t first, size_t piece, size_t limit) {
  SseParser parser(limit);
  Heard heard{{}, limit};
  for (int round = 0; round < 2; ++round) {
    Status status;
    size_t next = std::min(first, stream.size());
    for (size_t at = 0; at < stream.size() && status; next = piece) {
      status = parser.feed(stream.substr(at, next), std::ref(heard));
      at += std::min(next, stream.size() - at);
    }
    check(status.ok() || status.error().code == ErrorCode::kLIMIT);
    heard.text += status.ok() ? '.' : '!';
    heard.text += parser.last_event_id() + std::to_string(parser.retry_ms().value_or(-1));
    parser.restart();
  }
  return std::move(heard.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view stream = as_text({data + 2, size - 2});
  const size_t limit = data[0];
  const std::string whole = hear(stream, stream.size(), stream.size(), limit);
  check(hear(stream, data[1], stream.size(), limit) == whole);
  check(hear(stream, data[1], 3, limit) == whole);
  check(hear(stream, 1, 1, limit) == whole);
  return 0;
}
