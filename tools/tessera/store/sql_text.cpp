#include "store/sql_text.hpp"

#include <algorithm>

namespace tessera::cli {
namespace {

enum class Kind { kWord, kQuoted, kSemicolon, kOther };

struct Token {
  Kind kind;
  std::string_view text;
};

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// Gives one token after the other, without space and comments.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  std::optional<Token> next() {
    if (!skip()) return std::nullopt;
    const size_t begin = at_;
    const char first = text_[at_];
    if (first == ';') return take(Kind::kSemicolon, begin, begin + 1);
    if (first == '\'' || first == '"' || first == '`') return quoted(begin, first);
    if (first == '[') return quoted(begin, ']');
    if (!is_word(first)) return take(Kind::kOther, begin, begin + 1);
    size_t end = begin;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return take(Kind::kWord, begin, end);
  }

  size_t position() const { return at_; }
  /// Whether a quote or a comment goes on behind the text.
  bool is_open() const { return is_open_; }

 private:
  Token take(Kind kind, size_t begin, size_t end) {
    at_ = end;
    return {kind, text_.substr(begin, end - begin)};
  }

  Token quoted(size_t begin, char close) {
    for (size_t end = begin + 1; end < text_.size(); ++end) {
      if (text_[end] != close) continue;
      const bool is_doubled = close != ']' && end + 1 < text_.size() && text_[end + 1] == close;
      if (!is_doubled) return take(Kind::kQuoted, begin, end + 1);
      ++end;
    }
    is_open_ = true;
    return take(Kind::kQuoted, begin, text_.size());
  }

  bool skip() {
    for (;;) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("--")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (rest.starts_with("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        is_open_ = end == std::string_view::npos;
        at_ = is_open_ ? text_.size() : end + 2;
      } else {
        return !rest.empty();
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  bool is_open_ = false;
};

/// Whether the words so far begin a trigger.
class TriggerStart {
 public:
  bool see(const Token& token) {
    if (decided_) return is_trigger_;
    const std::string word = token.kind == Kind::kWord ? lower(token.text) : "";
    if (count_ == 0 && word == "explain") return false;
    if (count_ == 0 && word != "create") decided_ = true;
    if (count_ > 0 && word != "temp" && word != "temporary") {
      decided_ = true;
      is_trigger_ = word == "trigger";
    }
    ++count_;
    return is_trigger_;
  }

 private:
  int count_ = 0;
  bool decided_ = false;
  bool is_trigger_ = false;
};

}  // namespace

std::optional<size_t> statement_length(std::string_view text) {
  Tokens tokens(text);
  TriggerStart trigger;
  bool is_trigger = false;
  bool after_end = false;
  while (const auto token = tokens.next()) {
    if (token->kind == Kind::kSemicolon && (!is_trigger || after_end)) return tokens.position();
    is_trigger = trigger.see(*token);
    after_end = token->kind == Kind::kWord && lower(token->text) == "end";
  }
  return std::nullopt;
}

bool is_blank_sql(std::string_view text) {
  Tokens tokens(text);
  while (const auto token = tokens.next()) {
    if (token->kind != Kind::kSemicolon) return false;
  }
  return !tokens.is_open();
}

bool has_word(std::string_view text, std::string_view word) {
  Tokens tokens(text);
  while (const auto token = tokens.next()) {
    if (token->kind == Kind::kWord && lower(token->text) == word) return true;
  }
  return false;
}

std::string first_word(std::string_view text) {
  const auto token = Tokens(text).next();
  return token && token->kind == Kind::kWord ? lower(token->text) : "";
}

bool has_quotes(std::string_view text) {
  Tokens tokens(text);
  while (const auto token = tokens.next()) {
    if (token->kind == Kind::kQuoted) return true;
  }
  return false;
}

}  // namespace tessera::cli
