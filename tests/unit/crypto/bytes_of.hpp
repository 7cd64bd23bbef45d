// Bytes of the hexadecimal members of vectors.
#pragma once

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "base/bytes.hpp"
#include "text/hex.hpp"

namespace tessera::test {

inline Bytes from_hex(std::string_view text) { return hex_decode(text).value(); }
inline Bytes bytes_of(const nlohmann::json& object, const char* name) {
  return from_hex(object.at(name).get<std::string>());
}

template <size_t kSize>
std::array<uint8_t, kSize> array_of(ByteView bytes) {
  if (bytes.size() != kSize) throw std::invalid_argument("a vector has an unexpected length");
  std::array<uint8_t, kSize> array;
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

inline bool is_valid(const nlohmann::json& vector) { return vector.at("result") == "valid"; }
inline bool every_group(const nlohmann::json& /*group*/) { return true; }

}  // namespace tessera::test
