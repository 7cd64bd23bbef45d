#include "http/fields/content_range.hpp"

#include <limits>

#include "http/fields/cursor.hpp"
#include "http/fields/headers.hpp"

namespace tessera::http {
namespace {

/// One that is too large to be exact is none.
std::optional<int64_t> number(std::string_view text) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const auto value = parse_digits(text, kMost);
  return value == kMost ? std::nullopt : value;
}

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view value) {
  Cursor cursor(value);
  if (!same_name(cursor.take_some(5), "bytes") || !cursor.take(' ')) return std::nullopt;
  const std::string_view span = cursor.take_until("/");
  if (!cursor.take('/')) return std::nullopt;
  ContentRange range;
  const bool has_total = cursor.rest() != "*";
  if (has_total) {
    const auto total = number(cursor.rest());
    if (!total) return std::nullopt;
    range.total = *total;
  }
  if (span == "*") {
    range.is_unsatisfied = true;
    return has_total ? std::optional(range) : std::nullopt;
  }
  const size_t dash = span.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = number(span.substr(0, dash)), last = number(span.substr(dash + 1));
  if (!first || !last || *last < *first || (has_total && *last >= range.total)) return std::nullopt;
  range.first = *first;
  range.last = *last;
  return range;
}

}  // namespace tessera::http
