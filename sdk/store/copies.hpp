// The page copy that backup and exports share.
#pragma once

#include <string>
#include <vector>

#include "store/copy_check.hpp"

namespace tessera::store {

/// Copies one snapshot of `database` to the empty file `path` under `key`, without a log, and tells its row
/// counts. The meter is set to `passes` times the pages.
Result<std::vector<TableRows>> copy_snapshot(Database& database, const std::string& path,
                                             const DatabaseKey& key, int passes, Meter& meter);

}  // namespace tessera::store
