// Codes of the API client, until it is in the library and they join the list of all.
#pragma once

#include "base/error.hpp"

namespace tessera::http {

inline constexpr auto kNetwork = static_cast<ErrorCode>(20);
inline constexpr auto kUntrusted = static_cast<ErrorCode>(21);
inline constexpr auto kProtocol = static_cast<ErrorCode>(22);
inline constexpr auto kUnavailable = static_cast<ErrorCode>(23);

}  // namespace tessera::http
