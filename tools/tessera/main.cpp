// tessera: the command line, over the C++ facade.
#include <tessera/tessera.hpp>

#include "command.hpp"
#include "console.hpp"
#include "help.hpp"
#include "verdict_report.hpp"

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

int fail(bool json, int exit_code, const std::string& what, std::string_view next, Json particulars) {
  if (json) {
    particulars["text"] = what;
    if (!next.empty()) particulars["next"] = next;
    particulars["exit_code"] = exit_code;
    const Json report{{"error", std::move(particulars)}};
    print_error(report.dump(2, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace) + '\n');
    return exit_code;
  }
  std::string text = "tessera: " + what + '\n';
  if (!next.empty()) text.append("  next: ").append(next).append("\n");
  print_error(printable(text));
  return exit_code;
}

int exit_code_of(const Error& error) {
  if (error.retryable()) return kExitTryAgain;
  if (error.code() == ErrorCode::kLicense) return kExitNotLicensed;
  return error.code() == ErrorCode::kArg ? kExitUsage : kExitFailed;
}

int fail(bool json, const Error& error) {
  const auto license_code = error.license_code();
  Json particulars{{"code", static_cast<std::int32_t>(error.code())},
                   {"name", name(error.code())},
                   {"domain", error.domain()},
                   {"retryable", error.retryable()},
                   {"detail", Json::parse(error.detail())}};
  return fail(json, exit_code_of(error), error.what(), license_code ? next_command(*license_code) : "",
              std::move(particulars));
}

int run(int argc, char** argv) {
  Session session;
  CLI::App app("Issues, activates and explains licences that are bound to hardware", "tessera");
  app.footer(footer());
  app.require_subcommand(1);
  app.set_version_flag("--version", "tessera " + std::string(version()), "Show the version");
  app.formatter(std::make_shared<HelpFormatter>());
  for (const auto add : {add_hwid, add_request, add_activate, add_verify, add_deactivate, add_inspect,
                         add_keygen, add_keyset, add_issue, add_crl, add_version, add_completion, add_man})
    add(app, session);

  const bool json = asks_for_json(argc, argv);
  try {
    app.parse(argc, argv);
    return session.exit_code;
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    const auto parsed = app.get_subcommands();
    const std::string command = parsed.empty() ? "tessera" : "tessera " + parsed.front()->get_name();
    return fail(json, kExitUsage, error.what(), command + " --help", Json::object());
  } catch (const Failure& failure) {
    return fail(json, failure.exit_code(), failure.what(), failure.next(), Json::object());
  } catch (const Error& error) {
    return fail(json, error);
  } catch (const Json::exception&) {
    return fail(json, kExitUsage, "a value is not UTF-8 text, or of another type than it has to be",
                "check the options and the JSON files", Json::object());
  } catch (const std::exception& error) {
    return fail(json, kExitFailed, error.what(), "", Json::object());
  }
}

}  // namespace
}  // namespace tessera::cli

int main(int argc, char** argv) { return tessera::cli::run(argc, argv); }
