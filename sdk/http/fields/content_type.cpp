#include "http/fields/content_type.hpp"

#include "http/fields/cursor.hpp"
#include "http/fields/headers.hpp"
#include "text/utf8.hpp"

namespace tessera::http {
namespace {

constexpr size_t kLongestBoundary = 70;  // RFC 2046 section 5.1.1

}  // namespace

bool ContentType::is_json() const { return type == "application/json" || type.ends_with("+json"); }

std::optional<ContentType> parse_content_type(std::string_view value) {
  Cursor in(trim_ascii(value));
  const std::string_view major = in.take_while(is_token_char);
  if (major.empty() || !in.take('/')) return std::nullopt;
  const std::string_view minor = in.take_while(is_token_char);
  in.skip_space();
  if (minor.empty() || (!in.at_end() && !in.next_is(';'))) return std::nullopt;
  ContentType type;
  type.type = to_lower_ascii(major) + '/' + to_lower_ascii(minor);
  while (in.take(';')) {
    Parameter parameter = split_parameter(in.take_until(";"));
    if (!parameter.value) continue;
    if (same_name(parameter.name, "charset") && type.charset.empty() && is_token(*parameter.value)) {
      type.charset = to_lower_ascii(*parameter.value);
    } else if (same_name(parameter.name, "boundary") && type.boundary.empty() &&
               parameter.value->size() <= kLongestBoundary) {
      type.boundary = *std::move(parameter.value);
    }
  }
  return type;
}

}  // namespace tessera::http
