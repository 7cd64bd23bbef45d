// Strict base64url (RFC 4648 section 5): no padding, no white space, unused trailing bits must be zero.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace tessera {

std::string base64url_encode(ByteView bytes);
std::optional<Bytes> base64url_decode(std::string_view text);

}  // namespace tessera
