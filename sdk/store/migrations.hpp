// Ordered, hashed changes of the application's schema.
#pragma once

#include <span>
#include <vector>

#include "store/core.hpp"

namespace tessera::store {

/// With the writer's turn held.
Result<std::vector<MigrationState>> migrate(Core& core, std::span<const Migration> steps, bool dry_run);

}  // namespace tessera::store
