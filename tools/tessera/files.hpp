// Files that commands read and write. "-" is standard input or output.
#pragma once

#include <string>
#include <string_view>

namespace tessera::cli {

inline constexpr std::string_view kStandardStream = "-";

/// The whole file; throws Failure when it can't be read or is too large to be one of ours.
std::string read_file(const std::string& path);

/// The same for a file that holds a secret: warns when others can access it.
std::string read_secret_file(const std::string& path);

/// Overwrites memory that held a secret.
void wipe(std::string& text);

/// Replaces the file at once, so that a reader finds the old or the new content; the mode stays. A device,
/// pipe or "-" is written to as it is.
void write_file(const std::string& path, std::string_view text);

enum class Overwrite { kRefuse, kAllow };

/// Writes a file that only its owner can read.
void write_private_file(const std::string& path, std::string_view text, Overwrite overwrite);

}  // namespace tessera::cli
