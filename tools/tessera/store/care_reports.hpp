// What a store says about itself; for commands and the shell.
#pragma once

#include <tessera/tessera.hpp>

#include "command.hpp"

namespace tessera::cli {

/// Checks the store and prints what is wrong; gives the exit code.
int report_check(const Session& session, Store& store);

/// Prints sizes and counters.
void report_stats(const Session& session, const Store& store);

}  // namespace tessera::cli
