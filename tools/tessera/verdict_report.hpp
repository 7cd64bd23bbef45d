// Shows a verdict and says how a command that got it ends.
#pragma once

#include <tessera/tessera.hpp>

#include "command.hpp"
#include "console.hpp"

namespace tessera::cli {

enum class Detail { kGlance, kFull };

/// Documents that were stored: type, number or id of each.
using Stored = std::vector<Json>;

/// kExitOk or kExitNotLicensed. What was stored comes first: it is, also where the licence is not usable.
int report_verdict(const Session& session, const Verdict& verdict, Detail detail, const Stored& stored = {});

/// The command that helps against a code, or "" where only the library's advice does.
std::string_view next_command(LicenseCode code);

}  // namespace tessera::cli
