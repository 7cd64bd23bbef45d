#include "help.hpp"

#include "command_tree.hpp"

namespace tessera::cli {

HelpFormatter::HelpFormatter() {
  constexpr std::size_t kDescriptionColumn = 38;
  column_width(kDescriptionColumn);
}

std::string HelpFormatter::make_option_name(const CLI::Option* option, bool is_positional) const {
  return is_positional ? option->get_name(true, false) : CLI::detail::join(names_of(*option), ", ");
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  std::string out;
  if (takes_value(*option) && !option->get_positional()) out += " " + placeholder_of(*option);
  if (option->get_required() && !option->get_positional()) out += " (required)";
  if (option->get_positional() && !choices_of(*option).empty()) out += " " + placeholder_of(*option);
  return out;
}

}  // namespace tessera::cli
