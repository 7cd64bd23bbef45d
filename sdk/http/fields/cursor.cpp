#include "http/fields/cursor.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace tessera::http {

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_char); }

std::optional<int64_t> parse_digits(std::string_view text, int64_t most) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  int64_t value = 0;
  for (const char c : text) {
    const int64_t digit = c - '0';
    if (value > (most - digit) / 10) return most;
    value = value * 10 + digit;
  }
  return value;
}

bool Cursor::take(char c) {
  if (!next_is(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

std::string_view Cursor::take_some(size_t count) {
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(taken.size());
  return taken;
}

std::string_view Cursor::take_while(bool (*wanted)(char)) {
  const auto end = std::ranges::find_if_not(rest_, wanted);
  return take_some(static_cast<size_t>(end - rest_.begin()));
}

std::optional<std::string> Cursor::take_quoted() {
  if (!take('"')) return std::nullopt;
  std::string content;
  while (!at_end()) {
    if (take('"')) return content;
    take('\\');
    content += take_some(1);
  }
  return std::nullopt;
}

std::string_view Cursor::take_until(std::string_view stops) {
  const std::string_view whole = rest_;
  while (!at_end() && !is_one_of(rest_.front(), stops)) {
    if (next_is('"')) {
      take_quoted();
    } else {
      take_some(1);
    }
  }
  return whole.substr(0, whole.size() - rest_.size());
}

Parameter split_parameter(std::string_view text) {
  const size_t equals = text.find('=');
  Parameter parameter{trim_ascii(text.substr(0, equals)), std::nullopt};
  if (equals == std::string_view::npos) return parameter;
  const std::string_view value = trim_ascii(text.substr(equals + 1));
  Cursor in(value);
  parameter.value = in.take_quoted();
  // What is more than one quoted string is no value of either form; the reader of the value will see that.
  if (!parameter.value || !in.at_end()) parameter.value = std::string(value);
  return parameter;
}

}  // namespace tessera::http
