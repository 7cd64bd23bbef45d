// The configuration of an API client, from JSON. docs/reference/http-config.md is its schema.
#pragma once

#include <string_view>

#include "app/http_secrets.hpp"
#include "base/result.hpp"
#include "http/client/config.hpp"
#include "text/json.hpp"

namespace tessera {

/// ARG with a sentence that names the member which is missing, unknown or malformed, never its value; a
/// secret that nothing in the configuration asks for is one too. Reads the files of certificates that it
/// names.
Result<http::ClientConfig> read_http_config(std::string_view json, const HttpSecrets& secrets);
/// The member of an application's configuration; `gateway` is the base URL unless it has one of its own.
Result<http::ClientConfig> read_app_http(const Json& object, std::string_view gateway,
                                         const HttpSecrets& secrets);

}  // namespace tessera
