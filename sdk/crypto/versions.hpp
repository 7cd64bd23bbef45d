// Versions of the libraries behind crypto/, as they run.
#pragma once

#include <string_view>

namespace tessera {

/// "3.0.17". Static.
std::string_view openssl_version();
/// "1.0.18". Static.
std::string_view sodium_version();

}  // namespace tessera
