// Secrets that come in when an API client is made; apart, so that a build without one knows them too.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/bytes.hpp"

namespace tessera {

/// By name: "private_key" and "private_key:<match>" are the PEM of a client certificate's key, and
/// "proxy:<host>:<port>" is "user:password" of that proxy. Borrowed.
using HttpSecrets = std::map<std::string, ByteView, std::less<>>;

}  // namespace tessera
