// What a page says about the next one. All of it comes from outside.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/fields/headers.hpp"
#include "http/fields/url.hpp"
#include "text/json.hpp"

namespace tessera::http {

constexpr size_t kLongestCursor = size_t{8} << 10;

/// RFC 6901: empty, or segments that each begin with a slash, with ~0 and ~1 for ~ and /.
bool is_json_pointer(std::string_view text);
/// What `pointer` leads to, or null.
const Json* find_at(const Json& document, std::string_view pointer);

// PROTOCOL for what breaks the rules, LIMIT for what is too large. An error's text holds nothing of the page.
/// The target of rel=next in Link as seen from `page`, which must be as safe a place; nothing without one.
Result<std::optional<Url>> next_link(const Headers& headers, const Url& page);
/// The text or integer at `pointer`. Nothing when it is absent, null, "" or false, and for an empty body.
Result<std::optional<std::string>> read_cursor(std::string_view body, std::string_view pointer);
/// Whether the array at `pointer` holds anything; an absent one, null and an empty body do not.
Result<bool> has_items(std::string_view body, std::string_view pointer);

/// `url` with that parameter in its query, instead of any of that name. LIMIT when that is too long.
Result<Url> with_parameter(const Url& url, std::string_view name, std::string_view value);

}  // namespace tessera::http
