// Crockford's base 32: what people type and read aloud.
#pragma once

#include <cstddef>
#include <string_view>

namespace tessera {

inline constexpr std::string_view kCrockfordSymbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 0..31 as people mean it: either case, O for 0, I and L for 1; -1 for anything else.
constexpr int crockford_value(char typed) {
  char symbol = typed >= 'a' && typed <= 'z' ? static_cast<char>(typed - 'a' + 'A') : typed;
  if (symbol == 'O') symbol = '0';
  if (symbol == 'I' || symbol == 'L') symbol = '1';
  const size_t found = kCrockfordSymbols.find(symbol);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

/// What may stand between symbols for the eye.
constexpr bool is_crockford_space(char c) {
  return c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace tessera
