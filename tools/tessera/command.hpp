// What all commands share: registration and their common options.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "exit_code.hpp"
#include "path_check.hpp"

namespace tessera::cli {

/// One run of the tool.
struct Session {
  bool json = false;
  int exit_code = kExitOk;
};

/// Adds a command; `run` executes after its options are read and its files are checked.
template <typename Options>
CLI::App* add_command(CLI::App& app, Session& session, const std::string& name,
                      const std::string& description, std::shared_ptr<Options> options,
                      int (*run)(const Session&, const Options&)) {
  CLI::App* const command = app.add_subcommand(name, description);
  command->footer("");
  command->add_flag("--json", session.json, "Print JSON; errors too");
  command->callback([&session, command, run, options = std::move(options)] {
    check_paths(*command);
    session.exit_code = run(session, *options);
  });
  return command;
}

/// Adds a command that only holds commands.
CLI::App* add_group(CLI::App& app, const std::string& name, const std::string& description);

/// A repeatable option that takes one value at a time.
template <typename T>
CLI::Option* add_list(CLI::App& command, const std::string& name, std::vector<T>& values,
                      const std::string& description) {
  return command.add_option(name, values, description)->allow_extra_args(false);
}

// One per command or small group, each in its own file.
void add_hwid(CLI::App& app, Session& session);
void add_request(CLI::App& app, Session& session);
void add_activate(CLI::App& app, Session& session);
void add_verify(CLI::App& app, Session& session);
void add_deactivate(CLI::App& app, Session& session);
void add_inspect(CLI::App& app, Session& session);
void add_keygen(CLI::App& app, Session& session);
void add_keyset(CLI::App& app, Session& session);
void add_issue(CLI::App& app, Session& session);
void add_crl(CLI::App& app, Session& session);
void add_store(CLI::App& app, Session& session);
void add_version(CLI::App& app, Session& session);
void add_completion(CLI::App& app, Session& session);
void add_man(CLI::App& app, Session& session);

}  // namespace tessera::cli
