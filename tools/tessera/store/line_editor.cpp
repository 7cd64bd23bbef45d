#include "store/line_editor.hpp"

#include <cstdio>
#include <cwchar>

namespace tessera::cli {
namespace {

/// Libedit's own reader goes on after a signal.
int read_letter(EditLine* editor, wchar_t* letter) {
  void* self = nullptr;
  ::el_get(editor, EL_CLIENTDATA, &self);
  const Keyboard& keyboard = static_cast<LineEditor*>(self)->keyboard();
  std::mbstate_t state{};
  for (;;) {
    char byte = 0;
    const ssize_t got = keyboard.read(&byte);
    if (got <= 0) return static_cast<int>(got);
    constexpr auto kIncomplete = static_cast<size_t>(-2);
    const size_t taken = std::mbrtowc(letter, &byte, 1, &state);
    if (taken == kIncomplete) continue;
    if (taken > 1) *letter = static_cast<unsigned char>(byte);  // no letter of this locale
    return 1;
  }
}

constexpr int kHistorySize = 1000;

}  // namespace

LineEditor::LineEditor()
    : editor_(::el_init("tessera", stdin, stdout, stderr), &::el_end),
      history_(::history_init(), &::history_end) {
  HistEvent event{};
  ::history(history_.get(), &event, H_SETSIZE, kHistorySize);
  ::history(history_.get(), &event, H_SETUNIQUE, 1);
  EditLine* const editor = editor_.get();
  ::el_set(editor, EL_CLIENTDATA, this);
  ::el_set(editor, EL_PROMPT, &prompt_of);
  ::el_set(editor, EL_EDITOR, "emacs");
  ::el_set(editor, EL_HIST, ::history, history_.get());
  ::el_set(editor, EL_GETCFN, &read_letter);
  ::el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  ::el_source(editor, nullptr);
}

char* LineEditor::prompt_of(EditLine* editor) {
  void* self = nullptr;
  ::el_get(editor, EL_CLIENTDATA, &self);
  return static_cast<LineEditor*>(self)->prompt_.data();
}

Lines::Event LineEditor::read(const std::string& prompt, std::string* line) {
  prompt_ = prompt;
  keyboard_.emplace();
  const Event event = read_line(line);
  keyboard_.reset();
  return event;
}

Lines::Event LineEditor::read_line(std::string* line) {
  ::el_set(editor_.get(), EL_PREP_TERM, 1);  // before the prompt: what is typed then counts
  int length = 0;
  const char* const typed = ::el_gets(editor_.get(), &length);
  if (typed == nullptr || length <= 0) {
    std::fputc('\n', stdout);
    if (!Keyboard::interrupted()) return Event::kEnd;
    ::el_reset(editor_.get());
    return Event::kInterrupted;
  }
  line->assign(typed, static_cast<size_t>(length));
  while (line->ends_with('\n') || line->ends_with('\r')) line->pop_back();
  return Event::kLine;
}

void LineEditor::remember(const std::string& statement) {
  HistEvent event{};
  ::history(history_.get(), &event, H_ENTER, statement.c_str());
}

}  // namespace tessera::cli
