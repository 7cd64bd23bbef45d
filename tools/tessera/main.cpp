// tessera: the command line, over the C++ facade.
#include <langinfo.h>

#include <clocale>
#include <tessera/tessera.hpp>

#include "command.hpp"
#include "command_tree.hpp"
#include "console.hpp"
#include "error_report.hpp"
#include "help.hpp"

namespace tessera::cli {
namespace {

std::string footer() {
  std::string text = "Exit codes:\n";
  for (const auto& [code, meaning] : kExitCodes)
    text.append("  ").append(std::to_string(code)).append("  ").append(meaning).append("\n");
  return text + "\n'tessera COMMAND --help' shows the options of a command; 'man tessera' shows all.";
}

/// Before parsing is done, --json is only known by its spelling.
bool asks_for_json(int argc, char** argv) {
  return std::any_of(argv, argv + argc, [](std::string_view argument) { return argument == "--json"; });
}

/// The command that was parsed last, in a group or not.
const CLI::App* parsed_command(const CLI::App* app) {
  const auto parsed = app->get_subcommands();
  return parsed.empty() ? app : parsed_command(parsed.front());
}

/// Letters wider than a column, and what is typed, need the terminal's encoding.
void use_locale() {
  if (std::setlocale(LC_CTYPE, "") == nullptr || std::string_view(nl_langinfo(CODESET)) != "UTF-8")
    std::setlocale(LC_CTYPE, "C.UTF-8");
}

int run(int argc, char** argv) {
  use_locale();
  Session session;
  CLI::App app(
      "Issues, activates and explains licences that are bound to hardware, and cares for encrypted stores",
      "tessera");
  app.footer(footer());
  app.require_subcommand(1);
  app.set_version_flag("--version", "tessera " + std::string(version()), "Show the version");
  app.formatter(std::make_shared<HelpFormatter>());
  for (const auto add :
       {add_hwid, add_request, add_activate, add_verify, add_deactivate, add_inspect, add_keygen, add_keyset,
        add_issue, add_crl, add_store, add_version, add_completion, add_man})
    add(app, session);

  const bool json = asks_for_json(argc, argv);
  try {
    app.parse(argc, argv);
    return session.exit_code;
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    const std::string command = full_name_of(*parsed_command(&app));
    return report_failure(json, kExitUsage, error.what(),
                          "tessera " + command + (command.empty() ? "--help" : " --help"));
  } catch (const Failure& failure) {
    return report_failure(json, failure.exit_code(), failure.what(), failure.next());
  } catch (const Error& error) {
    return report_error(json, error, app.got_subcommand("store") ? Subject::kStore : Subject::kLicense);
  } catch (const Json::exception&) {
    return report_failure(json, kExitUsage, "a value is not UTF-8 text, or of another type than it has to be",
                          "check the options and the JSON files");
  } catch (const std::exception& error) {
    return report_failure(json, kExitFailed, error.what(), "");
  }
}

}  // namespace
}  // namespace tessera::cli

// Only a mistake in the command tree could throw.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) { return tessera::cli::run(argc, argv); }
