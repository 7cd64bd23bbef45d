#include "store/terminal.hpp"

#include <termios.h>
#include <unistd.h>

#include "console.hpp"
#include "exit_code.hpp"
#include "store/keyboard.hpp"

namespace tessera::cli {
namespace {

/// Hides what is typed.
class Hidden {
 public:
  Hidden() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_hidden_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;
  ~Hidden() {
    if (is_hidden_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  bool works() const { return is_hidden_; }

 private:
  termios before_{};
  bool is_hidden_ = false;
};

/// Byte by byte, so that what follows the line stays unread.
std::string read_line(const Keyboard& keyboard) {
  constexpr size_t kMaxBytes = size_t{1} << 20U;
  std::string line;
  for (;;) {
    char letter = 0;
    const ssize_t got = keyboard.read(&letter);
    if (Keyboard::interrupted()) {
      wipe(line);
      throw Failure(kExitTryAgain, "interrupted", "start the command again");
    }
    if (got <= 0 || letter == '\n' || line.size() == kMaxBytes) return line;
    if (line.size() == line.capacity()) {  // a growing string would leave copies
      std::string larger;
      larger.reserve(2 * line.capacity());
      larger = line;
      wipe(line);
      line.swap(larger);
    }
    line += letter;
  }
}

}  // namespace

bool can_ask() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

std::string ask(const std::string& question) {
  const Keyboard keyboard;
  print_error(printable(question));
  return read_line(keyboard);
}

SecretText ask_secret(const std::string& question) {
  const Keyboard keyboard;  // Ctrl-C must not leave the terminal hidden
  const Hidden hidden;
  if (!hidden.works())
    throw Failure(kExitFailed, "the terminal can't hide what is typed", "put the secret in a file");
  print_error(printable(question));
  SecretText answer(read_line(keyboard));
  print_error("\n");
  return answer;
}

SecretText ask_new_secret(const std::string& what) {
  SecretText first = ask_secret(what + ": ");
  if (first.empty()) throw Failure(kExitUsage, "nothing was typed", "start the command again");
  const SecretText second = ask_secret("The same again: ");
  if (first.view() != second.view())
    throw Failure(kExitUsage, "the two were not the same", "start the command again");
  return first;
}

}  // namespace tessera::cli
