#include <sstream>

#include "command.hpp"
#include "command_tree.hpp"
#include "console.hpp"

namespace tessera::cli {
namespace {

struct ManOptions {
  const CLI::App* app = nullptr;
  std::string date;
};

/// The same words in lines that mdoc(7) likes.
std::string wrapped(std::string_view text) {
  constexpr size_t kColumns = 72;
  std::string out(text);
  size_t begin = 0;
  for (size_t space = out.find(' '); space != std::string::npos; space = out.find(' ', space + 1)) {
    const size_t next = std::min(out.find(' ', space + 1), out.size());
    if (next - begin <= kColumns) continue;
    out[space] = '\n';
    begin = space + 1;
  }
  return out;
}

/// Text in mdoc(7): no request at a line's start, no escape, no macro.
std::string plain(std::string_view words) {
  const std::string text = wrapped(words);
  std::string out;
  bool is_line_start = true;
  for (const char c : text) {
    if (is_line_start && (c == '.' || c == '\'')) out += "\\&";
    out += c == '\\' ? "\\e" : std::string(1, c);
    is_line_start = c == '\n';
  }
  return out;
}

std::string with_flags(const CLI::Option& option) {
  std::string out;
  for (const std::string& name : names_of(option))
    out.append(out.empty() ? "Fl " : " , Fl ").append(name.substr(1));
  if (takes_value(option)) out += " Ar " + placeholder_of(option);
  return out;
}

void write_command(std::ostream& out, const CLI::App& command) {
  out << ".It Nm Cm " << full_name_of(command);
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      out << " Ar " << (choices_of(*option).empty() ? option->get_name() : placeholder_of(*option));
    } else if (option->get_required()) {
      out << ' ' << with_flags(*option);
    }
  }
  out << "\n" << plain(command.get_description()) << ".\n.Bl -tag -width Ds -compact\n";
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional() || option == command.get_help_ptr()) continue;
    out << ".It " << with_flags(*option) << "\n" << plain(option->get_description()) << ".\n";
  }
  out << ".El\n";
}

std::string man_page(const CLI::App& app, const std::string& date) {
  std::ostringstream out;
  out << ".Dd " << date
      << "\n.Dt TESSERA 1\n.Os\n"
         ".Sh NAME\n.Nm tessera\n.Nd licences bound to hardware, and encrypted stores\n"
         ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n"
         ".Sh DESCRIPTION\n"
      << plain(app.get_description())
      << ".\n.Pp\nEvery command takes\n.Fl -json\nand\n.Fl -help .\nA file named\n.Ql -\n"
         "is standard input or output.\nThe commands are:\n.Bl -tag -width Ds\n";
  for (const CLI::App* command : runnable_commands_of(app)) write_command(out, *command);
  out << ".El\n"
         ".Sh ENVIRONMENT\n.Bl -tag -width TESSERA_CONFIG\n"
         ".It Ev NO_COLOR\nSwitches colour off.\n"
         ".It Ev TESSERA_CONFIG\nPath of the configuration file, unless\n.Fl -config\nnames one.\n"
         ".It Ev XDG_DATA_HOME\nWhere state folders are kept, instead of\n.Pa ~/.local/share .\n"
         ".It Ev XDG_STATE_HOME\nWhere the history of the store's shell is kept, instead of\n.Pa "
         "~/.local/state .\n.El\n"
         ".Sh FILES\n.Bl -tag -width Ds\n"
         ".It Pa tessera.json\nConfiguration, a JSON object, read from the current folder.\n"
         ".It Pa ~/.local/share/tessera/ID\nState of a product's licence.\n"
         ".It Pa ~/.local/state/tessera/shell_history\n"
         "Statements of the store's shell that hold no text and no bytes.\n.El\n"
         ".Sh EXIT STATUS\n.Bl -tag -width Ds\n";
  for (const auto& [code, meaning] : kExitCodes) out << ".It " << code << "\n" << plain(meaning) << ".\n";
  out << ".El\n"
         ".Sh EXAMPLES\nAsk for a licence, import it, and see why it holds:\n.Bd -literal -offset indent\n"
         "tessera request > machine.req\ntessera activate player.lic\ntessera explain\n.Ed\n.Pp\n"
         "Make a store and read it:\n.Bd -literal -offset indent\n"
         "tessera store init app.tdb --recovery-key\ntessera store shell app.tdb\n.Ed\n";
  return out.str();
}

int run(const Session& session, const ManOptions& options) {
  const std::string page = man_page(*options.app, options.date);
  if (session.json) {
    print_json({{"page", page}});
  } else {
    print(page);
  }
  return kExitOk;
}

}  // namespace

void add_man(CLI::App& app, Session& session) {
  auto options = std::make_shared<ManOptions>();
  options->app = &app;
  CLI::App* const command =
      add_command(app, session, "man", "Print the manual page in mdoc(7)", options, run);
  command->add_option("--date", options->date, "Date of the page")->type_name("DATE")->required();
  command->group("");  // for packagers
}

}  // namespace tessera::cli
