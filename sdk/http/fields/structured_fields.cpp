#include "http/fields/structured_fields.hpp"

#include <algorithm>
#include <optional>

#include "http/fields/cursor.hpp"
#include "text/utf8.hpp"

namespace tessera::http::structured {
namespace {

constexpr size_t kMostIntegerDigits = 15;
constexpr size_t kMostWholeDigits = 12;  // of a decimal

bool is_key_start(char c) { return is_lower(c) || c == '*'; }
bool is_key_char(char c) { return is_key_start(c) || is_digit(c) || is_one_of(c, "_-."); }
bool is_token_start(char c) { return is_alpha(c) || c == '*'; }
bool is_rest_of_token(char c) { return is_token_char(c) || c == ':' || c == '/'; }

/// Value of a digit of base64, or 64.
uint32_t sextet(char c) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const size_t place = kAlphabet.find(c);
  return place == std::string_view::npos ? 64 : static_cast<uint32_t>(place);
}

/// Base64 whose padding and unused bits RFC 9651 tells us not to mind.
std::optional<Bytes> decode_base64(std::string_view text) {
  const size_t digits = std::min(text.find('='), text.size());
  const std::string_view padding = text.substr(digits);
  if (digits % 4 == 1) return std::nullopt;
  if (!padding.empty() && padding != std::string_view("==").substr(digits % 4 == 3)) return std::nullopt;
  if (!padding.empty() && digits % 4 == 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(digits * 3 / 4);
  uint32_t pending = 0;
  unsigned bits = 0;
  for (const char c : text.substr(0, digits)) {
    const uint32_t value = sextet(c);
    if (value == 64) return std::nullopt;
    pending = pending << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<uint8_t>(pending >> bits));
    }
  }
  return bytes;
}

/// Value of a lower-case hexadecimal digit, or 16.
unsigned nibble(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  return c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10) : 16;
}

/// The steps of RFC 9651 section 4.2; each gives nothing where the field is malformed or passes a limit.
class Parser {
 public:
  explicit Parser(std::string_view field) : size_(field.size()), in_(field) {
    in_.take_while([](char c) { return c == ' '; });
  }

  std::optional<List> list() {
    List members;
    while (!in_.at_end()) {
      if (members.size() == kMostMembers) return over_limit();
      auto next = member();
      if (!next) return std::nullopt;
      members.push_back(*std::move(next));
      if (!next_member()) return std::nullopt;
    }
    return members;
  }

  std::optional<Dictionary> dictionary() {
    Dictionary members;
    while (!in_.at_end()) {
      if (members.size() == kMostMembers) return over_limit();
      const auto name = key();
      if (!name) return std::nullopt;
      std::optional<Member> value;
      if (in_.take('=')) {
        value = member();
      } else if (auto given = parameters()) {
        value = Item{BareItem(true), *std::move(given)};
      }
      if (!value) return std::nullopt;
      members.set(*name, *std::move(value));
      if (!next_member()) return std::nullopt;
    }
    return members;
  }

  std::optional<Item> item() {
    auto value = bare_item();
    if (!value) return std::nullopt;
    auto given = parameters();
    if (!given) return std::nullopt;
    return Item{*std::move(value), *std::move(given)};
  }

  template <class Value>
  Result<Value> finish(std::optional<Value> value) {
    in_.take_while([](char c) { return c == ' '; });
    if (value && in_.at_end()) return *std::move(value);
    if (is_over_limit_) {
      return Error{ErrorCode::kLIMIT, "http", "a structured field holds too many members", {}};
    }
    return Error{ErrorCode::kARG,
                 "http",
                 "a structured field is malformed at byte " + std::to_string(size_ - in_.rest().size()),
                 {}};
  }

 private:
  std::nullopt_t over_limit() {
    is_over_limit_ = true;
    return std::nullopt;
  }

  /// Moves to the next member; false for a comma without one, or without a comma.
  bool next_member() {
    in_.skip_space();
    if (in_.at_end()) return true;
    if (!in_.take(',')) return false;
    in_.skip_space();
    return !in_.at_end();
  }

  std::optional<Member> member() {
    if (in_.next_is('(')) return inner_list();
    return item();
  }

