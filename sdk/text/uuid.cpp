#include "text/uuid.hpp"

#include "text/hex.hpp"

namespace tessera {
namespace {

void stamp(Uuid* uuid, uint8_t version) {
  (*uuid)[6] = static_cast<uint8_t>(((*uuid)[6] & 0x0F) | (version << 4));
  (*uuid)[8] = static_cast<uint8_t>(((*uuid)[8] & 0x3F) | 0x80);
}

}  // namespace

Uuid make_uuid4(Random& random) {
  Uuid uuid;
  random.fill(uuid);
  stamp(&uuid, 4);
  return uuid;
}

Uuid make_uuid7(Random& random, int64_t wall_ms) {
  Uuid uuid;
  random.fill(uuid);
  for (size_t i = 0; i < 6; ++i)
    uuid[i] = static_cast<uint8_t>(static_cast<uint64_t>(wall_ms) >> (8 * (5 - i)));
  stamp(&uuid, 7);
  return uuid;
}

std::string uuid_text(const Uuid& uuid) {
  std::string text = hex_encode(uuid);
  for (const size_t place : {8u, 13u, 18u, 23u}) text.insert(place, 1, '-');
  return text;
}

}  // namespace tessera
