#include "license/license_key.hpp"

#include <array>

#include "license/license_code.hpp"

namespace tessera {
namespace {

// Crockford's alphabet; the last five serve only as check symbols.
constexpr std::string_view kSymbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
constexpr size_t kDataSymbols = 24;
constexpr size_t kGroup = 5;
constexpr uint32_t kCheckModulus = 37;

int symbol_value(char typed) {
  char symbol = typed >= 'a' && typed <= 'z' ? static_cast<char>(typed - 'a' + 'A') : typed;
  if (symbol == 'O') symbol = '0';
  if (symbol == 'I' || symbol == 'L') symbol = '1';
  const size_t found = kSymbols.find(symbol);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

std::string format(const std::array<uint8_t, kDataSymbols>& values) {
  std::string out;
  uint32_t remainder = 0;
  for (size_t i = 0; i < kDataSymbols; ++i) {
    if (i != 0 && i % kGroup == 0) out.push_back('-');
    out.push_back(kSymbols[values[i]]);
    remainder = (remainder * 32 + values[i]) % kCheckModulus;
  }
  out.push_back(kSymbols[remainder]);
  return out;
}

}  // namespace

std::string license_key_generate(Random& random) {
  std::array<uint8_t, kDataSymbols> values{};
  random.fill(values);
  for (uint8_t& value : values) value &= 31;
  return format(values);
}

Result<std::string> license_key_canonical(std::string_view typed) {
  std::array<uint8_t, kDataSymbols> values{};
  size_t count = 0;
  int check = -1;
  for (const char c : typed) {
    if (c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    const int value = symbol_value(c);
    const bool is_data = count < kDataSymbols;
    if (value < 0 || count > kDataSymbols || (is_data && value > 31))
      return license_error(LicenseCode::kLICENSE_KEY_INVALID);
    if (is_data) {
      values[count] = static_cast<uint8_t>(value);
    } else {
      check = value;
    }
    ++count;
  }
  std::string canonical = format(values);
  if (count != kDataSymbols + 1 || kSymbols[static_cast<size_t>(check)] != canonical.back())
    return license_error(LicenseCode::kLICENSE_KEY_INVALID);
  return canonical;
}

}  // namespace tessera
