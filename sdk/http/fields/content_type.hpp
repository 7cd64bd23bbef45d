// Content-Type (RFC 9110 section 8.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

struct ContentType {
  std::string type;      // "application/json", in lower case
  std::string charset;   // in lower case; empty when it is not said
  std::string boundary;  // of a multipart type; empty when it is not said

  /// application/json, or a type with the suffix +json (RFC 6839).
  bool is_json() const;
};

/// Nothing for what names no media type. Parameters that are malformed or not known are passed over; the
/// first of several counts.
std::optional<ContentType> parse_content_type(std::string_view value);

}  // namespace tessera::http
