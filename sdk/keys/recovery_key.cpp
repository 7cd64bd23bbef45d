#include "keys/recovery_key.hpp"

#include <algorithm>

#include "keys/failure.hpp"
#include "text/crockford.hpp"

namespace tessera::keys {
namespace {

constexpr size_t kDataSymbols = 32;
constexpr size_t kSymbols = kDataSymbols + 2;
constexpr size_t kGroup = 4;
constexpr size_t kTextBytes = kSymbols + (kSymbols - 1) / kGroup;
// The largest prime below 32^2. No power of 32 up to the 33rd is 1 modulo it, so that every single wrong
// symbol and every swap of two changes the remainder.
constexpr uint32_t kCheckModulus = 1021;

/// The symbols' values in memory that is wiped.
struct Symbols {
  SecretBytes values{kSymbols};

  void set_check() {
    uint32_t remainder = 0;
    for (size_t i = 0; i < kDataSymbols; ++i) remainder = (remainder * 32 + values.view()[i]) % kCheckModulus;
    values.writable()[kDataSymbols] = static_cast<uint8_t>(remainder / 32);
    values.writable()[kDataSymbols + 1] = static_cast<uint8_t>(remainder % 32);
  }
};

Error mistyped(std::string_view why) {
  return failure(
      ErrorCode::kARG,
      "the recovery key " + std::string(why) +
          "; compare it with what was written down: eight groups of four characters and one of two",
      "RECOVERY_KEY_MISTYPED");
}

}  // namespace

SecretBytes recovery_text(const SecretBytes& bits) {
  Symbols symbols;
  for (size_t i = 0; i < kDataSymbols; ++i) {
    const size_t bit = i * 5;
    // Five bits lie within two bytes; the last symbol ends with the last byte.
    const uint32_t high = bits.view()[bit / 8];
    const uint32_t low = bit / 8 + 1 < kRecoveryBytes ? bits.view()[bit / 8 + 1] : 0u;
    symbols.values.writable()[i] = static_cast<uint8_t>(((high << 8 | low) >> (11 - bit % 8)) & 31u);
  }
  symbols.set_check();
  SecretBytes text(kTextBytes);
  size_t next = 0;
  for (size_t i = 0; i < kSymbols; ++i) {
    if (i != 0 && i % kGroup == 0) text.writable()[next++] = '-';
    text.writable()[next++] = static_cast<uint8_t>(kCrockfordSymbols[symbols.values.view()[i]]);
  }
  return text;
}

Result<SecretBytes> parse_recovery_key(std::string_view typed) {
  Symbols symbols;
  size_t count = 0;
  for (const char c : typed) {
    if (is_crockford_space(c)) continue;
    const int value = crockford_value(c);
    if (value < 0) return mistyped("holds a character that no recovery key has");
    if (count == kSymbols) return mistyped("is too long");
    symbols.values.writable()[count++] = static_cast<uint8_t>(value);
  }
  if (count != kSymbols) return mistyped("is too short");
  const Symbols check = [&] {
    Symbols expected;
    std::ranges::copy(symbols.values.view().first(kDataSymbols), expected.values.writable().begin());
    expected.set_check();
    return expected;
  }();
  if (!equal_constant_time(check.values.view(), symbols.values.view()))
    return mistyped("is mistyped: its last two characters don't fit the others");
  SecretBytes bits(kRecoveryBytes);
  for (size_t bit = 0; bit < kRecoveryBytes * 8; ++bit) {
    const uint32_t symbol = symbols.values.view()[bit / 5];
    const uint32_t before = bits.view()[bit / 8];
    bits.writable()[bit / 8] = static_cast<uint8_t>(before << 1 | (symbol >> (4 - bit % 5) & 1u));
  }
  return bits;
}

}  // namespace tessera::keys
