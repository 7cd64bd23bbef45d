// What no command may do with the files that its command line names.
#pragma once

#include <CLI/CLI.hpp>

namespace tessera::cli {

/// Throws Failure when standard input would be read twice, or when the output would replace an input or a
/// private key. For a command whose options are read and that has done nothing yet.
void check_paths(const CLI::App& command);

}  // namespace tessera::cli
