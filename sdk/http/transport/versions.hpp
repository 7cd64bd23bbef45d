// Version of the library below the transport, as it runs.
#pragma once

#include <string_view>

namespace tessera::http {

/// "7.88.1". Static.
std::string_view curl_version_number();

}  // namespace tessera::http
