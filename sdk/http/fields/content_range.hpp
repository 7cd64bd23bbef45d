// Content-Range (RFC 9110 section 14.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera::http {

struct ContentRange {
  bool is_unsatisfied = false;  // "*/total", of a 416: then there is no first and last
  int64_t first = 0, last = 0;
  int64_t total = -1;  // -1: "*"
};

/// In bytes. Nothing for other units, for what is malformed, and for what no file can have: a last before the
/// first, or not before the total.
std::optional<ContentRange> parse_content_range(std::string_view value);

}  // namespace tessera::http
