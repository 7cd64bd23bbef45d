// Unverified view of any compact JWS, for people and tools.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tessera {

/// {"header","claims"} for one document, an array for several lines.
Result<std::string> inspect_documents(std::string_view bundle);

}  // namespace tessera
