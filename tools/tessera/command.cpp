#include "command.hpp"

namespace tessera::cli {

CLI::App* add_group(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* const group = app.add_subcommand(name, description);
  group->footer("'tessera " + name + " COMMAND --help' shows the options of a command.");
  group->require_subcommand(1);
  return group;
}

}  // namespace tessera::cli
