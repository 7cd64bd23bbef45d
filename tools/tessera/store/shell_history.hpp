// What the shell remembers on the disk.
#pragma once

#include <string>
#include <vector>

namespace tessera::cli {

/// Statements of earlier shells, in a file that only its owner can read. Statements with text, bytes or words
/// of secrets stay out: the store is encrypted, the file is not.
class ShellHistory {
 public:
  /// Reads the file; one that can't be read is empty.
  ShellHistory();
  ShellHistory(const ShellHistory&) = delete;
  ShellHistory& operator=(const ShellHistory&) = delete;
  /// Writes it where it can.
  ~ShellHistory();

  const std::vector<std::string>& statements() const { return statements_; }
  void add(const std::string& statement);

  /// Whether a statement may be written to the disk.
  static bool is_harmless(const std::string& statement);

 private:
  std::string path_;
  std::vector<std::string> statements_;
  bool is_changed_ = false;
};

}  // namespace tessera::cli
