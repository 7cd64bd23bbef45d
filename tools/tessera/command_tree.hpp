// Reads the parser's own description, so that completion and man page can't differ from the tool.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tessera::cli {

/// The commands that users are told of, in order.
std::vector<const CLI::App*> commands_of(const CLI::App& app);

/// The commands that do something, those inside groups too, in order.
std::vector<const CLI::App*> runnable_commands_of(const CLI::App& app);

/// "store init": without the program's name.
std::string full_name_of(const CLI::App& command);

/// "-o" and "--output", short names first.
std::vector<std::string> names_of(const CLI::Option& option);

/// Whether the option is followed by a value.
bool takes_value(const CLI::Option& option);

/// The words that a value may be; empty when it is free.
std::vector<std::string> choices_of(const CLI::Option& option);

/// Whether the value is a file, or "-".
bool is_file(const CLI::Option& option);

/// Whether the value is a file, a folder or a store.
bool is_path(const CLI::Option& option);

/// What stands for the value: "FILE", or the choices "bash|zsh|fish".
std::string placeholder_of(const CLI::Option& option);

}  // namespace tessera::cli
