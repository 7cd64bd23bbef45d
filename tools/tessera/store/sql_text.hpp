// SQL as text: where statements end and what they hold. Knows quotes and comments, not grammar.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::cli {

/// Length of the first statement of `text` with its semicolon; nothing while it goes on. A trigger ends with
/// "end;".
std::optional<std::size_t> statement_length(std::string_view text);

/// Whether there is nothing but space, comments and semicolons.
bool is_blank_sql(std::string_view text);

/// Whether `word` (lower case) stands in it outside of quotes and comments.
bool has_word(std::string_view text, std::string_view word);

/// The first word, in lower case.
std::string first_word(std::string_view text);

/// Whether it holds text, bytes or a quoted name.
bool has_quotes(std::string_view text);

}  // namespace tessera::cli
