// "tsr_license": what the licence says, as a table of at most one row that the application's SQL may read.
#pragma once

#include "store/connection.hpp"

namespace tessera::store {

class Core;

Status add_license_view(Connection& connection, Core& core);

}  // namespace tessera::store
