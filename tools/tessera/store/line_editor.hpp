// Lines that a person types, with editing and history.
#pragma once

#include <histedit.h>

#include <memory>
#include <optional>
#include <string>

#include "store/keyboard.hpp"
#include "store/lines.hpp"

namespace tessera::cli {

/// At a terminal, over libedit. Ctrl-C throws the line away.
class LineEditor : public Lines {
 public:
  LineEditor();

  Event read(const std::string& prompt, std::string* line) override;
  void remember(const std::string& statement) override;

  /// Of the line that is read now.
  const Keyboard& keyboard() const { return *keyboard_; }

 private:
  Event read_line(std::string* line);
  static char* prompt_of(EditLine* editor);

  std::unique_ptr<EditLine, decltype(&::el_end)> editor_;
  std::unique_ptr<History, decltype(&::history_end)> history_;
  std::string prompt_;
  std::optional<Keyboard> keyboard_;
};

}  // namespace tessera::cli
