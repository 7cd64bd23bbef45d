#include "text/base64url.hpp"

#include <array>

namespace tessera {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint8_t kInvalid = 0xFF;

constexpr std::array<uint8_t, 256> kValues = [] {
  std::array<uint8_t, 256> values{};
  values.fill(kInvalid);
  for (size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  return values;
}();

}  // namespace

std::string base64url_encode(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t pending = 0;
  unsigned bits = 0;
  for (const uint8_t byte : bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += kAlphabet[(pending >> bits) & 0x3F];
    }
  }
  if (bits > 0) text += kAlphabet[(pending << (6 - bits)) & 0x3F];
  return text;
}

std::optional<Bytes> base64url_decode(std::string_view text) {
  const size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  Bytes bytes(text.size() * 3 / 4);
  const auto value = [&text](size_t at) { return uint32_t{kValues[static_cast<uint8_t>(text[at])]}; };
  uint32_t seen = 0;  // every value ORed together: above 63 when any character was invalid
  size_t from = 0;
  size_t to = 0;
  for (; from + 4 <= text.size(); from += 4, to += 3) {
    const uint32_t a = value(from), b = value(from + 1), c = value(from + 2), d = value(from + 3);
    seen |= a | b | c | d;
    const uint32_t group = a << 18 | b << 12 | c << 6 | d;
    bytes[to] = static_cast<uint8_t>(group >> 16);
    bytes[to + 1] = static_cast<uint8_t>(group >> 8);
    bytes[to + 2] = static_cast<uint8_t>(group);
  }
  if (rest != 0) {
    const uint32_t a = value(from), b = value(from + 1), c = rest == 3 ? value(from + 2) : 0;
    seen |= a | b | c;
    const uint32_t group = a << 18 | b << 12 | c << 6;
    bytes[to] = static_cast<uint8_t>(group >> 16);
    if (rest == 3) bytes[to + 1] = static_cast<uint8_t>(group >> 8);
    const uint32_t unused = rest == 3 ? group & 0xFF : group & 0xFFFF;
    if (unused != 0) return std::nullopt;
  }
  if (seen > 63) return std::nullopt;
  return bytes;
}

}  // namespace tessera
