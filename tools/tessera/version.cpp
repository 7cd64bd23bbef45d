#include <tessera/tessera.hpp>

#include "command.hpp"
#include "console.hpp"

namespace tessera::cli {
namespace {

struct NoOptions {};

int run(const Session& session, const NoOptions&) {
  check_abi();
  if (session.json) {
    Json areas = Json::array();
    if (has_feature(Feature::kHwid)) areas.push_back("hwid");
    if (has_feature(Feature::kLicense)) areas.push_back("license");
    print_json({{"version", version()},
                {"abi", {{"major", TSR_ABI_MAJOR}, {"minor", TSR_ABI_MINOR}}},
                {"areas", areas}});
    return kExitOk;
  }
  print("tessera " + std::string(version()) + '\n');
  return kExitOk;
}

}  // namespace

void add_version(CLI::App& app, Session& session) {
  add_command(app, session, "version", "Show the version of the library in use",
              std::make_shared<NoOptions>(), run);
}

}  // namespace tessera::cli
