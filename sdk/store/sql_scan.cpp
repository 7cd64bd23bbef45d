#include "store/sql_scan.hpp"

#include <algorithm>
#include <utility>

#include "text/utf8.hpp"

namespace tessera::store {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// SQLite's IdChar: what continues a name, a number or a parameter.
bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  SqlScan scan() && {
    while (place_ < sql_.size()) next();
    scan_.is_balanced = is_balanced_ && depth_ == 0;
    return std::move(scan_);
  }

 private:
  char at(size_t place) const { return place < sql_.size() ? sql_[place] : '\0'; }

  void next() {
    const char c = sql_[place_];
    if (is_space(c)) {
      ++place_;
    } else if (c == '-' && at(place_ + 1) == '-') {
      place_ = std::min(sql_.find('\n', place_), sql_.size());
    } else if (c == '/' && at(place_ + 1) == '*') {
      const size_t end = sql_.find("*/", place_ + 2);
      place_ = end == std::string_view::npos ? sql_.size() : end + 2;
    } else if (sql_.substr(place_).starts_with("\xEF\xBB\xBF")) {
      place_ += 3;  // a byte-order mark is space to SQLite
    } else if (c == '\'') {
      quoted(c, SqlToken::Kind::kString);
    } else if (c == '"' || c == '`' || c == '[') {
      quoted(c == '[' ? ']' : c, SqlToken::Kind::kQuoted);
    } else if ((c == 'x' || c == 'X') && at(place_ + 1) == '\'') {
      const size_t end = sql_.find('\'', place_ + 2);
      if (end == std::string_view::npos) is_balanced_ = false;
      add_other(end == std::string_view::npos ? sql_.size() : end + 1);
    } else if (is_digit(c) || (c == '.' && is_digit(at(place_ + 1)))) {
      size_t end = place_;
      while (is_name_char(at(end)) || at(end) == '.') ++end;
      add_other(end);
    } else if (c == '?' || c == '$' || c == '@' || c == ':' || c == '#') {
      add_other(end_of_parameter());
    } else if (is_name_char(c)) {
      size_t end = place_;
      while (is_name_char(at(end))) ++end;
      add(SqlToken::Kind::kWord, end, sql_.substr(place_, end - place_));
    } else {
      sign(c);
    }
  }

  /// $name, also with the "::part" and "(anything)" of Tcl, which may hold quotes.
  size_t end_of_parameter() const {
    size_t end = place_ + 1;
    if (sql_[place_] == '?') {
      while (is_digit(at(end))) ++end;
      return end;
    }
    bool is_named = false;
    for (; end < sql_.size(); ++end) {
      const char c = sql_[end];
      if (is_name_char(c)) {
        is_named = true;
      } else if (c == '(' && is_named) {
        do ++end;
        while (end < sql_.size() && !is_space(sql_[end]) && sql_[end] != ')');
        return std::min(end + 1, sql_.size());
      } else if (c == ':' && at(end + 1) == ':') {
        ++end;
      } else {
        break;
      }
    }
    return end;
  }

  void quoted(char closing, SqlToken::Kind kind) {
    std::string name;
    for (size_t i = place_ + 1; i < sql_.size(); ++i) {
      if (sql_[i] != closing) {
        name += sql_[i];
      } else if (closing != ']' && at(i + 1) == closing) {
        name += closing;
        ++i;
      } else {
        return add(kind, i + 1, std::move(name));
      }
    }
    is_balanced_ = false;
    place_ = sql_.size();
  }

  void sign(char c) {
    if (c == ')' && --depth_ < 0) is_balanced_ = false;
    if (c == ';' && std::exchange(depth_, 0) != 0) is_balanced_ = false;
    add_other(place_ + 1);
    if (c == '(') ++depth_;
  }

  void add_other(size_t end) { add(SqlToken::Kind::kOther, end, sql_.substr(place_, end - place_)); }
  void add(SqlToken::Kind kind, size_t end, std::string_view name) {
    scan_.tokens.push_back({kind, place_, end, depth_, to_lower_ascii(name)});
    place_ = end;
  }

  const std::string_view sql_;
  size_t place_ = 0;
  int depth_ = 0;
  bool is_balanced_ = true;
  SqlScan scan_;
};

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    result += c;
    if (c == quote) result += c;
  }
  return result += quote;
}

}  // namespace

SqlScan scan_sql(std::string_view sql) { return Scanner(sql).scan(); }
std::string quoted_name(std::string_view name) { return quoted(name, '"'); }
std::string quoted_text(std::string_view text) { return quoted(text, '\''); }

}  // namespace tessera::store
