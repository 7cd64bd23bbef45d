// UTF-8 validation (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF) and ASCII helpers.
#pragma once

#include <string>
#include <string_view>

namespace tessera {

bool is_utf8(std::string_view text);
/// Without leading and trailing ASCII white space (space, tab, CR, LF).
std::string_view trim_ascii(std::string_view text);
std::string to_lower_ascii(std::string_view text);

}  // namespace tessera
