#include <sstream>

#include "command.hpp"
#include "command_tree.hpp"
#include "console.hpp"

namespace tessera::cli {
namespace {

struct CompletionOptions {
  const CLI::App* app = nullptr;
  std::string shell;
};

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// Inside single quotes of a POSIX-like shell.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? "'\\''" : std::string(1, c));
  return out + '\'';
}

std::string command_names(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : commands_of(app))
    names.append(names.empty() ? "" : " ").append(command->get_name());
  return names;
}

/// The words that come after a command: its options, and what its argument may be.
std::string bash_words(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::Option* option : command.get_options()) {
    const auto more = option->get_positional() ? choices_of(*option) : names_of(*option);
    words.insert(words.end(), more.begin(), more.end());
  }
  return CLI::detail::join(words, " ");
}

/// What a command's words may be, by the option before them.
void write_bash_values(std::ostream& out, const CLI::App& command, const std::string& indent) {
  out << indent << "case $previous in\n";
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional() || !takes_value(*option)) continue;
    out << indent << CLI::detail::join(names_of(*option), "|") << ") words=\""
        << CLI::detail::join(choices_of(*option), " ") << "\" files=" << (is_path(*option) ? "1" : "")
        << " ;;\n";
  }
  out << indent << "*) words=\"" << bash_words(command) << "\" files=1 ;;\n" << indent << "esac\n";
}

/// Sets `words` and `files` for the word at `depth`, after the commands before it.
void write_bash_words(std::ostream& out, const CLI::App& app, size_t depth, const std::string& indent) {
  const bool is_group = !commands_of(app).empty();
  if (!is_group) {
    write_bash_values(out, app, indent);
    return;
  }
  out << indent << "if ((COMP_CWORD == " << depth << ")); then\n"
      << indent << "  words=\"" << bash_words(app) << ' ' << command_names(app) << "\"\n"
      << indent << "else\n"
      << indent << "  case ${COMP_WORDS[" << depth << "]} in\n";
  for (const CLI::App* command : commands_of(app)) {
    out << indent << "  " << command->get_name() << ")\n";
    write_bash_words(out, *command, depth + 1, indent + "    ");
    out << indent << "    ;;\n";
  }
  out << indent << "  esac\n" << indent << "fi\n";
}

std::string bash_script(const CLI::App& app) {
  std::ostringstream out;
  // Bash takes --kdf=low for three words.
  out << "# bash completion for tessera\n"
         "_tessera() {\n"
         "  local words= files= at=$COMP_CWORD\n"
         "  local current=${COMP_WORDS[at]}\n"
         "  if [[ $current == = ]]; then current=; else ((at--)); fi\n"
         "  if [[ ${COMP_WORDS[at]} == = ]]; then ((at--)); fi\n"
         "  local previous=${COMP_WORDS[at]}\n";
  write_bash_words(out, app, 1, "  ");
  out << "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  if [[ $files && $current != -* ]]; then\n"
         "    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$current\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _tessera tessera\n";
  return out.str();
}

/// `position` counts the arguments.
std::string zsh_argument(const CLI::Option& option, int position) {
  const auto choices = choices_of(option);
  const std::string words = choices.empty() ? " " : "(" + CLI::detail::join(choices, " ") + ")";
  const std::string action = is_path(option) ? "_files" : words;
  if (option.get_positional())
    return shell_quoted(std::to_string(position) + ":" + option.get_name() + ":" + action);
  const std::string description = escaped(option.get_description(), "[]\\");
  const std::string value =
      takes_value(option) ? ":" + escaped(placeholder_of(option), ":\\") + ":" + action : "";
  const std::string rest = "[" + description + "]" + value;
  std::string out;
  for (const std::string& name : names_of(option))
    out.append(out.empty() ? "" : " ").append(shell_quoted(std::string("*").append(name).append(rest)));
  return out;
}

