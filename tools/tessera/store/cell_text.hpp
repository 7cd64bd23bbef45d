// One cell as text.
#pragma once

#include <string>
#include <string_view>
#include <tessera/tessera.hpp>

#include "console.hpp"

namespace tessera::cli {

/// As SQL writes it, but text without quotes: NULL, 7, 1.5, x'0aff'.
std::string cell_text(const Value& value);

/// The same in one line that can't drive the terminal, long bytes shortened.
std::string cell_in_line(const Value& value);

/// JSON of the same type; bytes are {"$blob": base64}.
Json cell_json(const Value& value);

/// Columns that text takes on a terminal.
std::size_t display_width(std::string_view text);

}  // namespace tessera::cli
