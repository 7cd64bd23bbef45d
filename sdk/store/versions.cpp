#include "store/versions.hpp"

#include <sqlite3.h>

#include "store/connection.hpp"

namespace tessera::store {

std::string_view sqlite_version() { return sqlite3_libversion(); }

std::string cipher_version() {
  const auto memory = Connection::open({}, nullptr);
  if (!memory.ok()) return {};
  const auto version = (*memory)->text("pragma cipher_version");
  return version.ok() ? *version : std::string();
}

}  // namespace tessera::store