/// A function that completes the commands of `app`, behind those of the groups in it.
void write_zsh_function(std::ostream& out, const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : commands_of(app)) {
    if (!commands_of(*command).empty())
      write_zsh_function(out, *command, std::string(name).append("_").append(command->get_name()));
  }
  out << name
      << "() {\n"
         "  local context state state_descr line\n"
         "  typeset -A opt_args\n"
         "  local -a commands=(\n";
  for (const CLI::App* command : commands_of(app))
    out << "    " << shell_quoted(command->get_name() + ":" + escaped(command->get_description(), ":\\"))
        << "\n";
  out << "  )\n"
         "  _arguments -C '1:command:->command' '*::argument:->argument'\n"
         "  case $state in\n"
         "    command) _describe command commands ;;\n"
         "    argument)\n"
         "      case $words[1] in\n";
  for (const CLI::App* command : commands_of(app)) {
    out << "        " << command->get_name() << ") ";
    if (!commands_of(*command).empty()) {
      out << name << '_' << command->get_name() << " ;;\n";
      continue;
    }
    out << "_arguments";
    int position = 0;
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_positional()) ++position;
      out << " \\\n          " << zsh_argument(*option, position);
    }
    out << " ;;\n";
  }
  out << "      esac ;;\n"
         "  esac\n"
         "}\n";
}

std::string zsh_script(const CLI::App& app) {
  std::ostringstream out;
  out << "#compdef tessera\n";
  write_zsh_function(out, app, "_tessera");
  out << "compdef _tessera tessera\n";
  return out.str();
}

/// What fish has seen when `command` was typed.
std::string fish_condition(const CLI::App& command) {
  const CLI::App& parent = *command.get_parent();
  const std::string seen = "__fish_seen_subcommand_from " + command.get_name();
  return parent.get_parent() == nullptr ? seen : fish_condition(parent) + "; and " + seen;
}

std::string fish_option(const CLI::App& command, const CLI::Option& option) {
  std::string out = "complete -c tessera -n '" + fish_condition(command) + "'";
  for (const std::string& name : option.get_snames()) out += " -s " + name;
  for (const std::string& name : option.get_lnames()) out += " -l " + name;
  const auto choices = choices_of(option);
  if (!choices.empty()) out += " -a '" + CLI::detail::join(choices, " ") + "'";
  if (is_path(option)) out += " -F";
  if (takes_value(option) && !option.get_positional()) out += is_path(option) ? " -r" : " -x";
  return out + " -d " + shell_quoted(option.get_description()) + '\n';
}

/// The commands of `app` are offered where fish has seen `condition`.
std::string fish_commands(const CLI::App& app, const std::string& condition) {
  std::string out;
  for (const CLI::App* command : commands_of(app)) {
    out += "complete -c tessera -n '" + condition + "' -a " + command->get_name() + " -d " +
           shell_quoted(command->get_description()) + '\n';
    const std::string inside = command_names(*command);
    if (!inside.empty()) {
      out += fish_commands(*command,
                           fish_condition(*command) + "; and not __fish_seen_subcommand_from " + inside);
      continue;
    }
    for (const CLI::Option* option : command->get_options()) out += fish_option(*command, *option);
  }
  return out;
}

std::string fish_script(const CLI::App& app) {
  return "# fish completion for tessera\ncomplete -c tessera -f\n" +
         fish_commands(app, "__fish_use_subcommand");
}

int run(const Session& session, const CompletionOptions& options) {
  const std::string script = options.shell == "bash"  ? bash_script(*options.app)
                             : options.shell == "zsh" ? zsh_script(*options.app)
                                                      : fish_script(*options.app);
  if (session.json) {
    print_json({{"shell", options.shell}, {"script", script}});
  } else {
    print(script);
  }
  return kExitOk;
}

}  // namespace

void add_completion(CLI::App& app, Session& session) {
  auto options = std::make_shared<CompletionOptions>();
  options->app = &app;
  CLI::App* const command =
      add_command(app, session, "completion", "Print a shell's completion script", options, run);
  command->add_option("SHELL", options->shell, "Shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace tessera::cli
