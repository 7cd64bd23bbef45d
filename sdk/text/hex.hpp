// Lower-case hexadecimal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace tessera {

std::string hex_encode(ByteView bytes);
/// Accepts both cases; nothing when the length is odd or a character is not a hex digit.
std::optional<Bytes> hex_decode(std::string_view text);

}  // namespace tessera
