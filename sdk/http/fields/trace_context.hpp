// W3C Trace Context: the traceparent and tracestate fields.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace tessera::http {

struct TraceParent {
  static constexpr uint8_t kSampled = 1;

  std::array<uint8_t, 16> trace_id{};
  std::array<uint8_t, 8> parent_id{};
  uint8_t flags = 0;

  bool is_sampled() const { return (flags & kSampled) != 0; }
  bool operator==(const TraceParent&) const = default;
};

/// As the recommendation says: lower case only, no zero id, nothing more in version 00. Of a later version
/// the first four parts are read; flags that version 00 does not know are dropped.
std::optional<TraceParent> parse_traceparent(std::string_view value);
std::string format_traceparent(const TraceParent& parent);

/// A new trace.
TraceParent new_trace(Random& random, bool is_sampled);
/// A new span of the same trace.
TraceParent child_span(const TraceParent& parent, Random& random);

/// Whether `value`, all its fields joined, may be passed on: at most 32 members, their keys and values well
/// formed, no key twice.
bool is_tracestate(std::string_view value);

}  // namespace tessera::http
