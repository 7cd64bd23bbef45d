#include <tessera/tessera.hpp>

#include "app_factors.hpp"
#include "command.hpp"
#include "console.hpp"
#include "settings.hpp"

namespace tessera::cli {
namespace {

struct HwidOptions {
  std::string config;
  bool explain = false;
};

int run(const Session& session, const HwidOptions& options) {
  const Hwid hwid = Hwid::probe({.app_factors = app_factors(read_config(options.config))});
  if (session.json) {
    print_json(Json::parse(hwid.json()));
    return kExitOk;
  }
  std::string text = printable(hwid.explain());
  if (!options.explain) text.erase(std::min(text.find('\n'), text.size()));
  print(text.ends_with('\n') ? text : text + '\n');
  return kExitOk;
}

}  // namespace

void add_hwid(CLI::App& app, Session& session) {
  auto options = std::make_shared<HwidOptions>();
  CLI::App* const command =
      add_command(app, session, "hwid", "Show how well a licence can be bound to this machine", options, run);
  command->add_flag("--explain", options->explain,
                    "Every identifier kind and what was found; never its value");
  add_config_option(*command, options->config);
}

}  // namespace tessera::cli