  std::optional<InnerList> inner_list() {
    in_.take('(');
    InnerList list;
    while (!in_.at_end()) {
      in_.take_while([](char c) { return c == ' '; });
      if (in_.take(')')) {
        auto given = parameters();
        if (!given) return std::nullopt;
        list.parameters = *std::move(given);
        return list;
      }
      if (list.items.size() == kMostInner) return over_limit();
      auto next = item();
      if (!next) return std::nullopt;
      list.items.push_back(*std::move(next));
      if (!in_.next_is(' ') && !in_.next_is(')')) return std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<Parameters> parameters() {
    Parameters given;
    while (in_.take(';')) {
      in_.take_while([](char c) { return c == ' '; });
      if (given.size() == kMostParameters) return over_limit();
      const auto name = key();
      if (!name) return std::nullopt;
      std::optional<BareItem> value(true);
      if (in_.take('=')) value = bare_item();
      if (!value) return std::nullopt;
      given.set(*name, *std::move(value));
    }
    return given;
  }

  std::optional<std::string_view> key() {
    if (in_.at_end() || !is_key_start(in_.rest().front())) return std::nullopt;
    return in_.take_while(is_key_char);
  }

  std::optional<BareItem> bare_item() {
    if (in_.at_end()) return std::nullopt;
    switch (const char first = in_.rest().front()) {
      case '"':
        return string();
      case ':':
        return byte_sequence();
      case '?':
        return boolean();
      case '@':
        return date();
      case '%':
        return display_string();
      default:
        if (is_token_start(first)) return Token{std::string(in_.take_while(is_rest_of_token))};
        return number();
    }
  }

  std::optional<BareItem> number() {
    const int64_t sign = in_.take('-') ? -1 : 1;
    const std::string_view whole = in_.take_while(is_digit);
    if (whole.empty() || whole.size() > kMostIntegerDigits) return std::nullopt;
    const int64_t value = sign * parse_digits(whole, INT64_MAX).value_or(0);
    if (!in_.next_is('.')) return value;
    if (whole.size() > kMostWholeDigits) return std::nullopt;
    in_.take('.');
    std::string places(in_.take_while(is_digit));
    if (places.empty() || places.size() > 3) return std::nullopt;
    places.resize(3, '0');
    return Decimal{value * 1000 + sign * parse_digits(places, 999).value_or(0)};
  }

  std::optional<BareItem> date() {
    in_.take('@');
    const auto value = number();
    const auto* const seconds = value ? std::get_if<int64_t>(&*value) : nullptr;
    if (seconds == nullptr) return std::nullopt;
    return Date{*seconds};
  }

  std::optional<BareItem> string() {
    in_.take('"');
    std::string text;
    while (!in_.at_end()) {
      if (in_.take('"')) return text;
      const bool is_escaped = in_.take('\\');
      const std::string_view next = in_.take_some(1);
      if (next.empty() || next.front() < ' ' || next.front() > '~') return std::nullopt;
      if (is_escaped && !is_one_of(next.front(), "\"\\")) return std::nullopt;
      text += next;
    }
    return std::nullopt;
  }

  std::optional<BareItem> display_string() {
    in_.take('%');
    if (!in_.take('"')) return std::nullopt;
    std::string text;
    while (!in_.at_end()) {
      if (in_.take('"')) {
        if (!is_utf8(text)) return std::nullopt;
        return DisplayString{std::move(text)};
      }
      const std::string_view next = in_.take_some(1);
      if (next.front() < ' ' || next.front() > '~') return std::nullopt;
      if (next.front() != '%') {
        text += next;
        continue;
      }
      const std::string_view digits = in_.take_some(2);
      if (digits.size() != 2) return std::nullopt;
      const unsigned high = nibble(digits[0]), low = nibble(digits[1]);
      if (high == 16 || low == 16) return std::nullopt;
      text += static_cast<char>(high << 4 | low);
    }
    return std::nullopt;
  }

  std::optional<BareItem> byte_sequence() {
    in_.take(':');
    const std::string_view digits = in_.take_while([](char c) { return c != ':'; });
    if (!in_.take(':')) return std::nullopt;
    auto bytes = decode_base64(digits);
    if (!bytes) return std::nullopt;
    return *std::move(bytes);
  }

  std::optional<BareItem> boolean() {
    in_.take('?');
    if (in_.take('1')) return true;
    if (in_.take('0')) return false;
    return std::nullopt;
  }

  const size_t size_;
  Cursor in_;
  bool is_over_limit_ = false;
};

template <class Value>
Result<Value> parse(std::string_view field, std::optional<Value> (Parser::*step)()) {
  if (field.size() > kLongestField) {
    return Error{ErrorCode::kLIMIT, "http", "a structured field is longer than 64 KiB", {}};
  }
  Parser parser(field);
  return parser.finish((parser.*step)());
}

}  // namespace

Result<Item> parse_item(std::string_view field) { return parse(field, &Parser::item); }
Result<List> parse_list(std::string_view field) { return parse(field, &Parser::list); }
Result<Dictionary> parse_dictionary(std::string_view field) { return parse(field, &Parser::dictionary); }

}  // namespace tessera::http::structured
