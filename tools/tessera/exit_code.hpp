// How a run ends: the exit codes, and the failure that a command throws.
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tessera::cli {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitNotLicensed = 3,
  kExitTryAgain = 4,
};

/// For --help and the man page.
inline constexpr std::array<std::pair<ExitCode, std::string_view>, 5> kExitCodes{{
    {kExitOk, "done; for verify, explain, activate and trial: the licence is usable"},
    {kExitFailed,
     "failed: a file, the data folder, the store or the library; for check: the store is damaged"},
    {kExitUsage, "the command line, the configuration or the SQL is wrong"},
    {kExitNotLicensed, "the licence is not usable, or a document was refused"},
    {kExitTryAgain, "busy or interrupted: the same command may work later"},
}};

/// What this tool itself has to say against a run; failures of the library are tessera::Error.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode exit_code, const std::string& what, std::string next)
      : std::runtime_error(what), exit_code_(exit_code), next_(std::move(next)) {}
  ExitCode exit_code() const { return exit_code_; }
  const std::string& next() const { return next_; }

 private:
  ExitCode exit_code_;
  std::string next_;
};

}  // namespace tessera::cli
