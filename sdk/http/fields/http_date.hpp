// HTTP-date (RFC 9110 section 5.6.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// Unix seconds of one of the three forms, their names in any case; a leap second is the second after it. The
/// weekday only has to be one: it adds nothing to the date. `now_seconds` gives a year of two digits its
/// century: at most fifty years from now.
std::optional<int64_t> parse_http_date(std::string_view text, int64_t now_seconds);

/// "Sun, 06 Nov 1994 08:49:37 GMT"; the first or last second of the years 0 to 9999 for what is outside them.
std::string format_http_date(int64_t seconds);

}  // namespace tessera::http
