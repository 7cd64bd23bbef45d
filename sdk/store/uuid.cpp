#include "store/uuid.hpp"

#include <array>

#include "text/hex.hpp"

namespace tessera::store {
namespace {

std::string to_text(std::array<uint8_t, 16> bytes, uint8_t version) {
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | (version << 4));
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string text = hex_encode(bytes);
  for (const size_t place : {8u, 13u, 18u, 23u}) text.insert(place, 1, '-');
  return text;
}

}  // namespace

std::string make_uuid4(Random& random) {
  std::array<uint8_t, 16> bytes;
  random.fill(bytes);
  return to_text(bytes, 4);
}

std::string make_uuid7(Random& random, int64_t wall_ms) {
  std::array<uint8_t, 16> bytes;
  random.fill(bytes);
  for (size_t i = 0; i < 6; ++i)
    bytes[i] = static_cast<uint8_t>(static_cast<uint64_t>(wall_ms) >> (8 * (5 - i)));
  return to_text(bytes, 7);
}

}  // namespace tessera::store
