#include "store/shell_history.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "exit_code.hpp"
#include "files.hpp"
#include "store/sql_text.hpp"

namespace tessera::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxStatements = 1000;

std::string history_path() {
  const char* const state_home = std::getenv("XDG_STATE_HOME");
  const char* const home = std::getenv("HOME");
  if (state_home != nullptr && *state_home == '/') return std::string(state_home) + "/tessera/shell_history";
  if (home == nullptr || *home != '/') return {};
  return std::string(home) + "/.local/state/tessera/shell_history";
}

}  // namespace

ShellHistory::ShellHistory() : path_(history_path()) {
  std::error_code ignored;
  if (!fs::is_regular_file(path_, ignored)) return;
  try {
    std::istringstream lines(read_file(path_));
    for (std::string line; std::getline(lines, line);) statements_.push_back(line);
  } catch (const Failure&) {
    statements_.clear();
  }
}

ShellHistory::~ShellHistory() {
  if (!is_changed_ || path_.empty()) return;
  std::string text;
  const size_t first = statements_.size() - std::min(statements_.size(), kMaxStatements);
  for (size_t index = first; index < statements_.size(); ++index) text += statements_[index] + '\n';
  try {
    const fs::path folder = fs::path(path_).parent_path();
    if (fs::create_directories(folder)) fs::permissions(folder, fs::perms::owner_all);
    write_private_file(path_, text, Overwrite::kAllow);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it is still a shell
  }
}

void ShellHistory::add(const std::string& statement) {
  if (!is_harmless(statement)) return;
  if (!statements_.empty() && statements_.back() == statement) return;
  statements_.push_back(statement);
  is_changed_ = true;
}

bool ShellHistory::is_harmless(const std::string& statement) {
  const bool has_comment =
      statement.find("--") != std::string::npos || statement.find("/*") != std::string::npos;
  if (has_comment || has_quotes(statement) || statement.find('\n') != std::string::npos) return false;
  const auto is_there = [&statement](const char* word) { return has_word(statement, word); };
  return std::ranges::none_of(
      std::initializer_list<const char*>{"key", "rekey", "passphrase", "password", "secret", "token"},
      is_there);
}

}  // namespace tessera::cli
