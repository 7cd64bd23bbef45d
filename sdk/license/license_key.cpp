#include "license/license_key.hpp"

#include <array>

#include "license/license_code.hpp"
#include "text/crockford.hpp"

namespace tessera {
namespace {

// Of 32 to 36: only a check symbol has them.
constexpr std::string_view kCheckSymbols = "*~$=U";
constexpr size_t kDataSymbols = 24;
constexpr size_t kGroup = 5;
constexpr uint32_t kCheckModulus = 37;

int symbol_value(char typed) {
  if (const int value = crockford_value(typed); value >= 0) return value;
  const size_t found = kCheckSymbols.find(typed == 'u' ? 'U' : typed);
  return found == std::string_view::npos ? -1 : static_cast<int>(kCrockfordSymbols.size() + found);
}

char symbol_of(uint32_t value) {
  return value < kCrockfordSymbols.size() ? kCrockfordSymbols[value]
                                          : kCheckSymbols[value - kCrockfordSymbols.size()];
}

std::string format(const std::array<uint8_t, kDataSymbols>& values) {
  std::string out;
  uint32_t remainder = 0;
  for (size_t i = 0; i < kDataSymbols; ++i) {
    if (i != 0 && i % kGroup == 0) out.push_back('-');
    out.push_back(symbol_of(values[i]));
    remainder = (remainder * 32 + values[i]) % kCheckModulus;
  }
  out.push_back(symbol_of(remainder));
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
    if (is_crockford_space(c)) continue;
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
  if (count != kDataSymbols + 1 || symbol_of(static_cast<uint32_t>(check)) != canonical.back())
    return license_error(LicenseCode::kLICENSE_KEY_INVALID);
  return canonical;
}

}  // namespace tessera
