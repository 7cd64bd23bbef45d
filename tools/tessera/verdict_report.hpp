// Shows a verdict and says how a command that got it ends.
#pragma once

#include <tessera/tessera.hpp>

#include "command.hpp"

namespace tessera::cli {

enum class Detail { kGlance, kFull };

/// kExitOk or kExitNotLicensed.
int report_verdict(const Session& session, const Verdict& verdict, Detail detail);

/// The command that helps against a code, or "" where only the library's advice does.
std::string_view next_command(LicenseCode code);

}  // namespace tessera::cli
