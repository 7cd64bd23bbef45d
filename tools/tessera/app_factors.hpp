// Hardware identifiers that only the application knows, from its configuration.
#pragma once

#include <tessera/tessera.hpp>
#include <vector>

#include "console.hpp"

namespace tessera::cli {

/// "app_factors" of a configuration; an activation request and a device slot are made of them too.
std::vector<AppFactor> app_factors(const Json& config);

}  // namespace tessera::cli
