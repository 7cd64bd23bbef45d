// The look of --help.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tessera::cli {

/// "--kind node|floating|site|user" instead of the parser's inner view of an option.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace tessera::cli
