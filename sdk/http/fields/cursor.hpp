// The characters of field values (RFC 9110 section 5.6), and a cursor over one of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_alpha(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
constexpr bool is_token_char(char c) { return is_digit(c) || is_alpha(c) || is_one_of(c, "!#$%&'*+-.^_`|~"); }
bool is_token(std::string_view text);

/// Decimal digits and nothing else; what is above `most` becomes `most`.
std::optional<int64_t> parse_digits(std::string_view text, int64_t most);

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  bool next_is(char c) const { return rest_.starts_with(c); }
  bool take(char c);
  /// The next `count` characters, or the rest when there are fewer.
  std::string_view take_some(size_t count);
  std::string_view take_while(bool (*wanted)(char));
  void skip_space() {
    take_while([](char c) { return c == ' ' || c == '\t'; });
  }
  /// The content of the quoted string that starts here; nothing, and the end, when it is not closed.
  std::optional<std::string> take_quoted();
  /// Up to the next of `stops` that no quoted string holds, or to the end.
  std::string_view take_until(std::string_view stops);

 private:
  std::string_view rest_;
};

/// `name`, `name=value` or `name="value"` with space around either.
struct Parameter {
  std::string_view name;
  std::optional<std::string> value;
};
Parameter split_parameter(std::string_view text);

}  // namespace tessera::http
