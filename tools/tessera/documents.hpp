// Documents that commands write: one compact JWS a line.
#pragma once

#include <string>
#include <tessera/tessera.hpp>
#include <vector>

#include "command.hpp"
#include "console.hpp"

namespace tessera::cli {

/// Where a document goes.
struct OutputOptions {
  std::string path = "-";
};
void add_output_options(CLI::App& command, OutputOptions& options);

/// Header and claims of each document of a bundle, unverified.
std::vector<Json> inspect_all(std::string_view bundle);

/// Writes a bundle, and with --json its content. `summary` goes to the terminal when the bundle doesn't.
int deliver(const Session& session, const OutputOptions& options, std::string bundle,
            const std::string& summary);

/// The files' documents and then `last`, one a line.
std::string bundle_of(const std::vector<std::string>& paths, const std::string& last);

}  // namespace tessera::cli
