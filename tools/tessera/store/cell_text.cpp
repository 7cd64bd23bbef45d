#include "store/cell_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cwchar>
#include <span>

namespace tessera::cli {
namespace {

using Bytes = std::span<const std::byte>;

std::string real_text(double value) {
  std::array<char, 40> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), end);
  const bool looks_whole = text.find_first_not_of("-0123456789") == std::string::npos;
  return looks_whole ? text + ".0" : text;
}

std::string hex_text(Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "x'";
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<size_t>(byte >> 4)];
    text += kDigits[std::to_integer<size_t>(byte & std::byte{0xF})];
  }
  return text + '\'';
}

std::string base64(Bytes bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr size_t kGroup = 3;
  std::string text;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(kGroup, bytes.size()))) {
    unsigned bits = 0;
    for (size_t index = 0; index < kGroup; ++index)
      bits = bits << 8U | (index < bytes.size() ? std::to_integer<unsigned>(bytes[index]) : 0U);
    for (size_t digit = 0; digit < 4; ++digit)
      text += digit <= bytes.size() ? kDigits[(bits >> (18 - 6 * digit)) & 0x3FU] : '=';
  }
  return text;
}

struct Letter {
  wchar_t code;
  size_t bytes;
};

/// The first letter of UTF-8; a byte that begins none stands for itself.
Letter decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes == 1 || bytes > text.size()) return {static_cast<wchar_t>(lead), 1};
  unsigned code = lead & (0xFFU >> (bytes + 1));
  for (size_t index = 1; index < bytes; ++index)
    code = code << 6U | (static_cast<unsigned char>(text[index]) & 0x3FU);
  return {static_cast<wchar_t>(code), bytes};
}

}  // namespace

std::string cell_text(const Value& value) {
  switch (value.type()) {
    case ValueType::kNull:
      return "NULL";
    case ValueType::kInteger:
      return std::to_string(value.get<std::int64_t>());
    case ValueType::kReal:
      return real_text(value.get<double>());
    case ValueType::kBool:
      return value.get<bool>() ? "true" : "false";
    case ValueType::kText:
    case ValueType::kJson:
      return value.get<std::string>();
    case ValueType::kBlob:
      break;
  }
  return hex_text(value.get<Bytes>());
}

std::string cell_in_line(const Value& value) {
  constexpr size_t kShownBytes = 16;
  if (value.type() == ValueType::kBlob) {
    const auto bytes = value.get<Bytes>();
    if (bytes.size() > kShownBytes)
      return hex_text(bytes.first(kShownBytes)) + "... (" + std::to_string(bytes.size()) + " bytes)";
  }
  std::string out;
  for (const char c : cell_text(value)) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return printable(out);
}

Json cell_json(const Value& value) {
  switch (value.type()) {
    case ValueType::kNull:
      return nullptr;
    case ValueType::kInteger:
      return value.get<std::int64_t>();
    case ValueType::kReal:
      return value.get<double>();
    case ValueType::kBool:
      return value.get<bool>();
    case ValueType::kText:
    case ValueType::kJson:
      return value.get<std::string>();
    case ValueType::kBlob:
      break;
  }
  return Json{{"$blob", base64(value.get<Bytes>())}};
}

std::size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Letter letter = decode(text);
    text.remove_prefix(letter.bytes);
    const int columns = ::wcwidth(letter.code);
    width += columns < 0 ? 1 : static_cast<size_t>(columns);
  }
  return width;
}

}  // namespace tessera::cli
