#include "http/transport/versions.hpp"

#include <curl/curl.h>

namespace tessera::http {

std::string_view curl_version_number() { return curl_version_info(CURLVERSION_NOW)->version; }

}  // namespace tessera::http
