// Everything that reaches the terminal.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace tessera::cli {

using Json = nlohmann::ordered_json;

enum class Tone { kGood, kWarning, kBad };

/// Text in colour where standard output is a terminal that wants it.
std::string toned(Tone tone, std::string_view text);

/// Replaces control characters but line breaks: a document must not drive the terminal.
std::string printable(std::string_view text);

/// Writes to standard output; throws Failure when it can't take it.
void print(std::string_view text);
void print_json(const Json& json);

/// Writes to standard error.
void print_error(std::string_view text);

/// "2027-01-31 10:00 UTC"
std::string utc_text(int64_t epoch_s);

}  // namespace tessera::cli
