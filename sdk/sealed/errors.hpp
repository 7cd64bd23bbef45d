// The outcomes that sealed files add to the generic codes, as {"reason": ...} in the error's detail.
#pragma once

#include <string>

#include "base/error.hpp"

namespace tessera::sealed {

/// CORRUPT, reason DAMAGED. `what` follows the path: "ends in the middle of a chunk".
Error damaged(const std::string& path, const std::string& what);
/// CRYPTO, reason WRONG_KEY.
Error wrong_key(const std::string& path);
/// UNSUPPORTED, reason NEWER_FORMAT.
Error newer_format(const std::string& path);
/// FORKED; `handle` as in "this file reader".
Error forked(const std::string& handle);
Error failure(const std::string& verb, const std::string& path, int error_number);

}  // namespace tessera::sealed
