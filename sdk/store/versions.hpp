// Versions of the database engine, as it runs.
#pragma once

#include <string>
#include <string_view>

namespace tessera::store {

/// "3.46.1". Static.
std::string_view sqlite_version();
/// "4.6.1 community"; empty when the engine does not say so.
std::string cipher_version();

}  // namespace tessera::store
