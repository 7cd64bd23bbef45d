#include "command_tree.hpp"

namespace tessera::cli {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<const CLI::App*> runnable_commands_of(const CLI::App& app) {
  std::vector<const CLI::App*> runnable;
  for (const CLI::App* command : commands_of(app)) {
    const auto inside = runnable_commands_of(*command);
    if (inside.empty()) runnable.push_back(command);
    runnable.insert(runnable.end(), inside.begin(), inside.end());
  }
  return runnable;
}

std::string full_name_of(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  if (parent == nullptr) return {};
  const std::string outer = full_name_of(*parent);
  return outer.empty() ? command.get_name() : outer + ' ' + command.get_name();
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> choices_of(const CLI::Option& option) {
  // CLI11 describes a set of choices as "TYPE:{one,two}" and offers no other view of it.
  const std::string type = option.get_type_name();
  const size_t open = type.find('{');
  const size_t close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

bool is_file(const CLI::Option& option) {
  return (option.get_positional() ? option.get_name() : placeholder_of(option)) == "FILE";
}

bool is_path(const CLI::Option& option) {
  if (is_file(option) || placeholder_of(option) == "DIR") return true;
  const std::string& name = option.get_name();
  return option.get_positional() && (name == "PATH" || name == "TARGET" || name == "SOURCE");
}

std::string placeholder_of(const CLI::Option& option) {
  const std::vector<std::string> choices = choices_of(option);
  if (!choices.empty()) return CLI::detail::join(choices, "|");
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

}  // namespace tessera::cli
