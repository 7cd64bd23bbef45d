// Tells of a run that failed, and says how it ends.
#pragma once

#include <tessera/tessera.hpp>

#include "console.hpp"
#include "exit_code.hpp"

namespace tessera::cli {

/// Writes `what` and the `next` step to standard error, with --json as an object that has `particulars` too.
int report_failure(bool json, int exit_code, const std::string& what, std::string_view next,
                   Json particulars = Json::object());

/// What the command that failed was about.
enum class Subject { kLicense, kStore };

/// The same for an error of the library, with the exit code that it stands for.
int report_error(bool json, const Error& error, Subject subject);

}  // namespace tessera::cli
