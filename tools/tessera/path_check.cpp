#include "path_check.hpp"

#include <filesystem>
#include <tessera/tessera.hpp>

#include "command_tree.hpp"
#include "exit_code.hpp"
#include "files.hpp"
#include "settings.hpp"

namespace tessera::cli {
namespace {

struct Input {
  std::string name;  // of the option or argument
  std::string path;
};

std::vector<Input> inputs_of(const CLI::App& command, const CLI::Option* output) {
  std::vector<Input> inputs;
  for (const CLI::Option* option : command.get_options()) {
    if (option == output || !is_file(*option)) continue;
    const std::string name = option->get_positional() ? option->get_name() : names_of(*option).back();
    for (const std::string& path : option->results()) inputs.push_back({name, path});
    if (name == "--config" && option->empty()) inputs.push_back({"the configuration", kDefaultConfig});
  }
  return inputs;
}

void check_standard_input(const std::vector<Input>& inputs) {
  const auto is_standard = [](const Input& input) { return input.path == kStandardStream; };
  const auto first = std::ranges::find_if(inputs, is_standard);
  if (first == inputs.end()) return;
  const auto second = std::find_if(first + 1, inputs.end(), is_standard);
  if (second == inputs.end()) return;
  throw Failure(kExitUsage,
                first->name + " and " + second->name + " are both standard input, which is read only once",
                "put one of them in a file");
}

bool holds_private_key(const std::string& path) {
  std::string text = read_file(path);
  const bool is_key = text.find("PRIVATE KEY-----") != std::string::npos || Key::try_import_text(text);
  wipe(text);
  return is_key;
}

void check_output(const std::string& path, const std::vector<Input>& inputs) {
  std::error_code ignored;
  if (path == kStandardStream || !std::filesystem::is_regular_file(path, ignored)) return;
  constexpr const char* kNext = "name another file with -o";
  for (const Input& input : inputs) {
    const std::string source = input.path == kStandardStream ? "/dev/stdin" : input.path;
    if (std::filesystem::equivalent(path, source, ignored))
      throw Failure(kExitUsage, path + " is the file of " + input.name + ": the output would replace it",
                    kNext);
  }
  if (holds_private_key(path))
    throw Failure(kExitUsage, path + " holds a private key: the output would replace it", kNext);
}

}  // namespace

void check_paths(const CLI::App& command) {
  const CLI::Option* const output = command.get_option_no_throw("--output");
  const std::vector<Input> inputs = inputs_of(command, output);
  check_standard_input(inputs);
  if (output != nullptr && !output->empty()) check_output(output->results().back(), inputs);
}

}  // namespace tessera::cli
